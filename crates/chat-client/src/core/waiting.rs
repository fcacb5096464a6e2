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

    /// Sends what waits and may be sent by now: no more at once than a pipe would, since servers may
    /// close the connection of who sends much after another.
    pub(super) fn send_waiting(&mut self) {
        if self.phase != Phase::Registered {
            return;
        }
        for target in self.delivery.unsent_targets() {
            if self.is_reachable(&target) {
                self.send_waiting_to(&target);
            }
        }
    }

    /// Whether a room is entered, and shown in its order; for people, whether the server has said who
    /// the user is to it, which it does with the rooms.
    fn is_reachable(&self, target: &str) -> bool {
        if self.is_catching_up(target) {
            return false;
        }
        if self.names_room(target) {
            return self.rooms.find(target).is_some_and(|room| room.is_joined);
        }
        self.joining.is_empty() && self.reconnect.throttled.is_empty() && !self.is_arriving()
    }

    /// What was sent before goes with its id, so that it is stored once.
    fn send_waiting_to(&mut self, target: &str) {
        let author = self.author();
        for sent in self.delivery.take_doubtful(target, author.as_deref(), self.now) {
            self.not_delivered(&sent);
        }
        for sent in self.delivery.resent(target, self.now) {
            self.transmit(&sent);
        }
        self.ask_for_confirmation();
    }

    /// The user is in a room no longer. What was held back for its order is shown.
    pub(super) fn left(&mut self, room: &str) {
        self.stop_catching_up(room);
        self.rooms.leave(room);
        self.reconnect.forget(room);
        for sent in self.delivery.take_unsent(room) {
            self.not_delivered(&sent);
        }
    }

    /// A room that was asked for does not let the user in.
    pub(super) fn join_refused(&mut self, at: usize, command: &str) {
        let room = self.joining.remove(at);
        if self.is_throttled(&room, command) {
            return;
        }
        self.any_join_refused = true;
        self.left(&room.name);
        if self.is_current(&room.name) {
            self.current = self.rooms.iter().next().map(|other| other.name.clone());
        }
    }
}
