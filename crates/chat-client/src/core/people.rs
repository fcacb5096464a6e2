//! Who comes and goes, and what happens to a room.

use chat_protocol::mode::{self, Arity};
use chat_protocol::{ChannelKey, Message, casemapping};

use super::Client;
use super::entry::What;

/// What ISUPPORT `CHANMODES` lists: the modes of four kinds, in their order.
const ARITIES: [Arity; 4] = [Arity::List, Arity::Always, Arity::WhenSet, Arity::Never];
/// The modes of a server that does not list them: those of Modern IRC.
const CHANMODES: &str = "beI,k,l,imnst";

impl Client {
    pub(super) fn joined(&mut self, message: &Message<'_>, source: &str) {
        let Some(&room) = message.params.first() else { return };
        if !self.is_me(source) {
            self.rooms.add(room, source);
            let account = joined_as(message).filter(|account| !casemapping::eq(account, source));
            let account = account.map_or(String::new(), |account| format!(" (account {account})"));
            self.happened(message, room, format!("{source} joined{account}"));
            return;
        }
        if let Some((_, userhost)) = message.source.and_then(|source| source.split_once('!')) {
            self.userhost = Some(userhost.to_owned());
        }
        let key = ChannelKey::of(room);
        let at = self.joining.iter().position(|waiting| waiting.key == key);
        let password = at.and_then(|at| self.joining.remove(at).password);
        let is_back = self.rooms.enter(room, password, self.point(message));
        self.rooms.add(room, source);
        self.collected.expect_names(room);
        if self.current.is_none() || self.is_current(room) {
            self.current = Some(room.to_owned());
        }
        self.happened(message, room, format!("you joined {room}"));
        if is_back {
            self.catch_up(room);
        } else {
            self.ask_for_latest(room);
        }
        self.arrived();
    }

    pub(super) fn parted(&mut self, message: &Message<'_>, source: &str) {
        let [room, reason @ ..] = &*message.params else { return };
        let reason = because(reason.first());
        if self.is_me(source) {
            self.left(room);
            self.happened(message, room, format!("you left {room}{reason}"));
            return;
        }
        self.rooms.remove(room, source);
        self.happened(message, room, format!("{source} left{reason}"));
    }

    pub(super) fn quitted(&mut self, message: &Message<'_>, source: &str) {
        if self.is_me(source) {
            return;
        }
        self.nickname_given_up(source);
        let rooms = self.rooms.of(source);
        for room in &rooms {
            self.rooms.remove(room, source);
        }
        let what = format!("{source} quit{}", because(message.params.first()));
        self.happened_in_one_of(message, &rooms, what);
    }

    /// Somebody, maybe the user, has another name now.
    pub(super) fn renamed(&mut self, message: &Message<'_>, old: &str) {
        let Some(&new) = message.params.first() else { return };
        let rooms = self.rooms.of(old);
        for room in &rooms {
            self.rooms.remove(room, old);
            self.rooms.add(room, new);
        }
        self.nickname_given_up(old);
        let what = if self.is_me(old) {
            self.nickname_changed(new);
            format!("you are now {new}")
        } else {
            format!("{old} is now {new}")
        };
        self.happened_in_one_of(message, &rooms, what);
    }

    pub(super) fn kicked(&mut self, message: &Message<'_>, source: &str) {
        let [room, nickname, reason @ ..] = &*message.params else { return };
        let reason = because(reason.first());
        if self.is_me(nickname) {
            self.left(room);
            let what = format!("{source} removed you from {room}{reason}");
            self.show(self.time(message), Some(room), What::Problem(what));
            return;
        }
        self.rooms.remove(room, nickname);
        self.happened(message, room, format!("{source} removed {nickname}{reason}"));
    }

    pub(super) fn topic_changed(&mut self, message: &Message<'_>, source: &str) {
        let [room, topic] = &*message.params else { return };
        let what = match *topic {
            "" => format!("{source} removed the topic"),
            topic => format!("{source} changed the topic to: {topic}"),
        };
        self.happened(message, room, what);
    }

    pub(super) fn mode_changed(&mut self, message: &Message<'_>, source: &str) {
        let [target, modes @ ..] = &*message.params else { return };
        self.password_changed(target, modes);
        let modes = modes.join(" ");
        if self.names_room(target) {
            self.happened(message, target, format!("{source} set mode {modes}"));
        } else if self.is_me(target) {
            log::debug!("the user's modes changed: {}", modes.escape_debug());
        }
    }

    /// Notes what it takes now to join a room.
    fn password_changed(&mut self, room: &str, modes: &[&str]) {
        let [modes, args @ ..] = modes else { return };
        let prefixes = self.isupport.prefixes();
        let kinds = self.isupport.value("CHANMODES").unwrap_or(CHANMODES);
        let arity = |mode| {
            let is_prefix = prefixes.iter().any(|pair| pair.0 == mode);
            let mut kinds = kinds.split(',').zip(ARITIES).filter(|(modes, _)| modes.contains(mode));
            if is_prefix { Some(Arity::Always) } else { kinds.next().map(|(_, arity)| arity) }
        };
        let changes = mode::parse(modes, args, arity).flatten();
        let last = changes.filter(|change| change.mode == 'k').last();
        if let (Some(change), Some(room)) = (last, self.rooms.find_mut(room)) {
            room.password = change.arg.filter(|_| change.adding).map(str::to_owned);
        }
    }

    pub(super) fn invited(&mut self, message: &Message<'_>, source: &str) {
        let [nickname, room] = &*message.params else { return };
        if self.is_me(nickname) {
            self.tell(format!("{source} invites you to {room}: /join {room}"));
        } else {
            self.happened(message, room, format!("{source} invited {nickname}"));
        }
    }

    /// Something that happened to somebody wherever they are is told once: in the current room if
    /// they are there.
    fn happened_in_one_of(&mut self, message: &Message<'_>, rooms: &[String], what: String) {
        let room = rooms.iter().find(|room| self.is_current(room)).or(rooms.first());
        let room = room.map(String::as_str).or(self.current.as_deref()).map(str::to_owned);
        self.show(self.time(message), room.as_deref(), What::Happened(what));
    }

    fn happened(&mut self, message: &Message<'_>, room: &str, what: String) {
        let time = self.time(message);
        if let Some(what) = self.hold(room, None, time, What::Happened(what)) {
            self.show(time, Some(room), what);
        }
    }
}

/// IRCv3, "Extended Join": the account of who joins, if it says one.
fn joined_as<'a>(message: &Message<'a>) -> Option<&'a str> {
    message.params.get(1).copied().filter(|account| *account != "*" && message.params.len() == 3)
}

fn because(reason: Option<&&str>) -> String {
    match reason {
        None | Some(&"") => String::new(),
        Some(reason) => format!(" ({reason})"),
    }
}
