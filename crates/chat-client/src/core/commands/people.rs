//! Commands about people, the user among them.

use super::super::Client;
use super::super::speak::Mistake;
use super::Typed;

const AWAY: &str = "away";

pub(super) fn who(client: &mut Client, mut typed: Typed<'_>) -> Result<(), Mistake> {
    let target = match typed.remaining() {
        Some(_) => typed.target(client)?,
        None => typed.room.map(str::to_owned).ok_or(Mistake::NoRoom)?,
    };
    client.send("WHO", &[&target], None);
    Ok(())
}

pub(super) fn whois(client: &mut Client, mut typed: Typed<'_>) -> Result<(), Mistake> {
    client.send("WHOIS", &[typed.word()?], None);
    Ok(())
}

pub(super) fn nick(client: &mut Client, mut typed: Typed<'_>) -> Result<(), Mistake> {
    client.send("NICK", &[typed.word()?], None);
    Ok(())
}

pub(super) fn away(client: &mut Client, typed: Typed<'_>) -> Result<(), Mistake> {
    let message = typed.remaining().unwrap_or(AWAY);
    client.away = Some(message.to_owned());
    client.send("AWAY", &[], Some(message));
    Ok(())
}

pub(super) fn back(client: &mut Client, _: Typed<'_>) -> Result<(), Mistake> {
    client.away = None;
    client.send("AWAY", &[], None);
    Ok(())
}

pub(super) fn invite(client: &mut Client, mut typed: Typed<'_>) -> Result<(), Mistake> {
    let nickname = typed.word()?;
    let room = match typed.remaining() {
        Some(_) => client.room_name(typed.word()?),
        None => typed.room.map(str::to_owned).ok_or(Mistake::NoRoom)?,
    };
    client.send("INVITE", &[nickname, &room], None);
    Ok(())
}

pub(super) fn kick(client: &mut Client, mut typed: Typed<'_>) -> Result<(), Mistake> {
    let first = typed.word()?;
    let (room, nickname) = if client.names_room(first) {
        (first, typed.word()?)
    } else {
        (typed.room.ok_or(Mistake::NoRoom)?, first)
    };
    client.send("KICK", &[room, nickname], typed.remaining());
    Ok(())
}

pub(super) fn mode(client: &mut Client, mut typed: Typed<'_>) -> Result<(), Mistake> {
    let changes_room = typed.rest.is_empty() || typed.rest.starts_with(['+', '-']);
    let target = if changes_room {
        typed.room.map(str::to_owned).ok_or(Mistake::NoRoom)?
    } else {
        typed.target(client)?
    };
    let mut params = vec![target.as_str()];
    while typed.remaining().is_some() {
        params.push(typed.word()?);
    }
    client.send("MODE", &params, None);
    Ok(())
}
