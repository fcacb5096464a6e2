//! What has been said and not been seen yet.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use crate::lock::lock;
use crate::state::room::Room;

/// So many messages of one connection may be on their way to the disk. Whoever says more is read
/// from again when fewer are.
const MESSAGES_MAX: usize = 256;

/// Counts the messages of one connection that are being stored.
#[derive(Debug, Default)]
pub(crate) struct Outstanding {
    messages: Mutex<usize>,
    fewer: Condvar,
}

impl Outstanding {
    /// Whether nothing is on its way.
    pub(crate) fn is_empty(&self) -> bool {
        *lock(&self.messages) == 0
    }

    /// Waits until nothing is on its way: everybody has seen all that was said before.
    pub(crate) fn wait_for_all(&self) {
        self.wait_for(0);
    }

    /// Waits until there are few enough for more to be added. With nothing locked.
    pub(in crate::server) fn wait_for_few(&self) {
        self.wait_for(MESSAGES_MAX);
    }

    fn add(&self, messages: usize) {
        *lock(&self.messages) += messages;
    }

    fn remove(&self, messages: usize) {
        *lock(&self.messages) -= messages;
        self.fewer.notify_all();
    }

    fn wait_for(&self, most: usize) {
        let waited = self.fewer.wait_while(lock(&self.messages), |messages| *messages > most);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }
}

/// Messages between being said and being seen, or refused: until it is dropped, their room waits
/// with what changes it.
pub(in crate::server) struct OnItsWay {
    outstanding: Arc<Outstanding>,
    messages: usize,
    room: Option<Arc<Room>>,
}

impl OnItsWay {
    /// On the way to a room, which is locked.
    pub(in crate::server) fn to_room(
        room: &Arc<Room>,
        outstanding: &Arc<Outstanding>,
        messages: usize,
    ) -> Self {
        room.messages_are_coming();
        let mut on_its_way = Self::to_user(outstanding, messages);
        on_its_way.room = Some(room.clone());
        on_its_way
    }

    /// On the way to a user.
    pub(in crate::server) fn to_user(outstanding: &Arc<Outstanding>, messages: usize) -> Self {
        outstanding.add(messages);
        Self { outstanding: outstanding.clone(), messages, room: None }
    }
}

impl Drop for OnItsWay {
    fn drop(&mut self) {
        if let Some(room) = &self.room {
            room.messages_have_come();
        }
        self.outstanding.remove(self.messages);
    }
}
