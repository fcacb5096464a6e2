//! Messages and changes of one room while some of them are being stored.
//!
//! What is said does not change a room, so messages of many are stored at the same time. What
//! changes it waits until all that was said before has been seen, and what is said meanwhile waits
//! for the change. So everyone sees a room in the order in which it is stored.

#[derive(Debug, Default)]
pub(crate) struct Traffic {
    /// Groups of messages that are being stored.
    coming: usize,
    /// A change is being stored.
    changing: bool,
    /// Changes that wait. Messages let them go first, so that a busy room can be joined.
    waiting: usize,
}

impl Traffic {
    pub(super) fn holds_messages_back(&self) -> bool {
        self.changing || self.waiting > 0
    }

    pub(super) fn holds_changes_back(&self) -> bool {
        self.changing || self.coming > 0
    }

    pub(crate) fn messages_are_coming(&mut self) {
        self.coming += 1;
    }

    /// Says whether somebody waits for it.
    pub(super) fn messages_have_come(&mut self) -> bool {
        self.coming -= 1;
        self.coming == 0 && self.waiting > 0
    }

    /// Until [`super::room::Room::change_is_over`], nothing else happens in the room.
    pub(crate) fn change_is_coming(&mut self) {
        self.changing = true;
    }

    pub(super) fn change_is_over(&mut self) {
        self.changing = false;
    }

    pub(super) fn change_waits(&mut self) {
        self.waiting += 1;
    }

    /// Says whether messages may come again.
    pub(super) fn change_waits_no_longer(&mut self) -> bool {
        self.waiting -= 1;
        self.waiting == 0
    }
}
