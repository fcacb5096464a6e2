//! Messages and changes of one room while some of them are being stored.
//!
//! What is said does not change a room, so messages of many are stored at the same time. What
//! changes it waits until all that was said before has been seen, and what is said meanwhile waits
//! for the change. So everyone sees a room in the order in which it is stored.
//!
//! It has a lock of its own, the last to be taken, so that a thread that panics with the room locked
//! can still say that it is no longer in the way.

use std::sync::{Condvar, Mutex, PoisonError};

use crate::lock::lock;

#[derive(Debug, Default)]
pub(super) struct Traffic {
    counts: Mutex<Counts>,
    /// Told when somebody who waits for the room may go on.
    calmer: Condvar,
}

#[derive(Debug, Default)]
struct Counts {
    /// Groups of messages that are being stored.
    coming: usize,
    /// A change is being stored.
    changing: bool,
    /// Changes that wait. Messages let them go first, so that a busy room can be joined.
    waiting: usize,
}

impl Counts {
    fn holds_messages_back(&self) -> bool {
        self.changing || self.waiting > 0
    }

    fn holds_changes_back(&self) -> bool {
        self.changing || self.coming > 0
    }
}

impl Traffic {
    /// Locks the room when nobody is changing it.
    pub(super) fn lock_for_messages<G>(&self, lock_room: impl Fn() -> G) -> G {
        loop {
            let room = lock_room();
            let counts = lock(&self.counts);
            if !counts.holds_messages_back() {
                return room;
            }
            drop(room);
            let waited = self.calmer.wait_while(counts, |counts| counts.holds_messages_back());
            drop(waited.unwrap_or_else(PoisonError::into_inner));
        }
    }

    /// Locks the room when everything said before has been seen.
    pub(super) fn lock_for_change<G>(&self, lock_room: impl Fn() -> G) -> G {
        let mut waiting = None;
        loop {
            let room = lock_room();
            let mut counts = lock(&self.counts);
            if !counts.holds_changes_back() {
                drop(counts);
                drop(waiting);
                return room;
            }
            drop(room);
            if waiting.is_none() {
                counts.waiting += 1;
                waiting = Some(Waiting(self));
            }
            let waited = self.calmer.wait_while(counts, |counts| counts.holds_changes_back());
            drop(waited.unwrap_or_else(PoisonError::into_inner));
        }
    }

    /// Messages are being stored. The room is locked.
    pub(super) fn messages_are_coming(&self) {
        lock(&self.counts).coming += 1;
    }

    pub(super) fn messages_have_come(&self) {
        let mut counts = lock(&self.counts);
        counts.coming -= 1;
        if counts.coming == 0 && counts.waiting > 0 {
            self.calmer.notify_all();
        }
    }

    /// A change is being stored. The room is locked.
    pub(super) fn change_is_coming(&self) {
        lock(&self.counts).changing = true;
    }

    pub(super) fn change_is_over(&self) {
        lock(&self.counts).changing = false;
        self.calmer.notify_all();
    }
}

/// A change that waits.
struct Waiting<'t>(&'t Traffic);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut counts = lock(&self.0.counts);
        counts.waiting -= 1;
        if counts.waiting == 0 {
            self.0.calmer.notify_all();
        }
    }
}
