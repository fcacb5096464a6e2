//! One line of a client: parsed, looked up in the table, run, answered.

use chat_protocol::numeric::{
    ERR_INPUTTOOLONG, ERR_NEEDMOREPARAMS, ERR_NOTREGISTERED, ERR_UNKNOWNCOMMAND,
};
use chat_protocol::{Capability, LineError, Message, ParseError};

use crate::fault;
use crate::outbound::Labeling;
use crate::state::session::Farewell;

use super::registration::USE_TLS;
use super::{Command, Context, Outcome, Phase, Reply, find};

/// The most bytes of a label (IRCv3, "Labeled Responses").
const LABEL_BYTES_MAX: usize = 64;

/// What may be said by who has to come by TLS and may ask where.
const WITHOUT_TLS: [&str; 5] = ["CAP", "NICK", "PING", "QUIT", "USER"];

/// Handles one line. Everything it causes is appended to the context's delivery, not yet sent.
pub(crate) fn handle_line(cx: &mut Context<'_>, line: Result<&str, LineError<'_>>) {
    match line {
        // Looked at where it is: it is large, and most of what happens happens below this.
        Ok(line) => match &Message::parse(line) {
            Ok(message) => labeled(cx, message, run),
            Err(ParseError::Empty) => {}
            Err(error) => {
                cx.reply(&Reply::fail("*", "INVALID_MESSAGE", format!("Not a message: {error}")));
            }
        },
        Err(LineError::TooLong) => {
            cx.finish_pending();
            cx.reply(&Reply::numeric(ERR_INPUTTOOLONG));
        }
        Err(LineError::NotUtf8(line)) => refuse_bytes(cx, line),
    }
}

#[inline(never)]
fn refuse_bytes(cx: &mut Context<'_>, line: &[u8]) {
    let readable = String::from_utf8_lossy(line);
    let message =
        Message::parse(&readable).unwrap_or(Message::new("*", chat_protocol::Params::new()));
    labeled(cx, &message, |_, message| {
        let command = find(message.command).map_or("*", |command| command.name);
        Err(Reply::fail(command, "INVALID_UTF8", "Message rejected: it is not UTF-8"))
    });
}

fn labeled(
    cx: &mut Context<'_>,
    message: &Message<'_>,
    run: fn(&mut Context<'_>, &Message<'_>) -> Outcome,
) {
    let is_labeling = cx.has(Capability::LabeledResponse) && cx.has(Capability::Batch);
    if !(is_labeling && answer_labeled(cx, message, run)) {
        answer(cx, message, run);
    }
}

/// False, with nothing done, if the command has no label.
#[inline(never)]
fn answer_labeled(
    cx: &mut Context<'_>,
    message: &Message<'_>,
    run: fn(&mut Context<'_>, &Message<'_>) -> Outcome,
) -> bool {
    let label = message.tags.value("label");
    let Some(label) = label.filter(|label| !label.is_empty() && label.len() <= LABEL_BYTES_MAX)
    else {
        return false;
    };
    cx.finish_pending();
    let outbound = cx.client.session.outbound.clone();
    outbound.start_labeling(Labeling::new(&label, &cx.server.next_batch(), cx.server.name()));
    answer(cx, message, run);
    cx.finish_pending();
    // The ERROR that ends a connection is the answer to what ends it.
    let goes_on = cx.client.session.label_farewell(&label);
    outbound.finish_labeling(goes_on, cx.delivery);
    true
}

fn answer(
    cx: &mut Context<'_>,
    message: &Message<'_>,
    run: fn(&mut Context<'_>, &Message<'_>) -> Outcome,
) {
    if let Err(reply) = run(cx, message) {
        cx.finish_pending();
        cx.reply(&reply);
    }
}

fn run(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let Some(command) = command(cx, message)? else { return Ok(()) };
    fault::point("command");
    (command.run)(cx, message).map_err(|reply| reply.of(command.name))
}

/// What is to be run, if it may be: nothing, if the connection is about to end.
#[inline(never)]
fn command(cx: &mut Context<'_>, message: &Message<'_>) -> Result<Option<&'static Command>, Reply> {
    let registered = cx.is_registered();
    let Some(command) = cx.find_command(message.command) else {
        let numeric = if registered { ERR_UNKNOWNCOMMAND } else { ERR_NOTREGISTERED };
        let reply = Reply::numeric(numeric);
        return Err(if registered { reply.param(message.command) } else { reply });
    };
    if cx.client.session.needs_tls() && !WITHOUT_TLS.contains(&command.name) {
        cx.client.session.close(Farewell::new(USE_TLS));
        return Ok(None);
    }
    if command.phase == Phase::Registered && !registered {
        return Err(Reply::numeric(ERR_NOTREGISTERED));
    }
    if message.params.len() < command.min_params {
        return Err(Reply::numeric(ERR_NEEDMOREPARAMS).param(command.name));
    }
    // Messages that wait need not happen before more of them.
    if !matches!(command.name, "NOTICE" | "PRIVMSG" | "TAGMSG") {
        cx.finish_pending();
    }
    Ok(Some(command))
}
