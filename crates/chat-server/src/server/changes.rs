//! Changes of rooms that last or have a history: stored before they are seen, or noted.

use std::slice;
use std::sync::{Arc, MutexGuard};

use chat_protocol::ChannelName;
use chat_store::{AuditEntry, Record, TargetKey};

use crate::fault;
use crate::state::event::{Event, EventKind};
use crate::state::room::{Room, RoomState};
use crate::state::settings::Settings;
use crate::state::user::User;

use super::history::{Numbering, Unstored, record};
use super::{Server, room_key, room_record};

/// A room, locked again, and whether what is about to change it was stored.
type Changed<'r> = (MutexGuard<'r, RoomState>, Result<(), Unstored>);

impl Server {
    /// Stores what is about to change a room, and gives the room back, locked again. Nothing else
    /// happens in it meanwhile.
    pub(super) fn store_change<'r>(
        &self,
        room: &'r Arc<Room>,
        state: MutexGuard<'r, RoomState>,
        events: &mut [Event],
        audit: Option<&AuditEntry>,
    ) -> Changed<'r> {
        if !events.iter().any(|event| waits_for_the_disk(&event.kind)) {
            events.iter_mut().for_each(|event| self.note(room, &state, event));
            return (state, Ok(()));
        }
        self.store_and_wait(room, state, events, audit)
    }

    #[inline(never)]
    fn store_and_wait<'r>(
        &self,
        room: &'r Arc<Room>,
        state: MutexGuard<'r, RoomState>,
        events: &mut [Event],
        audit: Option<&AuditEntry>,
    ) -> Changed<'r> {
        let registers = |event: &Event| matches!(event.kind, EventKind::RegistrationChanged(_));
        let lasts = state.settings.registration.is_some() || events.iter().any(registers);
        if !lasts && !state.has_history && audit.is_none() {
            return (state, Ok(()));
        }
        let settings = lasts.then(|| state.settings.clone());
        let has_history = state.has_history;
        self.store_records(room, state, events, &|events| {
            let entries = entries(room, events).filter(|_| has_history);
            let own = settings.as_deref().and_then(|it| room_change(&room.name, it, events));
            entries.chain(own).chain(audit.cloned().map(Record::Audit)).collect()
        })
    }

    /// Stores the name that a room is about to have: its record and its history move, then what
    /// happened is added to them.
    pub(super) fn store_rename<'r>(
        &self,
        room: &'r Arc<Room>,
        to: &ChannelName,
        state: MutexGuard<'r, RoomState>,
        event: &mut Event,
        audit: Option<&AuditEntry>,
    ) -> Changed<'r> {
        let (from, key) = (room.name.key(), to.key());
        let moved = (from != key).then(|| Record::RoomRenamed {
            from: from.as_str().to_owned(),
            to: key.as_str().to_owned(),
        });
        let own = room_record::write(to, &state.settings).map(Record::Room);
        let has_history = state.has_history;
        let target = TargetKey::room(key.as_str());
        self.store_records(room, state, slice::from_mut(event), &|events| {
            let entries = events.iter().filter_map(|event| record(event, &target, to.as_str()));
            let entries = entries.filter(|_| has_history);
            let written = audit.cloned().map(Record::Audit);
            moved.clone().into_iter().chain(own.clone()).chain(entries).chain(written).collect()
        })
    }

    fn store_records<'r>(
        &self,
        room: &'r Arc<Room>,
        state: MutexGuard<'r, RoomState>,
        events: &mut [Event],
        records: &dyn Fn(&[Event]) -> Vec<Record>,
    ) -> Changed<'r> {
        let records = |events: &[Event]| {
            fault::point("change");
            records(events)
        };
        let number = Numbering { next: &|| self.next_event(), records: &records };
        let told = self.sequencer.store(events, number);
        let changing = room.change_is_coming();
        drop(state);
        let stored = told.recv().unwrap_or_else(|_| Err(Unstored::stopped()));
        let state = room.state();
        // Nobody comes in between: the room is locked again.
        drop(changing);
        (state, stored)
    }

    /// Notes something that does not wait to be stored.
    pub(super) fn note(&self, room: &Room, state: &RoomState, event: &mut Event) {
        if !state.has_history {
            return;
        }
        let records = |events: &[Event]| entries(room, events).collect();
        self.sequencer.note(event, Numbering { next: &|| self.next_event(), records: &records });
    }

    /// What two users say to each other is filed under both, if one at least has an account: the
    /// other could not read it again.
    pub(super) fn conversation(&self, one: &User, other: &User) -> Option<TargetKey> {
        let has_account = |user: &User| user.profile().account.is_some();
        let is_kept = has_account(one) || has_account(other);
        is_kept.then(|| TargetKey::direct(&one.party(), &other.party()))
    }
}

fn entries(room: &Room, events: &[Event]) -> impl Iterator<Item = Record> {
    let target = room_key(room);
    events.iter().filter_map(move |event| record(event, &target, room.name.as_str()))
}

/// What becomes of the room's own record: nothing if nothing of it changes.
fn room_change(name: &ChannelName, before: &Settings, events: &[Event]) -> Option<Record> {
    if !events.iter().any(|event| Settings::are_changed_by(&event.kind)) {
        return None;
    }
    let mut after = before.clone();
    events.iter().for_each(|event| after.apply(event));
    let dropped = || Record::RoomDropped(name.key().as_str().to_owned());
    Some(room_record::write(name, &after).map_or_else(dropped, Record::Room))
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
