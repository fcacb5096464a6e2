//! TIME. Modern IRC, "TIME message".

use chat_protocol::Message;
use chat_protocol::numeric::RPL_TIME;

use crate::render;

use super::{Context, Outcome, Reply};

pub(super) fn time(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    cx.for_this_server(message.params.first())?;
    let now = render::time(cx.server.next_event());
    let reply = Reply::numeric(RPL_TIME).param(cx.server.name()).text(now);
    cx.reply(&reply);
    Ok(())
}
