//! JOIN. Modern IRC, "JOIN message".

use std::sync::Arc;
use std::time::Instant;

use chat_protocol::numeric::{
    ERR_BADCHANMASK, ERR_NOSUCHCHANNEL, ERR_TARGETTOOFAST, ERR_TOOMANYCHANNELS,
};
use chat_protocol::{Capability, ChannelName, Message, NameError, Numeric};

use crate::server::{TooOften, Unstored};
use crate::state::access;
use crate::state::event::EventId;
use crate::state::paces::Action;
use crate::state::room::Room;
use crate::state::user::User;

use super::{Context, Outcome, Reply, arrival, part};

pub(super) fn join(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    if *message.params == ["0"] {
        part::leave_all(cx);
        return Ok(());
    }
    let mut keys = message.params.get(1).copied().unwrap_or_default().split(',');
    for name in message.params[0].split(',') {
        let key = keys.next().filter(|key| !key.is_empty());
        if let Err(reply) = join_one(cx, name, key) {
            cx.reply(&reply);
        }
    }
    Ok(())
}

fn join_one(cx: &mut Context<'_>, name: &str, key: Option<&str>) -> Outcome {
    let channel = parse(cx, name)?;
    let user = cx.user();
    loop {
        let room = cx.server.room_or_new(&channel);
        match enter(cx, &room, &user, key) {
            Ok(()) => return Ok(()),
            Err(Refusal::AlreadyIn) => return Ok(()),
            // The last member left at this moment: the next look finds a new room.
            Err(Refusal::RoomGone) => std::thread::yield_now(),
            Err(Refusal::Numeric(numeric)) => return Err(refused(&room, numeric)),
            Err(Refusal::TooOften(why)) => {
                return Err(refused(&room, ERR_TARGETTOOFAST).fill(&[&why.seconds()]));
            }
            Err(Refusal::Unstored(why)) => return Err(Reply::from(why).of("JOIN")),
        }
    }
}

#[inline(never)]
fn parse(cx: &Context<'_>, name: &str) -> Result<ChannelName, Reply> {
    let parsed = ChannelName::parse(name, cx.server.config().limits.channel_chars_max);
    parsed.map_err(|error| match error {
        NameError::NoPrefix | NameError::Empty => Reply::numeric(ERR_NOSUCHCHANNEL).param(name),
        error => Reply::numeric(ERR_BADCHANMASK).param(name).fill(&[&error.to_string()]),
    })
}

#[inline(never)]
fn refused(room: &Room, numeric: Numeric) -> Reply {
    Reply::numeric(numeric).param(room.name.as_str())
}

enum Refusal {
    AlreadyIn,
    RoomGone,
    Numeric(Numeric),
    TooOften(TooOften),
    Unstored(Unstored),
}

impl From<Unstored> for Refusal {
    fn from(why: Unstored) -> Self {
        Self::Unstored(why)
    }
}

fn enter(
    cx: &mut Context<'_>,
    room: &Arc<Room>,
    user: &Arc<User>,
    key: Option<&str>,
) -> Result<(), Refusal> {
    let heard = be_let_in(cx, room, user, key)?;
    if room.state().member(user).is_some() {
        look_around(cx, room, user, heard);
    }
    // Or it was removed again at once.
    Ok(())
}

/// Joins, and says what the members had heard until then.
// This and what comes after it are not below each other, nor below the rest: a JOIN is the deepest
// moment of most connections, and stack once touched stays memory.
#[inline(never)]
fn be_let_in(
    cx: &mut Context<'_>,
    room: &Arc<Room>,
    user: &Arc<User>,
    key: Option<&str>,
) -> Result<Option<EventId>, Refusal> {
    let rooms_max = cx.server.config().limits.rooms_per_user_max;
    let is_full = user.room_count() >= rooms_max;
    cx.server.expire_lists(room, Some(cx.client.session.id), cx.delivery);
    let (now, at) = (cx.server.now(), Instant::now());
    let session = cx.client.session.clone();
    let mut heard = None;
    cx.server.submit(room, cx.origin(user), cx.delivery, |state| {
        if state.closed {
            return Err(Refusal::RoomGone);
        }
        if state.member(user).is_some() {
            return Err(Refusal::AlreadyIn);
        }
        if is_full {
            return Err(Refusal::Numeric(ERR_TOOMANYCHANNELS));
        }
        let paced = cx.server.keep_pace(user, &session, Action::Join);
        paced.map_err(Refusal::TooOften)?;
        access::join(state, user, key, now, at).map_err(Refusal::Numeric)?;
        heard = Some(state.heard);
        Ok(vec![cx.server.joined(room, state, user)])
    })?;
    Ok(heard)
}

/// What follows a JOIN.
#[inline(never)]
fn look_around(cx: &mut Context<'_>, room: &Arc<Room>, user: &Arc<User>, heard: Option<EventId>) {
    // What is said from now on comes after what was said before.
    let replayed = heard.filter(|_| shows_replay(cx, room));
    arrival::show_room(cx, room, replayed.is_some());
    arrival::show_room_to_others(cx, user, room);
    cx.server.remember_rooms(user);
    if let Some(heard) = replayed {
        replay(cx, room, heard);
        cx.client.session.outbound.release(cx.delivery);
    }
}

/// Whether the client is shown what was said before without asking.
fn shows_replay(cx: &Context<'_>, room: &Room) -> bool {
    !cx.has(Capability::Chathistory)
        && cx.server.history().is_some()
        && cx.server.config().history.replay_entries > 0
        && room.state().has_spoken
}

/// What was said last before it joined, up to what the others had heard, for a client that does not ask
/// for it itself.
// Reading goes deeper still, so nothing is read where nothing was said.
#[inline(never)]
fn replay(cx: &mut Context<'_>, room: &Arc<Room>, heard: EventId) {
    let limit = cx.server.config().history.replay_entries;
    let Some(store) = cx.server.history().cloned() else { return };
    let Some(readable) = cx.server.readable_room(&cx.user(), room) else { return };
    match store.page(&readable.latest(heard, limit)) {
        Ok(entries) if entries.is_empty() => {}
        Ok(entries) => {
            let name = room.name.as_str();
            cx.play(("chathistory", &[name]), Some(name), &entries);
        }
        Err(error) => log::error!("history could not be read: {error}"),
    }
}
