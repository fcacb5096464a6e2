//! INFO. Modern IRC, "INFO message".

use chat_protocol::Message;
use chat_protocol::numeric::{RPL_ENDOFINFO, RPL_INFO};

use crate::server::VERSION;

use super::{Context, Outcome, Reply};

pub(super) fn info(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    cx.for_this_server(message.params.first())?;
    let started = format!("Running since {}.", cx.server.started);
    let lines = [
        VERSION,
        "A chat server in one binary.",
        "Speaks IRC with the IRCv3 extensions.",
        &started,
    ];
    for line in lines {
        cx.reply(&Reply::numeric(RPL_INFO).text(line));
    }
    cx.numeric(RPL_ENDOFINFO, &[]);
    Ok(())
}
