//! PING and PONG. Modern IRC, "PING message", "PONG message".

use chat_protocol::Message;
use chat_protocol::numeric::{ERR_NEEDMOREPARAMS, ERR_NOORIGIN};

use super::{Context, Outcome, Reply};

pub(super) fn ping(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let missing = || Reply::numeric(ERR_NEEDMOREPARAMS).param("PING");
    let token = *message.params.first().ok_or_else(missing)?;
    if token.is_empty() {
        return Err(Reply::numeric(ERR_NOORIGIN));
    }
    let server = cx.server.name().to_owned();
    cx.send("PONG", &[&server, token]);
    Ok(())
}

/// That a line came is all there is to it.
#[expect(clippy::unnecessary_wraps, reason = "every command returns an outcome")]
pub(super) fn pong(_: &mut Context<'_>, _: &Message<'_>) -> Outcome {
    Ok(())
}
