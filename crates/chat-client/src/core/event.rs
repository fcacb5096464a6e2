//! What goes into the state, and what comes out.

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
    /// Whether nobody else can read the connection, or the user does not mind.
    pub(crate) is_trusted: bool,
    /// Whether a person reads and types, who can be asked and has read what was shown.
    pub(crate) is_person: bool,
    /// How many earlier lines to show of a room that is joined.
    pub(crate) history: usize,
    /// In which the user means a date.
    pub(crate) time_zone: TimeZone,
    /// Gives a text that nobody can guess: printable ASCII without a comma, up to 40 bytes.
    pub(crate) random: fn() -> String,
}

/// What happens to the client.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Event<'a> {
    /// The connection is there.
    Connected,
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
    /// It is over, and why.
    Closed(String),
}
