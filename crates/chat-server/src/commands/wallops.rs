//! WALLOPS. Modern IRC, "WALLOPS message".

use chat_protocol::Message;
use chat_protocol::numeric::ERR_NEEDMOREPARAMS;

use crate::state::event::EventKind;
use crate::state::privilege::Privilege;

use super::context::cut;
use super::{Context, Outcome, Reply};

/// The most bytes of a text, so that its line stays below 512.
const TEXT_BYTES_MAX: usize = 350;

pub(super) fn wallops(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let user = cx.user();
    cx.requires(Privilege::Wallops)?;
    if message.params[0].is_empty() {
        return Err(Reply::numeric(ERR_NEEDMOREPARAMS).param("WALLOPS"));
    }
    let text = cut(message.params[0], TEXT_BYTES_MAX);
    cx.server.audit(&cx.audit_entry("WALLOPS").with(text))?;
    let event = user.event(cx.server.next_event(), EventKind::Wallops { text: text.to_owned() });
    let mut listening = cx.server.users();
    listening.retain(|target| target.profile().modes.wallops);
    cx.server.show_to_users(&listening, &event, cx.origin(&user), cx.delivery);
    Ok(())
}
