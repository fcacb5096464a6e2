//! KILL. Modern IRC, "KILL message".

use chat_protocol::Message;
use chat_protocol::numeric::ERR_NOPRIVILEGES;

use crate::state::session::Farewell;

use super::context::cut;
use super::{Context, Outcome, Reply};

pub(super) fn kill(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let user = cx.user();
    let (source, is_oper) = {
        let profile = user.profile();
        (profile.source().clone(), profile.modes.oper)
    };
    if !is_oper {
        return Err(Reply::numeric(ERR_NOPRIVILEGES));
    }
    let target = cx.find_user(message.params[0])?;
    let reason = message
        .params
        .get(1)
        .copied()
        .filter(|reason| !reason.is_empty())
        .unwrap_or("No reason given");
    let reason = cut(reason, cx.server.config().limits.reason_bytes_max);
    let text = format!("Killed ({} ({reason}))", cx.client_name());
    let killed = target.profile().source().clone();
    log::info!("{source} killed {killed}: {reason:?}");
    for session in target.sessions().iter() {
        session.end(Farewell::new(&text));
    }
    Ok(())
}
