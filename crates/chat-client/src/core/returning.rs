//! Back on the server after a connection was lost.

use std::mem;

use chat_protocol::numeric as n;
use jiff::SignedDuration;

use super::extensions::MESSAGE_ID;
use super::reconnect::Joining;
use super::{Client, Phase};

/// How long to wait before a room is asked for again that too many have joined at once.
const JOIN_AGAIN: SignedDuration = SignedDuration::from_secs(10);

impl Client {
    /// Who the user is to the server, where it knows by the name of a message and its author whether
    /// it has it.
    pub(super) fn author(&self) -> Option<String> {
        if !self.extensions.has(MESSAGE_ID) {
            return None;
        }
        let source = || self.userhost.as_ref().map(|it| format!("{}!{it}", self.nickname));
        self.account.as_ref().map(|account| format!("account {account}")).or_else(source)
    }

    /// Goes back to where the user was.
    pub(super) fn go_back(&mut self) {
        if let Some(away) = self.away.clone() {
            self.send("AWAY", &[], Some(&away));
        }
        let rooms = self.rooms.iter().map(|room| (room.name.clone(), room.password.clone()));
        let asked = mem::take(&mut self.reconnect.asked);
        let asked = asked.into_iter().map(|room| (room.name, room.password));
        for (room, password) in rooms.chain(asked).collect::<Vec<_>>() {
            self.join(&room, password.as_deref());
        }
        if !self.has_history() {
            self.tell("the server does not keep what is said: lines may be missing");
        }
        self.reconnect.is_arriving = true;
    }

    /// Whether the user is being greeted again.
    pub(super) fn is_arriving(&self) -> bool {
        self.reconnect.is_arriving
    }

    /// The server has said what there is to know of it: conversations go on.
    pub(super) fn arrived(&mut self) {
        if !mem::take(&mut self.reconnect.is_arriving) {
            return;
        }
        let people: Vec<String> = self.talks.iter().map(|talk| talk.name.clone()).collect();
        for nickname in people {
            self.catch_up(&nickname);
        }
    }

    /// A room to which the user comes back lets nobody in for a moment.
    pub(super) fn is_throttled(&mut self, room: &Joining, command: &str) -> bool {
        let is_coming_back = self.rooms.find(&room.name).is_some_and(|room| !room.is_joined);
        let is_throttled = is_coming_back && command == n::ERR_THROTTLE.command();
        if is_throttled {
            self.reconnect.throttled.push(room.clone());
            self.reconnect.was_throttled = self.now;
        }
        is_throttled
    }

    /// Asks again for rooms that let nobody in for a moment.
    pub(super) fn join_again(&mut self) {
        let has_waited = self.now.duration_since(self.reconnect.was_throttled) >= JOIN_AGAIN;
        if self.phase != Phase::Registered || !has_waited {
            return;
        }
        for room in mem::take(&mut self.reconnect.throttled) {
            self.join(&room.name, room.password.as_deref());
        }
    }
}
