//! What goes into the state, and what comes out.

use std::time::Duration;

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::entry::Entry;
use super::secret::Secret;

/// What the user asked for at the start.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// The wanted nickname.
    pub(crate) nickname: String,
    /// For USER.
    pub(crate) username: String,
    /// For PASS.
    pub(crate) password: Option<String>,
    /// The rooms to join, the current one first.
    pub(crate) rooms: Vec<String>,
    /// Whether to try `name_` where `name` is taken, instead of asking.
    pub(crate) append_underscore: bool,
    /// The account to log in to, and its password.
    pub(crate) account: Option<(String, Secret)>,
    /// Whether to log in with a certificate, which TLS has shown, if there is no account to.
    pub(crate) has_certificate: bool,
    /// Whether the user does not mind that others read the connection.
    pub(crate) is_insecure: bool,
    /// Whether a person reads and types, who can be asked and has read what was shown.
    pub(crate) is_person: bool,
    /// How many earlier lines to show of a room that is joined.
    pub(crate) history: usize,
    /// In which the user means a date.
    pub(crate) time_zone: TimeZone,
    /// Gives a text that nobody can guess: printable ASCII without a comma, up to 40 bytes.
    pub(crate) random: fn() -> String,
    /// Gives any number, each as likely as any other.
    pub(crate) chance: fn() -> u32,
    /// Whether to connect again when a connection is lost.
    pub(crate) reconnects: bool,
    /// How long the server may be silent, though it was asked whether it is there.
    pub(crate) silence_max: SignedDuration,
}

/// What the connection is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Link {
    /// Whether others on the way can't read it.
    pub(crate) is_encrypted: bool,
    /// Whether it stays on this machine.
    pub(crate) is_local: bool,
    /// Whether the server was asked for by a name, not by an address: only to names it can be bound
    /// by TLS.
    pub(crate) is_named: bool,
}

/// How to connect the next time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Attempt {
    /// How long to wait before.
    pub(crate) wait: Duration,
    /// The port to go to with TLS, if the server sends the client there.
    pub(crate) tls_port: Option<u16>,
}

/// What happens to the client.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Event<'a> {
    /// The connection is there.
    Connected(Link),
    /// A line from the server.
    Line(&'a str),
    /// A line from the user, typed while `room` was the current one: a command, or text for it.
    Typed { line: &'a str, room: Option<&'a str> },
    /// Text for a room, whatever it looks like.
    Text { text: &'a str, room: Option<&'a str> },
    /// Another nickname, after one was refused.
    Nickname(&'a str),
    /// The password that was asked for, if the user has entered one.
    Secret(Option<&'a Secret>),
    /// There will be no more input.
    InputEnded,
    /// Time has passed.
    Tick,
    /// The user wants to be gone.
    Quit,
    /// The connection is gone, and why.
    Closed(&'a str),
    /// An attempt to connect again has failed, and why.
    NotConnected(&'a str),
    /// It is no use to connect again, and why.
    GivenUp(&'a str),
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// Send this line, which has no line ending yet.
    Send(String),
    /// Show this.
    Show(Entry),
}

/// How far the connection is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The server has not welcomed the user yet.
    Registering,
    /// Nor will it under that name: another one is needed.
    NicknameRefused,
    /// Nor will it without a login, which was refused.
    LoginRefused,
    /// The user is there.
    Registered,
    /// There is no connection, but there will be another: [`Attempt`].
    Lost,
    /// It is over, and why.
    Closed(String),
}
