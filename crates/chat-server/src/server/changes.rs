//! Changes of rooms with a history: stored before they are seen, or noted.

use std::sync::{Arc, MutexGuard};

use chat_protocol::ChannelName;
use chat_store::{Record, TargetKey};

use crate::state::event::{Event, EventKind};
use crate::state::room::{Room, RoomState};
use crate::state::settings::Settings;
use crate::state::user::User;

use super::history::{Unstored, record};
use super::{Server, room_key, room_record};

impl Server {
    /// Stores what is about to change a room, and gives the room back, locked again. Nothing else
    /// happens in it meanwhile.
    pub(super) fn store_change<'r>(
        &self,
        room: &'r Arc<Room>,
        state: MutexGuard<'r, RoomState>,
        events: &[Event],
    ) -> (MutexGuard<'r, RoomState>, Result<(), Unstored>) {
        if !events.iter().any(|event| waits_for_the_disk(&event.kind)) {
            events.iter().for_each(|event| self.note(room, &state, event));
            return (state, Ok(()));
        }
        let records = self.records_of(room, &state, events);
        self.store_records(room, state, records)
    }

    /// Like [`Server::store_change`], for what is to be stored.
    pub(super) fn store_records<'r>(
        &self,
        room: &'r Arc<Room>,
        mut state: MutexGuard<'r, RoomState>,
        records: Vec<Record>,
    ) -> (MutexGuard<'r, RoomState>, Result<(), Unstored>) {
        if records.is_empty() {
            return (state, Ok(()));
        }
        state.traffic.change_is_coming();
        let told = self.sequencer.store(records);
        drop(state);
        let stored = told.recv().unwrap_or_else(|_| Err(Unstored::stopped()));
        let mut state = room.state();
        room.change_is_over(&mut state);
        (state, stored)
    }

    /// Notes something that does not wait to be stored.
    pub(super) fn note(&self, room: &Room, state: &RoomState, event: &Event) {
        self.sequencer.note(self.records_of(room, state, std::slice::from_ref(event)));
    }

    /// What two users with accounts say to each other is filed under both.
    pub(super) fn conversation(&self, one: &User, other: &User) -> Option<TargetKey> {
        let account = |user: &User| user.profile().account.clone();
        let (one, other) = (account(one)?, account(other)?);
        let name = |account: &str| chat_store::AccountName::new(account);
        Some(TargetKey::direct(&name(&one), &name(&other)))
    }

    fn records_of(&self, room: &Room, state: &RoomState, events: &[Event]) -> Vec<Record> {
        let (target, name) = (room_key(room), room.name.as_str());
        let entries = events.iter().filter(|_| state.has_history);
        let entries = entries.filter_map(|event| record(event, &target, name));
        entries.chain(room_change(&room.name, &state.settings, events)).collect()
    }

    /// The room's record and its history move, then what happened is added to them.
    pub(super) fn records_of_rename(
        &self,
        room: &Room,
        state: &RoomState,
        event: &Event,
    ) -> Vec<Record> {
        let EventKind::Renamed { to, .. } = &event.kind else { return Vec::new() };
        let Ok(name) = ChannelName::parse(to, usize::MAX) else { return Vec::new() };
        let (from, to) = (room.name.key(), name.key());
        let moved = (from != to).then(|| Record::RoomRenamed {
            from: from.as_str().to_owned(),
            to: to.as_str().to_owned(),
        });
        let target = TargetKey::room(to.as_str());
        let entry = record(event, &target, name.as_str()).filter(|_| state.has_history);
        let own = room_record::write(&name, &state.settings).map(Record::Room);
        moved.into_iter().chain(own).chain(entry).collect()
    }
}

/// What becomes of the room's own record: nothing if nothing lasts or nothing that lasts changes.
fn room_change(name: &ChannelName, before: &Settings, events: &[Event]) -> Option<Record> {
    if !events.iter().any(|event| Settings::are_changed_by(&event.kind)) {
        return None;
    }
    let mut after = before.clone();
    events.iter().for_each(|event| after.apply(event));
    match room_record::write(name, &after) {
        Some(record) => Some(Record::Room(record)),
        None if before.registration.is_some() => {
            Some(Record::RoomDropped(name.key().as_str().to_owned()))
        }
        None => None,
    }
}

/// Whether an event is seen only once it is stored: what people do to a room is, but not that they
/// come and go. After a restart thousands come at once.
fn waits_for_the_disk(kind: &EventKind) -> bool {
    matches!(
        kind,
        EventKind::TopicSet { .. }
            | EventKind::ModesChanged { .. }
            | EventKind::RegistrationChanged(_)
            | EventKind::Kicked { .. }
            | EventKind::Redacted { .. }
    )
}
