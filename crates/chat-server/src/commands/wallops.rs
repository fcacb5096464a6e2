//! WALLOPS. Modern IRC, "WALLOPS message".

use chat_protocol::Message;
use chat_protocol::numeric::{ERR_NEEDMOREPARAMS, ERR_NOPRIVILEGES};

use crate::state::event::EventKind;

use super::context::cut;
use super::{Context, Outcome, Reply};

/// The most bytes of a text, so that its line stays below 512.
const TEXT_BYTES_MAX: usize = 350;

pub(super) fn wallops(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let user = cx.user();
    if !user.profile().modes.oper {
        return Err(Reply::numeric(ERR_NOPRIVILEGES));
    }
    if message.params[0].is_empty() {
        return Err(Reply::numeric(ERR_NEEDMOREPARAMS).param("WALLOPS"));
    }
    let text = cut(message.params[0], TEXT_BYTES_MAX);
    let event = user.event(cx.server.next_event(), EventKind::Wallops { text: text.to_owned() });
    let mut listening = cx.server.users();
    listening.retain(|target| target.profile().modes.wallops);
    cx.server.show_to_users(&listening, &event, cx.origin(&user), cx.delivery);
    Ok(())
}
