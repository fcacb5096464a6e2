//! Changes of rooms with a history: stored before they are seen, or noted.

use std::sync::{Arc, MutexGuard};

use chat_store::{Record, TargetKey};

use crate::state::event::{Event, EventKind};
use crate::state::room::{Room, RoomState};
use crate::state::user::User;

use super::history::{Unstored, record};
use super::{Server, room_key};

impl Server {
    /// Stores what is about to change a room, and gives the room back, locked again. Nothing else
    /// happens in it meanwhile.
    pub(super) fn store_change<'r>(
        &self,
        room: &'r Arc<Room>,
        mut state: MutexGuard<'r, RoomState>,
        events: &[Event],
    ) -> (MutexGuard<'r, RoomState>, Result<(), Unstored>) {
        if !events.iter().any(|event| waits_for_the_disk(&event.kind)) {
            events.iter().for_each(|event| self.note(room, &state, event));
            return (state, Ok(()));
        }
        let records = self.records_of(room, &state, events);
        let Some(sequencer) = self.sequencer.as_ref().filter(|_| !records.is_empty()) else {
            return (state, Ok(()));
        };
        state.traffic.change_is_coming();
        let told = sequencer.store(records);
        drop(state);
        let stored = told.recv().unwrap_or_else(|_| Err(Unstored::stopped()));
        let mut state = room.state();
        room.change_is_over(&mut state);
        (state, stored)
    }

    /// Notes something that does not wait to be stored.
    pub(super) fn note(&self, room: &Room, state: &RoomState, event: &Event) {
        if let Some(sequencer) = &self.sequencer {
            sequencer.note(self.records_of(room, state, std::slice::from_ref(event)));
        }
    }

    /// What two users with accounts say to each other is filed under both.
    pub(super) fn conversation(&self, one: &User, other: &User) -> Option<TargetKey> {
        let account = |user: &User| user.profile().account.clone();
        let (one, other) = (account(one)?, account(other)?);
        let name = |account: &str| chat_store::AccountName::new(account);
        Some(TargetKey::direct(&name(&one), &name(&other)))
    }

    fn records_of(&self, room: &Room, state: &RoomState, events: &[Event]) -> Vec<Record> {
        if !state.has_history {
            return Vec::new();
        }
        let target = room_key(room);
        let name = room.name.as_str();
        events.iter().filter_map(|event| record(event, &target, name)).collect()
    }
}

/// Whether an event is seen only once it is stored: what people do to a room is, but not that they
/// come and go. After a restart thousands come at once.
fn waits_for_the_disk(kind: &EventKind) -> bool {
    matches!(
        kind,
        EventKind::TopicSet { .. }
            | EventKind::ModesChanged { .. }
            | EventKind::Kicked { .. }
            | EventKind::Redacted { .. }
    )
}
