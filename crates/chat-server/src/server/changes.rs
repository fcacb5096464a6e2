//! Changes of rooms with a history: stored before they are seen, or noted.

use std::sync::{Arc, MutexGuard};

use chat_store::TargetKey;

use crate::state::event::{Event, EventKind};
use crate::state::room::{Room, RoomState};
use crate::state::user::User;

use super::history::{Numbering, Unstored, record};
use super::{Server, room_key};

impl Server {
    /// Stores what is about to change a room, and gives the room back, locked again. Nothing else
    /// happens in it meanwhile.
    pub(super) fn store_change<'r>(
        &self,
        room: &'r Arc<Room>,
        mut state: MutexGuard<'r, RoomState>,
        events: &mut [Event],
    ) -> (MutexGuard<'r, RoomState>, Result<(), Unstored>) {
        if !events.iter().any(|event| waits_for_the_disk(&event.kind)) {
            events.iter_mut().for_each(|event| self.note(room, &state, event));
            return (state, Ok(()));
        }
        let Some(sequencer) = self.sequencer.as_ref().filter(|_| state.has_history) else {
            return (state, Ok(()));
        };
        state.traffic.change_is_coming();
        let told = self.numbering(room, |number| sequencer.store(events, number));
        drop(state);
        let stored = told.recv().unwrap_or_else(|_| Err(Unstored::stopped()));
        let mut state = room.state();
        room.change_is_over(&mut state);
        (state, stored)
    }

    /// Notes something that does not wait to be stored.
    pub(super) fn note(&self, room: &Room, state: &RoomState, event: &mut Event) {
        if let Some(sequencer) = self.sequencer.as_ref().filter(|_| state.has_history) {
            self.numbering(room, |number| sequencer.note(event, number));
        }
    }

    /// What two users with accounts say to each other is filed under both.
    pub(super) fn conversation(&self, one: &User, other: &User) -> Option<TargetKey> {
        let account = |user: &User| user.profile().account.clone();
        let (one, other) = (account(one)?, account(other)?);
        let name = |account: &str| chat_store::AccountName::new(account);
        Some(TargetKey::direct(&name(&one), &name(&other)))
    }

    /// How what happens in a room is numbered and stored.
    fn numbering<T>(&self, room: &Room, with: impl FnOnce(Numbering<'_>) -> T) -> T {
        let (target, name) = (room_key(room), room.name.as_str());
        with(Numbering {
            next: &|| self.next_event(),
            record: &|event| record(event, &target, name),
        })
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
