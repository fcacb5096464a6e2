//! HELP and HELPOP. Modern IRC, "HELP message".

use chat_protocol::Message;
use chat_protocol::numeric::{ERR_HELPNOTFOUND, RPL_ENDOFHELP, RPL_HELPSTART, RPL_HELPTXT};

use super::{COMMANDS, Context, Outcome, Reply, find};

/// What HELP without a subject is called.
const INDEX: &str = "*";
/// Command names in one line of the index.
const NAMES_PER_LINE: usize = 8;

pub(super) fn help(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let Some(subject) = message.params.first().filter(|subject| !subject.is_empty()) else {
        index(cx);
        return Ok(());
    };
    let Some(command) = find(subject) else {
        return Err(Reply::numeric(ERR_HELPNOTFOUND).param(*subject));
    };
    let (params, text) = command.help;
    cx.reply(
        &Reply::numeric(RPL_HELPSTART).param(*subject).text(format!("{} {params}", command.name)),
    );
    cx.reply(&Reply::numeric(RPL_HELPTXT).param(*subject).text(text));
    cx.reply(&Reply::numeric(RPL_ENDOFHELP).param(*subject).text("End of HELP"));
    Ok(())
}

fn index(cx: &mut Context<'_>) {
    cx.reply(
        &Reply::numeric(RPL_HELPSTART).param(INDEX).text("Commands. HELP command explains one."),
    );
    for commands in COMMANDS.chunks(NAMES_PER_LINE) {
        let names: Vec<&str> = commands.iter().map(|command| command.name).collect();
        cx.reply(&Reply::numeric(RPL_HELPTXT).param(INDEX).text(names.join(" ")));
    }
    cx.reply(&Reply::numeric(RPL_ENDOFHELP).param(INDEX).text("End of HELP"));
}
