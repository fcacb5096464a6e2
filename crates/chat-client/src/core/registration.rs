//! From the first line to the welcome. Modern IRC, "Connection Registration"; IRCv3, "Capability
//! Negotiation".

use std::mem;

use chat_protocol::capability::{self, LIST_BYTES_MAX};
use chat_protocol::{Capability, CapabilitySet, ChannelKey, Message};

use super::reconnect::Joining;
use super::sts::{STS, Sts};
use super::{Client, Phase};

/// Every capability this client has a use for.
const WANTED: CapabilitySet = CapabilitySet::of(&[
    Capability::AccountNotify,
    Capability::AccountTag,
    Capability::AwayNotify,
    Capability::Batch,
    Capability::CapNotify,
    Capability::Chghost,
    Capability::EchoMessage,
    Capability::ExtendedJoin,
    Capability::InviteNotify,
    Capability::LabeledResponse,
    Capability::MessageTags,
    Capability::MultiPrefix,
    Capability::ServerTime,
    Capability::Setname,
    Capability::StandardReplies,
    Capability::UserhostInNames,
]);

/// Where the negotiation of capabilities stands.
#[derive(Debug, Default)]
pub(super) struct Negotiation {
    offered: CapabilitySet,
    unanswered: usize,
    ended: bool,
    /// Whether PASS, NICK and USER are sent.
    is_introduced: bool,
    /// Whether the login that the user wants was begun.
    is_login_begun: bool,
    pub(super) underscores: usize,
    pub(super) is_nickname_refused: bool,
}

impl Client {
    /// The first lines of a connection. A server that may want TLS first says so before it is told a
    /// password.
    pub(super) fn register(&mut self) {
        self.send("CAP", &["LS", "302"], None);
        let may_want_tls = self.link.is_named && !self.link.is_encrypted;
        if !may_want_tls || self.config.password.is_none() {
            self.introduce();
        }
    }

    /// Tells the server who the user is, unless it knows.
    pub(super) fn introduce(&mut self) {
        if mem::replace(&mut self.negotiation.is_introduced, true) {
            return;
        }
        if let Some(password) = self.config.password.clone() {
            self.send("PASS", &[], Some(&password));
        }
        let nickname = self.nickname.clone();
        self.send("NICK", &[&nickname], None);
        let username = self.config.username.clone();
        self.send("USER", &[&username, "0", "*"], Some(&nickname));
    }

    pub(super) fn cap(&mut self, message: &Message<'_>) {
        let [_, subcommand, rest @ ..] = &*message.params else { return };
        let Some(list) = rest.last() else { return };
        let names = list.split_ascii_whitespace();
        match subcommand.to_ascii_uppercase().as_str() {
            "LS" => {
                let more_follow = rest.first() == Some(&"*") && rest.len() > 1;
                self.offer(names);
                if !more_follow && !self.negotiation.ended && self.is_online() {
                    self.introduce();
                    self.request(self.negotiation.offered);
                    self.end_negotiation();
                }
            }
            "NEW" => {
                self.negotiation.offered = CapabilitySet::EMPTY;
                self.offer(names);
                if self.is_online() {
                    self.request(self.negotiation.offered);
                }
            }
            "ACK" => {
                names.for_each(|name| match name.strip_prefix('-') {
                    Some(name) => self.enable(name, false),
                    None => self.enable(name, true),
                });
                self.request_answered();
            }
            "NAK" => self.request_answered(),
            "DEL" => names.for_each(|name| self.enable(name, false)),
            _ => {}
        }
    }

    /// Notes what the server lists, each with the value it may have.
    fn offer<'a>(&mut self, listed: impl Iterator<Item = &'a str>) {
        for item in listed {
            let (name, value) = item.split_once('=').unwrap_or((item, ""));
            if name == STS {
                self.heard_of_tls(Sts::parse(value));
                continue;
            }
            if !self.is_online() {
                return;
            }
            match Capability::from_name(name).filter(|known| WANTED.contains(*known)) {
                Some(capability) => self.negotiation.offered.set(capability, true),
                None => self.extensions.offer(item),
            }
        }
    }

    /// A server that has a port for TLS wants to be spoken with there. A connection by TLS says for
    /// how long none is to be made without.
    fn heard_of_tls(&mut self, sts: Sts) {
        if !self.link.is_named {
            return;
        }
        match sts.port {
            // Who is on the way out is not sent anywhere else.
            Some(_) if self.has_quit && !self.link.is_encrypted => {}
            Some(port) if !self.link.is_encrypted => self.go_to_tls(port),
            _ if self.link.is_encrypted => self.sts_duration = sts.duration,
            _ => {}
        }
    }

    fn enable(&mut self, name: &str, on: bool) {
        if let Some(capability) = Capability::from_name(name) {
            self.capabilities.set(capability, on);
        }
        self.extensions.enable(name, on);
    }

    fn request(&mut self, offered: CapabilitySet) {
        let mut wanted: Vec<&str> =
            WANTED.intersection(offered).iter().map(Capability::name).collect();
        wanted.extend(self.extensions.wanted());
        wanted.sort_unstable();
        if wanted.is_empty() {
            return;
        }
        for list in capability::list_lines(wanted, LIST_BYTES_MAX) {
            self.negotiation.unanswered += 1;
            self.send("CAP", &["REQ"], Some(&list));
        }
    }

    fn request_answered(&mut self) {
        self.negotiation.unanswered = self.negotiation.unanswered.saturating_sub(1);
        self.end_negotiation();
    }

    /// The negotiation ends once everything is answered and the login, if one is wanted, is done.
    pub(super) fn end_negotiation(&mut self) {
        let login_waits = self.login.is_under_way() || self.login.is_refused();
        if self.negotiation.unanswered > 0 || self.negotiation.ended || login_waits {
            return;
        }
        if !mem::replace(&mut self.negotiation.is_login_begun, true) {
            if let Some((account, password)) = self.config.account.clone() {
                self.log_in(&account, password);
                return;
            }
            if self.config.has_certificate {
                self.log_in_by_certificate();
                return;
            }
        }
        self.negotiation.ended = true;
        self.send("CAP", &["END"], None);
    }

    /// Whether the server has not waited for the login that the user wants, which is not begun now.
    pub(super) fn is_login_left_out(&mut self) -> bool {
        let is_wanted = self.config.account.is_some() || self.config.has_certificate;
        !mem::replace(&mut self.negotiation.is_login_begun, true) && is_wanted
    }

    /// `RPL_WELCOME`: the user is there, under the name the server says.
    pub(super) fn welcome(&mut self, message: &Message<'_>) {
        if self.is_welcome_without_login() {
            return;
        }
        if let Some(nickname) = message.params.first() {
            self.nickname = (*nickname).to_owned();
        }
        self.phase = Phase::Registered;
        self.negotiation.ended = true;
        (self.config.account, self.config.has_certificate) = (None, false);
        let nickname = self.nickname.clone();
        let is_back = self.is_welcome_back();
        let again = if is_back { " again" } else { "" };
        match message.source {
            Some(server) => self.tell(format!("connected{again} to {server} as {nickname}")),
            None => self.tell(format!("connected{again} as {nickname}")),
        }
        if is_back {
            self.go_back();
            return;
        }
        if !self.config.reconnects {
            self.config.password = None;
        }
        let rooms = self.config.rooms.clone();
        self.current = rooms.first().map(|room| self.room_name(room));
        for room in rooms {
            let room = self.room_name(&room);
            self.join(&room, None);
        }
    }

    /// Asks to join a room; the answer is awaited.
    pub(super) fn join(&mut self, room: &str, key: Option<&str>) {
        let (name, password) = (room.to_owned(), key.map(str::to_owned));
        self.joining.push(Joining { key: ChannelKey::of(room), name, password });
        match key {
            Some(key) => self.send("JOIN", &[room, key], None),
            None => self.send("JOIN", &[room], None),
        }
    }

    /// Says what the welcome waits for: the server, or something that only the user knows.
    pub(super) fn registration_goes_on(&mut self) {
        if matches!(self.phase, Phase::Registered | Phase::Lost | Phase::Closed(_)) {
            return;
        }
        self.phase = if self.login.is_refused() {
            Phase::LoginRefused
        } else if self.negotiation.is_nickname_refused {
            Phase::NicknameRefused
        } else {
            Phase::Registering
        };
    }
}
