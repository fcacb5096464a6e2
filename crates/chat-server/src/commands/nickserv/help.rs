//! HELP.

use super::{Access, Answer, COMMANDS, Context, find, say};

pub(super) fn help(cx: &mut Context<'_>, params: &[&str]) -> Answer {
    let Some(subject) = params.first() else {
        index(cx);
        return Ok(());
    };
    let command = find(subject).ok_or("This is no command of NickServ. HELP lists them.")?;
    let (params, text) = command.help;
    say(cx, format!("{} {params}", command.name).trim_end());
    say(cx, text);
    Ok(())
}

fn index(cx: &mut Context<'_>) {
    let is_oper = cx.user().profile().modes.oper;
    let shown = COMMANDS.iter().filter(|command| is_oper || command.access != Access::Oper);
    let names: Vec<&str> = shown.map(|command| command.name).collect();
    say(cx, "Commands for your account. HELP command explains one.");
    say(cx, &names.join(" "));
}
