//! KILL. Modern IRC, "KILL message".

use chat_protocol::Message;

use crate::state::privilege::Privilege;
use crate::state::session::Farewell;

use super::context::cut;
use super::{Context, Outcome};

pub(super) fn kill(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    cx.requires(Privilege::Kill)?;
    let target = cx.find_user(message.params[0])?;
    let reason = message.params.get(1).copied().filter(|reason| !reason.is_empty());
    let config = cx.server.config();
    let reason = cut(reason.unwrap_or("No reason given"), config.limits.reason_bytes_max);
    let text = format!("Killed ({} ({reason}))", cx.client_name());
    let killed = target.profile().source().clone();
    cx.server.audit(&cx.audit_entry("KILL").on(&killed).because(reason))?;
    log::info!("{} killed {killed}: {reason:?}", cx.user().profile().source());
    let sessions = target.sessions();
    sessions.iter().for_each(|session| session.end(Farewell::new(&text)));
    if sessions.is_empty() {
        cx.server.let_go(&target, &text, cx.delivery);
    }
    Ok(())
}
