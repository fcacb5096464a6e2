//! Commands that say something, and those about the client itself.

use super::super::entry::Form;
use super::super::speak::Mistake;
use super::super::{Action, Client};
use super::{COMMANDS, Command, Typed};

pub(super) fn say(client: &mut Client, typed: Typed<'_>) -> Result<(), Mistake> {
    let room = typed.room.ok_or(Mistake::NoRoom)?;
    client.say(room, Form::Message, typed.text()?)
}

pub(super) fn me(client: &mut Client, typed: Typed<'_>) -> Result<(), Mistake> {
    let room = typed.room.ok_or(Mistake::NoRoom)?;
    client.say(room, Form::Action, typed.text()?)
}

pub(super) fn msg(client: &mut Client, typed: Typed<'_>) -> Result<(), Mistake> {
    to_target(client, typed, Form::Message)
}

pub(super) fn notice(client: &mut Client, typed: Typed<'_>) -> Result<(), Mistake> {
    to_target(client, typed, Form::Notice)
}

fn to_target(client: &mut Client, mut typed: Typed<'_>, form: Form) -> Result<(), Mistake> {
    let target = typed.target(client)?;
    client.say(&target, form, typed.text()?)
}

pub(super) fn raw(client: &mut Client, typed: Typed<'_>) -> Result<(), Mistake> {
    let line = typed.text()?.replace(['\0', '\r', '\n'], " ");
    if line.len() + "\r\n".len() > client.line_bytes_max() {
        return Err(Mistake::Because("That line is too long.".to_owned()));
    }
    client.actions.push(Action::Send(line));
    Ok(())
}

pub(super) fn help(client: &mut Client, typed: Typed<'_>) -> Result<(), Mistake> {
    let Some(name) = typed.remaining() else {
        for command in COMMANDS {
            client.tell(format!("{:<28} {}", command.usage(), command.help));
        }
        return Ok(());
    };
    let name = name.trim_start_matches('/');
    let command = Command::find(name)
        .ok_or_else(|| Mistake::Because(format!("There is no command /{name}. See /help")))?;
    client.tell(format!("{}: {}", command.usage(), command.help));
    Ok(())
}

pub(super) fn reconnect(client: &mut Client, _: Typed<'_>) -> Result<(), Mistake> {
    if client.is_online() {
        return Err(Mistake::Because("There is a connection.".to_owned()));
    }
    client.hurry();
    Ok(())
}

pub(super) fn quit(client: &mut Client, typed: Typed<'_>) -> Result<(), Mistake> {
    client.quit_reason = Some(typed.remaining().unwrap_or_default().to_owned());
    Ok(())
}
