//! ISON. RFC 2812, 4.9.

use chat_protocol::Message;
use chat_protocol::numeric::RPL_ISON;

use super::{Context, Outcome, Reply};

#[expect(clippy::unnecessary_wraps, reason = "every command returns an outcome")]
pub(super) fn ison(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let asked = message.params.iter().flat_map(|param| param.split_ascii_whitespace());
    let online: Vec<String> = asked
        .filter_map(|nickname| cx.server.user(nickname))
        .map(|user| user.nickname().to_string())
        .collect();
    cx.reply(&Reply::numeric(RPL_ISON).text(online.join(" ")));
    Ok(())
}
