//! VERSION. Modern IRC, "VERSION message".

use chat_protocol::Message;
use chat_protocol::numeric::{RPL_ISUPPORT, RPL_VERSION};

use crate::server::VERSION;

use super::motd::for_this_server;
use super::{Context, Outcome, Reply};

pub(super) fn version(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    for_this_server(cx, message.params.first())?;
    let server = cx.server.clone();
    cx.reply(
        &Reply::numeric(RPL_VERSION)
            .param(VERSION)
            .param(server.name())
            .text(&*server.config.server.network),
    );
    for tokens in &server.isupport {
        let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
        cx.numeric(RPL_ISUPPORT, &tokens);
    }
    Ok(())
}
