//! MOTD. Modern IRC, "MOTD message".

use chat_protocol::Message;
use chat_protocol::numeric::{ERR_NOMOTD, RPL_ENDOFMOTD, RPL_MOTD, RPL_MOTDSTART};

use super::context::cut;
use super::{Context, Outcome, Reply};

/// The most bytes of a line.
const LINE_BYTES_MAX: usize = 400;

pub(super) fn motd(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    cx.for_this_server(message.params.first())?;
    show(cx);
    Ok(())
}

pub(super) fn show(cx: &mut Context<'_>) {
    let server = cx.server.clone();
    if server.config().server.motd.is_empty() {
        return cx.numeric(ERR_NOMOTD, &[]);
    }
    cx.reply(&Reply::numeric(RPL_MOTDSTART).fill(&[server.name()]));
    for line in server.config().server.motd.lines() {
        cx.reply(&Reply::numeric(RPL_MOTD).fill(&[cut(line, LINE_BYTES_MAX)]));
    }
    cx.numeric(RPL_ENDOFMOTD, &[]);
}
