//! A room gets another name.
//!
//! A [`Room`] never changes its name, which is read without a lock. Another room takes over all that
//! it is, while nothing is on its way to either: nobody sees anything of the new one before its name,
//! nor of the old one after it.

use std::slice;
use std::sync::Arc;

use chat_protocol::numeric::{RPL_ENDOFNAMES, RPL_NAMREPLY, RPL_TOPIC, RPL_TOPICWHOTIME};
use chat_protocol::{Capability, ChannelName, LineWriter, MembershipSet, Numeric};

use crate::fault;
use crate::outbound::Delivery;
use crate::render::{Renderings, Speaker, member_name, write_numeric};
use crate::state::event::{Event, EventKind};
use crate::state::room::{Member, Room, RoomState};
use crate::state::room_modes::Flag;
use crate::state::session::Session;
use crate::state::user::User;

use super::history::Unstored;
use super::submit::deliver;
use super::{Origin, Server};

impl Server {
    /// Gives a room the name `to`, if `allow` lets it and the name is free, and shows it to everyone
    /// in it: as a RENAME to those who know it, to others as leaving one room and joining another.
    pub(crate) fn rename_room<E: From<Unstored>>(
        &self,
        room: &Arc<Room>,
        (to, reason): (&ChannelName, &str),
        origin: Origin<'_>,
        delivery: &mut Delivery,
        allow: impl Fn(&RoomState) -> Result<(), E>,
        in_use: impl FnOnce() -> E,
    ) -> Result<(), E> {
        // Who may not rename it learns nothing about other rooms.
        allow(&room.state())?;
        let heir = Room::reserved(to.clone(), self.next_event());
        if !self.reserve(room, &heir) {
            return Err(in_use());
        }
        let mut reservation = Reservation { server: self, heir: &heir, is_used: false };
        fault::point("rename");
        let event = |kind| origin.user.event(self.next_event(), kind);
        let state = room.state_for_change();
        let renamed = allow(&state).and_then(|()| {
            let (from, to) = (room.name.as_str().into(), heir.name.as_str().into());
            let mut event = event(EventKind::Renamed { from, to, reason: reason.to_owned() });
            let audit = self.rename_entry(room, &state, origin, &event);
            let (mut state, stored) =
                self.store_rename(room, &heir.name, state, &mut event, audit.as_deref());
            stored?;
            Ok((event, state.hand_over(&heir)))
        });
        let (event, inherited) = renamed?;
        reservation.is_used = true;
        self.move_into(&heir, room, inherited);
        self.show_renamed(&heir.state(), &event, origin, delivery);
        Ok(())
    }

    /// Nobody sees the heir but as one that is being changed.
    fn move_into(&self, heir: &Arc<Room>, room: &Arc<Room>, inherited: RoomState) {
        let mut state = heir.state();
        state.inherit(inherited);
        let users: Vec<_> = state.members.values().map(|member| member.user.clone()).collect();
        for user in users {
            user.left(room);
            user.entered(heir);
            // A device that came meanwhile has looked for the room that was.
            state.refresh_sessions(&user);
        }
        drop(state);
        self.replace_room(room, heir);
    }

    fn show_renamed(
        &self,
        state: &RoomState,
        event: &Event,
        origin: Origin<'_>,
        delivery: &mut Delivery,
    ) {
        let mut renderings = Renderings::of(slice::from_ref(event), self.line_bytes_max());
        for member in state.members.values() {
            for session in member.sessions.iter() {
                if session.has(Capability::ChannelRename) {
                    deliver(session.id, &session.outbound, &mut renderings, origin, delivery);
                } else {
                    self.show_as_another(state, event, (member, session), origin, delivery);
                }
            }
        }
    }

    /// IRCv3, "channel-rename", "Fallback": not if only the case changes.
    fn show_as_another(
        &self,
        state: &RoomState,
        event: &Event,
        (member, session): (&Member, &Arc<Session>),
        origin: Origin<'_>,
        delivery: &mut Delivery,
    ) {
        let EventKind::Renamed { from, to, reason } = &event.kind else { return };
        if chat_protocol::ChannelKey::of(from) == chat_protocol::ChannelKey::of(to) {
            return;
        }
        let reason = Some(reason.clone()).filter(|reason| !reason.is_empty());
        let parted = EventKind::Parted { room: from.clone(), reason };
        let joined = EventKind::Joined {
            room: to.clone(),
            realname: member.user.profile().realname.clone(),
            status: MembershipSet::new(),
            given_by: None,
            away: None,
        };
        for kind in [parted, joined] {
            let event = member.user.event(self.next_event(), kind);
            let mut renderings = Renderings::of(slice::from_ref(&event), self.line_bytes_max());
            deliver(session.id, &session.outbound, &mut renderings, origin, delivery);
        }
        let is_own = origin.session == Some(session.id);
        let lines = self.greeting(state, to, &member.user, session);
        delivery.append(&session.outbound, lines.as_bytes(), is_own);
    }

    /// The topic and the names, as who joins gets them.
    fn greeting(&self, state: &RoomState, name: &str, user: &User, session: &Session) -> String {
        let client = user.nickname();
        let speaker = Speaker {
            name: self.name(),
            client: client.as_str(),
            bytes_max: self.line_bytes_max(),
        };
        let mut out = String::new();
        let mut numeric = |numeric: Numeric, params: &[&str], text: Option<&str>| {
            let writer = LineWriter::new(&mut out);
            write_numeric(writer, &speaker, numeric, params.iter().copied(), text);
        };
        if let Some(topic) = &state.settings.topic {
            numeric(RPL_TOPIC, &[name], Some(&topic.text));
            numeric(RPL_TOPICWHOTIME, &[name, &topic.setter, &topic.set_at.to_string()], None);
        }
        let symbol = if state.settings.modes.has(Flag::Secret) { "@" } else { "=" };
        let around =
            ":  000  =  :\r\n".len() + self.name().len() + client.as_str().len() + name.len();
        let bytes_max = self.line_bytes_max().saturating_sub(around);
        let capabilities = session.capabilities();
        let names = state.members.values().filter_map(|it| member_name(it, true, capabilities));
        for line in in_lines(names, bytes_max) {
            numeric(RPL_NAMREPLY, &[symbol, name], Some(&line));
        }
        numeric(RPL_ENDOFNAMES, &[name], Some(RPL_ENDOFNAMES.text));
        out
    }
}

/// A name that a room is about to have. Given back if the room does not come to have it, however that
/// ends: who asks for a reserved name waits.
struct Reservation<'a> {
    server: &'a Server,
    heir: &'a Arc<Room>,
    is_used: bool,
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        if !self.is_used {
            self.heir.state().closed = true;
            self.server.remove_room(self.heir);
        }
        self.heir.change_is_over();
    }
}

/// Words with spaces between them, as few lines as it takes.
fn in_lines(words: impl Iterator<Item = impl AsRef<str>>, bytes_max: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        let word = word.as_ref();
        match lines.last_mut().filter(|line| line.len() + 1 + word.len() <= bytes_max) {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_take_as_few_lines_as_they_can() {
        let names = ["aaaa", "bbbb", "cccc"];
        assert_eq!(in_lines(names.iter(), 9), ["aaaa bbbb", "cccc"]);
        assert!(in_lines(std::iter::empty::<&str>(), 9).is_empty());
    }
}
