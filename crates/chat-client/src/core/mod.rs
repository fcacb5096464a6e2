//! The client without sockets, terminals and clocks: events go in, actions come out.

mod account;
mod backoff;
mod batch;
mod catch_up;
pub(crate) mod commands;
pub(crate) mod complete;
mod ctcp;
mod delivery;
pub(crate) mod entry;
mod event;
mod extensions;
mod for_good;
mod history;
mod incoming;
mod login;
mod login_again;
mod mention;
mod nickname;
mod people;
mod questions;
mod reconnect;
mod refusals;
mod registration;
mod replies;
mod returning;
mod room;
mod sasl;
mod search;
pub(crate) mod secret;
mod seen;
mod sentences;
mod silence;
mod speak;
mod split;
mod sts;
mod talks;
mod waiting;

use std::mem;

use chat_protocol::isupport::Isupport;
use chat_protocol::{Capability, CapabilitySet, LineWriter, casemapping};
use jiff::Timestamp;

use self::batch::Batches;
use self::ctcp::AnswerLimit;
use self::delivery::Delivery;
pub(crate) use self::delivery::WINDOW;
use self::entry::{Entry, What};
pub(crate) use self::event::{Action, Config, Event, Link, Phase};
use self::extensions::Extensions;
use self::login::Login;
use self::nickname::Wanted;
use self::questions::Asking;
use self::reconnect::{Joining, Reconnect};
use self::registration::Negotiation;
use self::replies::Collected;
use self::room::Rooms;
use self::secret::Secret;
use self::talks::Talks;

/// The state of a conversation, over one connection after the other.
#[derive(Debug)]
pub(crate) struct Client {
    config: Config,
    phase: Phase,
    link: Link,
    reconnect: Reconnect,
    nickname: String,
    wanted: Option<Wanted>,
    account: Option<String>,
    registering: Option<Secret>,
    away: Option<String>,
    userhost: Option<String>,
    capabilities: CapabilitySet,
    extensions: Extensions,
    negotiation: Negotiation,
    login: Login,
    asking: Option<Asking>,
    isupport: Isupport,
    rooms: Rooms,
    current: Option<String>,
    talks: Talks,
    joining: Vec<Joining>,
    any_join_refused: bool,
    delivery: Delivery,
    batches: Batches,
    searches: usize,
    collected: Collected,
    answers: AnswerLimit,
    quit_reason: Option<String>,
    has_quit: bool,
    input_ended: bool,
    server_error: Option<String>,
    sts_duration: Option<u64>,
    heard: Timestamp,
    asked: Option<Timestamp>,
    now: Timestamp,
    actions: Vec<Action>,
}

impl Client {
    /// A client that has not connected yet.
    pub(crate) fn new(config: Config) -> Self {
        Self {
            phase: Phase::Registering,
            link: Link::default(),
            reconnect: Reconnect::default(),
            nickname: config.nickname.clone(),
            wanted: None,
            account: None,
            registering: None,
            away: None,
            userhost: None,
            capabilities: CapabilitySet::EMPTY,
            extensions: Extensions::default(),
            negotiation: Negotiation::default(),
            login: Login::default(),
            asking: None,
            isupport: Isupport::new(),
            rooms: Rooms::default(),
            current: None,
            talks: Talks::default(),
            joining: Vec::new(),
            any_join_refused: false,
            delivery: Delivery::new((config.random)()),
            batches: Batches::default(),
            searches: 0,
            collected: Collected::default(),
            answers: AnswerLimit::default(),
            quit_reason: None,
            has_quit: false,
            input_ended: false,
            server_error: None,
            sts_duration: None,
            heard: Timestamp::default(),
            asked: None,
            now: Timestamp::default(),
            actions: Vec::new(),
            config,
        }
    }

    /// Takes in what happened and says what to do about it.
    pub(crate) fn update(&mut self, event: Event<'_>, now: Timestamp) -> Vec<Action> {
        self.now = now;
        match event {
            Event::Connected(link) => self.connected(link),
            // What an old connection still says.
            Event::Line(_) if self.phase == Phase::Lost => {}
            Event::Line(line) => {
                self.heard = now;
                self.asked = None;
                self.line(line);
            }
            Event::Typed { line, room } => self.typed(line, room),
            Event::Text { text, room } => self.text(text, room),
            Event::Nickname(nickname) => self.retry_nickname(nickname),
            Event::Secret(secret) => self.answered(secret),
            Event::InputEnded => {
                self.input_ended = true;
                self.ask_for_confirmation();
            }
            Event::Tick => self.tick(),
            Event::Quit => self.quit(),
            Event::Closed(reason) => self.close(reason),
            Event::NotConnected(reason) => self.not_connected(reason),
            Event::GivenUp(reason) => self.end(reason.to_owned()),
        }
        self.report_late();
        self.give_up_late_pages();
        self.want_nickname();
        self.join_again();
        self.send_waiting();
        mem::take(&mut self.actions)
    }

    /// How far the connection is.
    pub(crate) fn phase(&self) -> &Phase {
        &self.phase
    }

    /// The room that typed text goes to.
    pub(crate) fn current(&self) -> Option<&str> {
        self.current.as_deref()
    }

    /// Whether the user has asked to leave.
    pub(crate) fn is_leaving(&self) -> bool {
        self.quit_reason.is_some()
    }

    /// Whether the user has said everything.
    pub(crate) fn has_input_ended(&self) -> bool {
        self.input_ended
    }

    /// Whether an answer to a JOIN is awaited.
    pub(crate) fn is_joining(&self) -> bool {
        !self.joining.is_empty()
    }

    /// For how many seconds the server, spoken with by TLS, is to be reached by TLS only.
    pub(crate) fn sts_duration(&self) -> Option<u64> {
        self.sts_duration
    }

    /// Whether the last lines of a room that was just joined are awaited.
    pub(crate) fn is_latest_awaited(&self) -> bool {
        self.rooms.iter().any(|room| room.seen.asked.is_some_and(|page| !page.by_user))
    }

    /// Whether a page of history or a search is awaited.
    pub(crate) fn is_answer_awaited(&self) -> bool {
        self.searches > 0 || self.rooms.iter().any(|room| room.seen.asked.is_some())
    }

    /// Whether a room could not be joined.
    pub(crate) fn any_join_refused(&self) -> bool {
        self.any_join_refused
    }

    /// Which messages the server has confirmed.
    pub(crate) fn delivery(&self) -> &Delivery {
        &self.delivery
    }

    fn quit(&mut self) {
        let reason = self.quit_reason.get_or_insert_default().clone();
        // A server that has not let the user back in would only be waited for.
        if self.phase == Phase::Lost || self.is_returning() {
            self.end("there is no connection".to_owned());
            return;
        }
        if !mem::replace(&mut self.has_quit, true) {
            if !self.has(Capability::EchoMessage)
                && let Some(token) = self.delivery.last_barrier()
            {
                self.send("PING", &[&token], None);
            }
            self.send("QUIT", &[], (!reason.is_empty()).then_some(&reason));
        }
    }

    fn is_me(&self, nickname: &str) -> bool {
        casemapping::eq(&self.nickname, nickname)
    }

    fn has(&self, capability: Capability) -> bool {
        self.capabilities.contains(capability)
    }

    fn is_current(&self, room: &str) -> bool {
        self.current.as_deref().is_some_and(|current| casemapping::eq(current, room))
    }

    /// Whether a target names a room on this server.
    fn names_room(&self, target: &str) -> bool {
        target.starts_with(|first| self.isupport.channel_types().contains(first))
    }

    /// A room as the user calls it, which may be without its `#`.
    fn room_name(&self, typed: &str) -> String {
        if self.names_room(typed) { typed.to_owned() } else { format!("#{typed}") }
    }

    /// Sends a line from parts of which none but `trailing` may hold a space.
    fn send(&mut self, command: &str, middle: &[&str], trailing: Option<&str>) {
        let mut line = String::new();
        let mut writer = LineWriter::new(&mut line);
        writer.command(command);
        for param in middle {
            writer.param(param);
        }
        if let Some(text) = trailing {
            writer.trailing(text);
        }
        writer.end_without_newline();
        self.actions.push(Action::Send(line));
    }

    fn show(&mut self, time: Timestamp, room: Option<&str>, what: What) {
        let current = room.is_some_and(|room| self.is_current(room));
        self.actions.push(Action::Show(Entry {
            time,
            room: room.map(str::to_owned),
            current,
            what,
        }));
    }

    fn tell(&mut self, text: impl Into<String>) {
        self.show(self.now, None, What::Told(text.into()));
    }

    fn problem(&mut self, text: impl Into<String>) {
        self.show(self.now, None, What::Problem(text.into()));
    }
}

#[cfg(test)]
mod tests;
