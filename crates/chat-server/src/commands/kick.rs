//! KICK. Modern IRC, "KICK message".

use std::sync::Arc;

use chat_protocol::Message;
use chat_protocol::numeric::{ERR_CHANOPRIVSNEEDED, ERR_NEEDMOREPARAMS, ERR_USERNOTINCHANNEL};

use crate::state::access;
use crate::state::event::EventKind;
use crate::state::room::Room;

use super::context::{cut, not_on_channel};
use super::{Context, Outcome, Reply};

/// One channel and several nicknames, or as many channels as nicknames (RFC 2812, 3.2.8).
pub(super) fn kick(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let (rooms, nicknames) = (cx.targets(message.params[0])?, cx.targets(message.params[1])?);
    let (room_count, count) = (rooms.clone().count(), nicknames.clone().count());
    let is_paired = room_count == 1 || room_count == count;
    if room_count == 0 || count == 0 || !is_paired {
        return Err(Reply::numeric(ERR_NEEDMOREPARAMS).param("KICK"));
    }
    let reason = message.params.get(2).copied().filter(|reason| !reason.is_empty());
    let reason = match reason {
        Some(reason) => cut(reason, cx.server.config().limits.reason_bytes_max).to_owned(),
        None => cx.client_name(),
    };
    for (room, nickname) in rooms.cycle().zip(nicknames) {
        let room = cx.find_visible_room(room);
        if let Err(reply) = room.and_then(|room| kick_one(cx, &room, nickname, &reason)) {
            cx.reply(&reply.of("KICK"));
        }
    }
    Ok(())
}

fn kick_one(cx: &mut Context<'_>, room: &Arc<Room>, nickname: &str, reason: &str) -> Outcome {
    let (user, name) = (cx.user(), room.name.as_str());
    let target = cx.find_user(nickname);
    cx.server.submit(room, cx.origin(&user), cx.delivery, |state| {
        if state.member(&user).is_none() {
            return Err(not_on_channel(room));
        }
        if access::change_modes(state, &user).is_err() {
            return Err(Reply::numeric(ERR_CHANOPRIVSNEEDED).param(name));
        }
        let target = target.clone()?;
        if state.member(&target).is_none() {
            return Err(Reply::numeric(ERR_USERNOTINCHANNEL).param(nickname).param(name));
        }
        access::kick(state, &user, &target)
            .map_err(|numeric| Reply::numeric(numeric).param(name))?;
        let (nickname, reason) = (target.nickname().as_str().to_owned(), reason.to_owned());
        Ok(vec![EventKind::Kicked { room: name.into(), user: target.id, nickname, reason }])
    })?;
    if let Ok(target) = target {
        cx.server.remember_rooms(&target);
    }
    Ok(())
}
