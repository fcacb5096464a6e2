//! MOTD. Modern IRC, "MOTD message".

use chat_protocol::Message;
use chat_protocol::numeric::{
    ERR_NOMOTD, ERR_NOSUCHSERVER, RPL_ENDOFMOTD, RPL_MOTD, RPL_MOTDSTART,
};

use super::context::cut;
use super::{Context, Outcome, Reply};

/// The most bytes of a line.
const LINE_BYTES_MAX: usize = 400;

pub(super) fn motd(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    for_this_server(cx, message.params.first())?;
    show(cx);
    Ok(())
}

pub(super) fn show(cx: &mut Context<'_>) {
    let server = cx.server.clone();
    if server.config.server.motd.is_empty() {
        return cx.numeric(ERR_NOMOTD, &[]);
    }
    cx.reply(&Reply::numeric(RPL_MOTDSTART).fill(&[server.name()]));
    for line in server.config.server.motd.lines() {
        cx.reply(&Reply::numeric(RPL_MOTD).fill(&[cut(line, LINE_BYTES_MAX)]));
    }
    cx.numeric(RPL_ENDOFMOTD, &[]);
}

/// Refuses a question to another server: there is only this one.
pub(super) fn for_this_server(cx: &Context<'_>, target: Option<&&str>) -> Outcome {
    let Some(target) = target else { return Ok(()) };
    let is_this = chat_protocol::Mask::new(target).matches(cx.server.name())
        || cx.server.user(target).is_some_and(|user| user.id == cx.user().id);
    if is_this { Ok(()) } else { Err(Reply::numeric(ERR_NOSUCHSERVER).param(*target)) }
}
