//! Numerics: some change the state, the others are shown as sentences.

use std::collections::BTreeMap;

use chat_protocol::numeric::{self as n, Numeric};
use chat_protocol::{ChannelKey, Message};

use super::entry::What;
use super::sentences::sentence;
use super::{Client, Phase};

/// With more people than this, joining a room says how many, not who.
const NAMES_SHOWN_MAX: usize = 20;

/// Replies that come in several lines and are shown as one.
#[derive(Debug, Default)]
pub(super) struct Collected {
    names: BTreeMap<ChannelKey, Vec<String>>,
    expected: Vec<ChannelKey>,
}

impl Collected {
    /// The user has joined: the names that follow were not asked for.
    pub(super) fn expect_names(&mut self, room: &str) {
        self.expected.push(ChannelKey::of(room));
    }

    fn take_names(&mut self, room: &str) -> (Vec<String>, bool) {
        let key = ChannelKey::of(room);
        let joined = self.expected.iter().position(|expected| *expected == key);
        let asked_for = joined.map(|at| self.expected.remove(at)).is_none();
        (self.names.remove(&key).unwrap_or_default(), asked_for)
    }
}

/// Numerics that are of no interest to somebody who chats.
const QUIET: &[Numeric] = &[
    n::RPL_YOURHOST,
    n::RPL_CREATED,
    n::RPL_MYINFO,
    n::RPL_LUSERCLIENT,
    n::RPL_LUSEROP,
    n::RPL_LUSERUNKNOWN,
    n::RPL_LUSERCHANNELS,
    n::RPL_LUSERME,
    n::RPL_LOCALUSERS,
    n::RPL_GLOBALUSERS,
    n::RPL_ENDOFWHO,
    n::RPL_ENDOFWHOIS,
    n::RPL_LISTSTART,
    n::RPL_LISTEND,
    n::RPL_MOTDSTART,
    n::RPL_ENDOFMOTD,
    n::ERR_NOMOTD,
    n::RPL_ENDOFBANLIST,
    n::RPL_ENDOFEXCEPTLIST,
    n::RPL_ENDOFINVEXLIST,
];

/// `RPL_STATSCONN`: how many were ever connected. Known to some servers only.
const STATISTICS: &str = "250";

/// `ERR_YOUWILLBEBANNED`, which only some servers have.
const WILL_BE_BANNED: &str = "466";

/// Numerics that refuse a nickname, with two that only some servers have: 436 and 437.
const NICKNAME_REFUSED: &[&str] = &["432", "433", "436", "437"];

impl Client {
    pub(super) fn numeric(&mut self, message: &Message<'_>) {
        let numeric = Numeric::from_command(message.command);
        if NICKNAME_REFUSED.contains(&message.command) && !self.names_a_room(message) {
            self.nickname_refused(numeric.unwrap_or(n::ERR_ERRONEUSNICKNAME), message);
            return;
        }
        if self.login_numeric(message) {
            return;
        }
        self.note(numeric, message);
        match numeric {
            Some(n::RPL_WELCOME) => self.welcome(message),
            Some(n::RPL_ISUPPORT) => self.isupport(message),
            Some(n::RPL_NAMREPLY) => self.names(message),
            Some(n::RPL_ENDOFNAMES) => self.end_of_names(message),
            Some(n::RPL_WHOREPLY) => self.who(message),
            // A server without capabilities says so before the welcome.
            Some(n::ERR_UNKNOWNCOMMAND | n::ERR_NOTREGISTERED)
                if self.phase == Phase::Registering =>
            {
                self.introduce();
            }
            Some(quiet) if QUIET.contains(&quiet) => {}
            None if message.command == STATISTICS => {}
            Some(n::RPL_MOTD) if self.is_arriving() => {}
            Some(n::RPL_MOTD) => {
                let text = message.params.last().copied().unwrap_or_default();
                self.tell(text.strip_prefix("- ").unwrap_or(text));
            }
            Some(n::RPL_TOPICWHOTIME) if self.is_entering(message) => {}
            Some(n::RPL_TOPIC) => {
                let room = message.params.get(1).copied();
                let what = What::Told(sentence(message.command, &message.params));
                self.show(self.now, room, what);
            }
            _ if is_error(message.command) => {
                self.answer_refused(message.params.get(1).copied().unwrap_or_default());
                let sent = self.refused(message, "");
                self.problem(sentence(message.command, &message.params));
                if let Some(sent) = sent {
                    self.not_delivered(&sent);
                }
            }
            _ => self.tell(sentence(message.command, &message.params)),
        }
    }

    /// What a numeric says of the user, beside what is shown of it.
    fn note(&mut self, numeric: Option<Numeric>, message: &Message<'_>) {
        let is_there = self.phase == Phase::Registered;
        match numeric {
            Some(n::RPL_LOGGEDIN) => self.account_changed(message.params.get(2).copied()),
            Some(n::RPL_LOGGEDOUT) => self.account_changed(None),
            // Later it answers OPER.
            Some(n::ERR_PASSWDMISMATCH) if !is_there => self.refused_for_good(),
            Some(n::ERR_YOUREBANNEDCREEP) => self.refused_for_good(),
            Some(n::RPL_ENDOFMOTD | n::ERR_NOMOTD) => self.arrived(),
            None if message.command == WILL_BE_BANNED => self.refused_for_good(),
            _ => {}
        }
    }

    fn names_a_room(&self, message: &Message<'_>) -> bool {
        message.params.get(1).is_some_and(|name| self.names_room(name))
    }

    /// Whether the user has just joined the room of a reply.
    fn is_entering(&self, message: &Message<'_>) -> bool {
        let room = message.params.get(1).copied().unwrap_or_default();
        self.collected.expected.contains(&ChannelKey::of(room))
    }

    fn isupport(&mut self, message: &Message<'_>) {
        let [_, tokens @ .., _] = &*message.params else { return };
        tokens.iter().for_each(|token| self.isupport.apply(token));
    }

    fn names(&mut self, message: &Message<'_>) {
        let [_, _, room, names] = &*message.params else { return };
        let prefixes: Vec<char> = self.isupport.prefixes().iter().map(|pair| pair.1).collect();
        let key = ChannelKey::of(room);
        for name in names.split_ascii_whitespace() {
            let nickname = name.trim_start_matches(prefixes.as_slice());
            let nickname = nickname.split('!').next().unwrap_or(nickname);
            self.rooms.add(room, nickname);
            let highest = name.chars().next().filter(|first| prefixes.contains(first));
            let shown = highest.into_iter().chain(nickname.chars()).collect();
            self.collected.names.entry(key.clone()).or_default().push(shown);
        }
    }

    fn end_of_names(&mut self, message: &Message<'_>) {
        let [_, room, ..] = &*message.params else { return };
        let (names, asked_for) = self.collected.take_names(room);
        let count = names.len();
        let told = if count <= NAMES_SHOWN_MAX || asked_for {
            format!("in {room} ({count}): {}", names.join(" "))
        } else {
            format!("in {room}: {count} people")
        };
        self.show(self.now, Some(room), What::Told(told));
    }

    fn who(&mut self, message: &Message<'_>) {
        let [_, room, username, hostname, _, nickname, flags, .., last] = &*message.params else {
            return;
        };
        let realname = last.split_once(' ').map_or(*last, |(_hops, realname)| realname);
        let away = if flags.starts_with('G') { ", away" } else { "" };
        let place = if *room == "*" { String::new() } else { format!(" in {room}") };
        self.tell(format!("{nickname}{place} is {username}@{hostname} ({realname}){away}"));
    }
}

/// Whether a numeric, known or not, says that something was refused.
fn is_error(command: &str) -> bool {
    match Numeric::from_command(command) {
        Some(numeric) => numeric.is_error(),
        None => command.parse::<u16>().is_ok_and(|code| (400..600).contains(&code)),
    }
}
