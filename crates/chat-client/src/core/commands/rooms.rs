//! Commands about rooms.

use super::super::Client;
use super::super::speak::Mistake;
use super::Typed;

pub(super) fn join(client: &mut Client, mut typed: Typed<'_>) -> Result<(), Mistake> {
    let names = typed.word()?;
    let key = typed.remaining().map(|_| typed.word()).transpose()?;
    for name in names.split(',').filter(|name| !name.is_empty()) {
        let room = client.room_name(name);
        if client.rooms.find(&room).is_none() {
            client.join(&room, key);
        }
        client.mark_read(&room);
        client.current = Some(room);
    }
    Ok(())
}

pub(super) fn part(client: &mut Client, mut typed: Typed<'_>) -> Result<(), Mistake> {
    let room = typed.room(client)?;
    let is_put_off = client.is_put_off(&room);
    if !client.is_returning() && !is_put_off {
        client.send("PART", &[&room], typed.remaining());
        client.rooms.find_mut(&room).into_iter().for_each(|room| room.is_leaving = true);
    } else if is_put_off || client.rooms.find(&room).is_some() {
        client.left(&room);
        client.tell(format!("you left {room}"));
    } else {
        return Err(Mistake::Because(format!("You are not in {room}: /join {room}")));
    }
    if client.is_current(&room) {
        let mut others = client.rooms.iter().map(|other| &other.name);
        client.current = others.find(|other| !client.is_current(other)).cloned();
    }
    Ok(())
}

pub(super) fn room(client: &mut Client, mut typed: Typed<'_>) -> Result<(), Mistake> {
    if typed.remaining().is_none() {
        let rooms: Vec<&str> = client.rooms.iter().map(|room| room.name.as_str()).collect();
        let told = match rooms.as_slice() {
            [] => "you are in no room".to_owned(),
            rooms => format!("you are in {}", rooms.join(" ")),
        };
        client.tell(told);
        return Ok(());
    }
    let room = client.room_name(typed.word()?);
    let Some(found) = client.rooms.find(&room) else {
        return Err(Mistake::Because(format!("You are not in {room}: /join {room}")));
    };
    let name = found.name.clone();
    client.mark_read(&name);
    client.current = Some(name);
    Ok(())
}

pub(super) fn topic(client: &mut Client, mut typed: Typed<'_>) -> Result<(), Mistake> {
    // Here only a `#` makes a room of the first word: a topic may start with any other.
    let first = super::word(typed.rest).0;
    let room = match typed.room {
        Some(room) if !client.names_room(first) => room.to_owned(),
        _ => typed.room(client)?,
    };
    client.send("TOPIC", &[&room], typed.remaining());
    Ok(())
}

pub(super) fn names(client: &mut Client, mut typed: Typed<'_>) -> Result<(), Mistake> {
    let room = match typed.remaining() {
        Some(_) => client.room_name(typed.word()?),
        None => typed.room.map(str::to_owned).ok_or(Mistake::NoRoom)?,
    };
    client.send("NAMES", &[&room], None);
    Ok(())
}

pub(super) fn list(client: &mut Client, mut typed: Typed<'_>) -> Result<(), Mistake> {
    match typed.remaining() {
        Some(_) => client.send("LIST", &[typed.word()?], None),
        None => client.send("LIST", &[], None),
    }
    Ok(())
}
