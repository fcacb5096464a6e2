//! What follows from what: lines in, lines and entries out.

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::*;
use crate::render::Style;

mod account;
mod catch_up;
mod commands;
mod delivery;
mod history;
mod hostile;
mod messages;
mod reconnect;
mod registration;
mod returning;
mod search;
mod sts;

const STYLE: Style = Style { colour: false, every_room: false, time_zone: TimeZone::UTC };

struct Bench(Client);

impl Bench {
    fn new(append_underscore: bool) -> Self {
        Self::with(Config { append_underscore, ..config() })
    }

    fn with(config: Config) -> Self {
        let mut bench = Self(Client::new(config));
        bench.0.update(Event::Connected(Link::default()), now());
        bench
    }

    /// A client in `#general` with bob, on a server with these capabilities.
    fn in_room(capabilities: &str) -> Self {
        Self::in_room_with(config(), capabilities)
    }

    fn in_room_with(config: Config, capabilities: &str) -> Self {
        let mut bench = Self::with(config);
        bench.is_welcomed("alice", capabilities);
        bench.line(":alice!al@host JOIN #general");
        bench.line(":s.x 353 alice = #general :@bob!b@h alice");
        bench.line(":s.x 366 alice #general :End");
        bench
    }

    /// The first lines of a server with these capabilities.
    fn is_welcomed(&mut self, nickname: &str, capabilities: &str) -> Vec<String> {
        self.line(&format!(":s.x CAP * LS :{capabilities}"));
        self.line(&format!(":s.x CAP * ACK :{capabilities}"));
        let shown = self.line(&format!(":s.x 001 {nickname} :Welcome"));
        self.line(&format!(":s.x 005 {nickname} CHATHISTORY=100 :are supported"));
        shown
    }

    fn line(&mut self, line: &str) -> Vec<String> {
        self.event(Event::Line(line))
    }

    fn typed(&mut self, line: &str) -> Vec<String> {
        let room = self.0.current().map(str::to_owned);
        self.event(Event::Typed { line, room: room.as_deref() })
    }

    fn event(&mut self, event: Event<'_>) -> Vec<String> {
        shown(self.0.update(event, now()))
    }
}

fn config() -> Config {
    Config {
        nickname: "alice".to_owned(),
        username: "al".to_owned(),
        password: None,
        rooms: vec!["general".to_owned()],
        append_underscore: false,
        account: None,
        has_certificate: false,
        is_insecure: true,
        is_person: true,
        history: 20,
        time_zone: TimeZone::UTC,
        random: || "random".to_owned(),
        chance: || u32::MAX,
        reconnects: false,
        silence_max: SignedDuration::from_secs(150),
    }
}

fn now() -> Timestamp {
    "2026-05-01T14:02:03Z".parse().unwrap()
}

/// `> line` for what is sent, and lines as they are shown.
fn shown(actions: Vec<Action>) -> Vec<String> {
    let text = |action| match action {
        Action::Send(line) => format!("> {line}"),
        Action::Show(entry) => STYLE.line(&entry, now()),
    };
    actions.into_iter().map(text).collect()
}
