//! The rooms the user is in, and who else is.

use std::collections::BTreeMap;

use chat_protocol::{ChannelKey, NickKey};

use super::seen::{Point, Seen};

/// One room.
#[derive(Debug, Clone)]
pub(crate) struct Room {
    /// The name as the server writes it.
    pub(crate) name: String,
    /// Nicknames as they are shown.
    pub(crate) members: BTreeMap<NickKey, String>,
    /// What of its conversation has been seen.
    pub(crate) seen: Seen,
    /// What it took to join it.
    pub(crate) password: Option<String>,
    /// Whether the user has said to leave it.
    pub(crate) is_leaving: bool,
    /// Whether the user is in it: not while there is no connection.
    pub(crate) is_joined: bool,
}

/// All rooms, in the order of their names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rooms(BTreeMap<ChannelKey, Room>);

impl Rooms {
    /// Enters a room, and says whether the user comes back to it after a connection was lost. Else
    /// it starts anew, with what is said from this point on.
    pub(crate) fn enter(&mut self, name: &str, password: Option<String>, point: Point) -> bool {
        let known = self.find_mut(name).filter(|room| !room.is_joined);
        if let Some(room) = known {
            (room.is_joined, room.password) = (true, password);
            return true;
        }
        let room = Room {
            name: name.to_owned(),
            members: BTreeMap::new(),
            seen: Seen::from(point),
            password,
            is_leaving: false,
            is_joined: true,
        };
        self.0.insert(ChannelKey::of(name), room);
        false
    }

    /// The names of those that the user has said to leave.
    pub(crate) fn leaving(&self) -> Vec<String> {
        self.iter().filter(|room| room.is_leaving).map(|room| room.name.clone()).collect()
    }

    /// The connection is gone: the user is in no room, but will be back.
    pub(crate) fn interrupted(&mut self) {
        for room in self.0.values_mut() {
            room.is_joined = false;
            room.members.clear();
            room.seen.interrupted();
        }
    }

    /// Leaves a room, and says whether the user was in it.
    pub(crate) fn leave(&mut self, name: &str) -> bool {
        self.0.remove(&ChannelKey::of(name)).is_some()
    }

    /// The room of this name.
    pub(crate) fn find(&self, name: &str) -> Option<&Room> {
        self.0.get(&ChannelKey::of(name))
    }

    /// The same, to change it.
    pub(crate) fn find_mut(&mut self, name: &str) -> Option<&mut Room> {
        self.0.get_mut(&ChannelKey::of(name))
    }

    /// Every room.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Room> {
        self.0.values()
    }

    /// Adds somebody to a room.
    pub(crate) fn add(&mut self, room: &str, nickname: &str) {
        if let Some(room) = self.0.get_mut(&ChannelKey::of(room)) {
            room.members.insert(NickKey::of(nickname), nickname.to_owned());
        }
    }

    /// Takes somebody out of a room.
    pub(crate) fn remove(&mut self, room: &str, nickname: &str) {
        if let Some(room) = self.0.get_mut(&ChannelKey::of(room)) {
            room.members.remove(&NickKey::of(nickname));
        }
    }

    /// The names of the rooms somebody is in.
    pub(crate) fn of(&self, nickname: &str) -> Vec<String> {
        let key = NickKey::of(nickname);
        let rooms = self.iter().filter(|room| room.members.contains_key(&key));
        rooms.map(|room| room.name.clone()).collect()
    }

    /// Whether somebody of this nickname is in one of the rooms.
    pub(crate) fn know(&self, nickname: &str) -> bool {
        let key = NickKey::of(nickname);
        self.iter().any(|room| room.members.contains_key(&key))
    }
}
