//! What the user says while it can't be said: it waits for the connection, and for what was said
//! before it.

use super::entry::Form;
use super::{Client, Phase};

impl Client {
    /// Whether what is said to a target can't be sent yet.
    pub(super) fn has_to_wait(&self, target: &str) -> bool {
        let is_elsewhere = self.rooms.find(target).is_some_and(|room| !room.is_joined);
        self.phase != Phase::Registered
            || is_elsewhere
            || self.is_catching_up(target)
            || self.delivery.has_unsent(target)
    }

    /// Keeps a message until it can be sent.
    pub(super) fn postpone(&mut self, target: &str, form: Form, text: &str) {
        if let Some(message) = self.delivery.postponed(target, form, text, self.now) {
            self.not_delivered(&message);
        } else if self.phase != Phase::Registered {
            self.tell(format!("sent once there is a connection, to {target}: {text}"));
        }
    }

    /// Sends what waits for a target: what was sent before with its id, so that it is stored once.
    pub(super) fn send_waiting(&mut self, target: &str) {
        if self.phase != Phase::Registered || self.is_catching_up(target) {
            return;
        }
        let author = self.author();
        for sent in self.delivery.take_doubtful(target, author.as_deref()) {
            self.not_delivered(&sent);
        }
        for sent in self.delivery.resent(target, self.now) {
            self.transmit(&sent);
        }
    }

    /// Sends what waits for people, not rooms, once the server has said who the user is to it: with
    /// the rooms.
    pub(super) fn send_waiting_to_people(&mut self) {
        if !self.joining.is_empty() || self.is_arriving() {
            return;
        }
        for target in self.delivery.unsent_targets() {
            if !self.names_room(&target) {
                self.send_waiting(&target);
            }
        }
    }

    /// A room that was asked for does not let the user in.
    pub(super) fn join_refused(&mut self, at: usize, command: &str) {
        let room = self.joining.remove(at);
        if self.is_throttled(&room, command) {
            return;
        }
        self.any_join_refused = true;
        self.rooms.leave(&room.name);
        for sent in self.delivery.take_unsent(&room.name) {
            self.not_delivered(&sent);
        }
        if self.is_current(&room.name) {
            self.current = self.rooms.iter().next().map(|other| other.name.clone());
        }
        self.send_waiting_to_people();
    }
}
