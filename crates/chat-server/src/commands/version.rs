//! VERSION. Modern IRC, "VERSION message".

use chat_protocol::Message;
use chat_protocol::numeric::{RPL_ISUPPORT, RPL_VERSION};

use crate::server::VERSION;

use super::{Context, Outcome, Reply};

pub(super) fn version(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    cx.for_this_server(message.params.first())?;
    let server = cx.server.clone();
    cx.reply(
        &Reply::numeric(RPL_VERSION)
            .param(VERSION)
            .param(server.name())
            .text(&*server.config().server.network),
    );
    show_isupport(cx);
    Ok(())
}

/// What the server supports, in as many lines as it takes.
pub(super) fn show_isupport(cx: &mut Context<'_>) {
    let lines = cx.server.isupport();
    show_tokens(cx, &lines);
}

/// Lines of tokens, all of them or some that have changed.
pub(super) fn show_tokens(cx: &mut Context<'_>, lines: &[Vec<String>]) {
    for tokens in lines {
        let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
        cx.numeric(RPL_ISUPPORT, &tokens);
    }
}
