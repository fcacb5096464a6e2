//! AWAY. Modern IRC, "AWAY message"; IRCv3, "away-notify".

use std::sync::Arc;

use chat_protocol::Message;
use chat_protocol::numeric::{RPL_NOWAWAY, RPL_UNAWAY};

use crate::state::event::EventKind;

use super::context::cut;
use super::{Context, Outcome};

#[expect(clippy::unnecessary_wraps, reason = "every command returns an outcome")]
pub(super) fn away(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let text = message.params.first().filter(|text| !text.is_empty());
    let text: Option<Arc<str>> =
        text.map(|text| cut(text, cx.server.config().limits.away_bytes_max).into());
    let user = cx.user();
    let is_away = text.is_some();
    if user.profile().away != text {
        let event = EventKind::AwayChanged { message: text.clone() };
        cx.server
            .change_profile(cx.origin(&user), event, cx.delivery, |profile| profile.away = text);
    }
    cx.numeric(if is_away { RPL_NOWAWAY } else { RPL_UNAWAY }, &[]);
    Ok(())
}
