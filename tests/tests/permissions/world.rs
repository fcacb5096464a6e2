//! A server for each role, on which commands are tried one after the other, each in a room of its own.

use std::fmt::Write;

use chat_tests::pattern::Variables;
use chat_tests::{Client, Line, Pattern, Server};

use crate::table::Row;

/// Who says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Has not registered its connection.
    New,
    /// Not logged in, and not in the room.
    Guest,
    /// Logged in, and not in the room.
    User,
    /// In the room, with no status; not logged in.
    Member,
    HalfOp,
    Op,
    /// The account that the room belongs to, in it.
    Founder,
    /// The same, not in it.
    Away,
    /// An IRC operator with every privilege, not in the room.
    Oper,
    /// The same, in the room with no status.
    OperIn,
    /// An IRC operator with no privilege, in the room with no status.
    Bare,
}

/// The columns of the table.
pub(crate) const ROLES: [Role; 11] = [
    Role::New,
    Role::Guest,
    Role::User,
    Role::Member,
    Role::HalfOp,
    Role::Op,
    Role::Founder,
    Role::Away,
    Role::Oper,
    Role::OperIn,
    Role::Bare,
];

impl Role {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Guest => "guest",
            Self::User => "user",
            Self::Member => "membr",
            Self::HalfOp => "halfo",
            Self::Op => "op",
            Self::Founder => "found",
            Self::Away => "away",
            Self::Oper => "oper",
            Self::OperIn => "operi",
            Self::Bare => "bare",
        }
    }

    const fn account(self) -> Option<&'static str> {
        match self {
            Self::User => Some("plain"),
            Self::Founder | Self::Away => Some("owner"),
            _ => None,
        }
    }

    const fn oper(self) -> Option<&'static str> {
        match self {
            Self::Oper | Self::OperIn => Some("root"),
            Self::Bare => Some("bare"),
            _ => None,
        }
    }

    const fn is_in_room(self) -> bool {
        matches!(
            self,
            Self::Member | Self::HalfOp | Self::Op | Self::Founder | Self::OperIn | Self::Bare
        )
    }

    const fn status(self) -> Option<char> {
        match self {
            Self::HalfOp => Some('h'),
            Self::Op => Some('o'),
            _ => None,
        }
    }
}

/// What became of a command.
pub(crate) struct Outcome {
    /// As the table has it.
    pub(crate) class: String,
    /// What was received, for people.
    pub(crate) seen: String,
}

const CONFIG: &str = "
[rooms]
registered_per_account_max = 100000
[history]
durability = \"process\"
[accounts]
scram_iterations = 4096
login_failures_max = 100000
registrations_max = 100000
[limits]
connections_max = 100
[[opers]]
name = \"root\"
password = \"$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$fIbdC2xakJ6cNlONBQKde0ZQtJof49m9l+7mj3O30mA\"
[[opers]]
name = \"bare\"
password = \"$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$fIbdC2xakJ6cNlONBQKde0ZQtJof49m9l+7mj3O30mA\"
role = \"bare\"
[[oper_roles]]
name = \"bare\"
privileges = []
";

/// What clients need to see all that happens.
const CAPABILITIES: [&str; 6] = [
    "echo-message",
    "message-tags",
    "draft/message-redaction",
    "draft/channel-rename",
    "draft/read-marker",
    "setname",
];

pub(crate) struct World {
    role: Role,
    server: Server,
    /// An IRC operator, who is in no room.
    root: Client,
    /// The first in every room; sees what members see.
    keeper: Client,
    rows: usize,
}

/// Those of one row.
struct Scene {
    actor: Client,
    victim: Client,
    variables: Vec<(&'static str, String)>,
}

impl World {
    pub(crate) fn new(role: Role) -> Self {
        let server = Server::start(CONFIG);
        let mut root = Client::registered(&server, "root");
        root.says("OPER root secret");
        for account in ["keeper", "owner", "plain", "target"] {
            root.says(&format!("NS SAREGISTER {account} correcthorse"));
        }
        root.is_served();
        let mut keeper = client(&server, "witness");
        keeper.says("NS IDENTIFY keeper correcthorse");
        keeper.says("MODE witness +w");
        keeper.is_served();
        Self { role, server, root, keeper, rows: 0 }
    }

    /// Says what the row says, and looks at what becomes of it.
    pub(crate) fn play(&mut self, row: &Row) -> Outcome {
        self.rows += 1;
        let mut scene = self.scene();
        for (who, line) in &row.given {
            let line = scene.fill(line);
            let client = match who.as_str() {
                "root" => &mut self.root,
                "keeper" => &mut self.keeper,
                "victim" => &mut scene.victim,
                "actor" => &mut scene.actor,
                _ => panic!("{who} is nobody"),
            };
            client.says(&line);
            client.is_served();
        }
        [&mut self.keeper, &mut scene.victim, &mut scene.actor].into_iter().for_each(|it| {
            it.drain();
        });
        scene.actor.says(&scene.fill(&row.command));
        let own = scene.actor.drain();
        let mut others = [self.keeper.drain(), scene.victim.drain()].concat();
        let done = scene.fill(&row.done);
        let mut class = class(&own, &others, &done);
        if class == NOTHING {
            // Who is disconnected may have answered one more line.
            others.extend(scene.victim.drain());
            class = self::class(&own, &others, &done);
        }
        self.keeper.says(&format!("PART {}", scene.variables[0].1));
        Outcome { class, seen: shown(&own, &others) }
    }

    /// A room with the keeper, somebody to whom things are done, and who does them.
    fn scene(&mut self) -> Scene {
        let (room, number) = (format!("#r{}", self.rows), self.rows);
        let (me, victim) = (format!("a{number}"), format!("v{number}"));
        self.keeper.says(&format!("JOIN {room}"));
        self.keeper.says(&format!("CS REGISTER {room}"));
        self.keeper.is_served();
        self.root.says(&format!("CS TRANSFER {room} owner"));
        self.root.is_served();
        let mut victim_client = client(&self.server, &victim);
        victim_client.says(&format!("JOIN {room}"));
        victim_client.says(&format!("PRIVMSG {room} :said"));
        let said = victim_client.awaits(&format!("@msgid=* PRIVMSG {room} :said"));
        let actor = self.actor(&me, &room);
        let variables = vec![
            ("$room", room),
            ("$victim", victim),
            ("$me", if self.role == Role::New { "*".to_owned() } else { me }),
            ("$msgid", msgid(&said)),
            ("$n", number.to_string()),
        ];
        Scene { actor, victim: victim_client, variables }
    }

    fn actor(&mut self, name: &str, room: &str) -> Client {
        if self.role == Role::New {
            return Client::unregistered(&self.server, name);
        }
        let mut actor = client(&self.server, name);
        if let Some(account) = self.role.account() {
            actor.says(&format!("NS IDENTIFY {account} correcthorse"));
        }
        if let Some(oper) = self.role.oper() {
            actor.says(&format!("OPER {oper} secret"));
        }
        if self.role.is_in_room() {
            actor.says(&format!("JOIN {room}"));
        }
        actor.is_served();
        if let Some(status) = self.role.status() {
            self.keeper.says(&format!("MODE {room} +{status} {name}"));
            self.keeper.is_served();
        }
        actor
    }
}

impl Scene {
    fn fill(&self, text: &str) -> String {
        let fill = |text: String, (name, value): &(&str, String)| text.replace(name, value);
        self.variables.iter().fold(text.to_owned(), fill)
    }
}

fn client(server: &Server, name: &str) -> Client {
    let mut client = Client::unregistered(server, name);
    client.register(&CAPABILITIES.map(str::to_owned)).expect("the server lets it in");
    client
}

/// Every mode there is, set and unset, as a client says it.
pub(crate) fn modes() -> Vec<String> {
    let server = Server::start("");
    let mut client = Client::unregistered(&server, "looker");
    client.says("NICK looker");
    client.says("USER user 0 * :Real Name");
    let letters = client.awaits("004 …");
    let [.., own, of_rooms, _] = letters.parts().params[..] else { panic!("{letters:?}") };
    let changes = |whose: &str, letters: &str| -> Vec<String> {
        let both = |letter: char| ['+', '-'].map(|sign| format!("MODE {whose} {sign}{letter}"));
        letters.chars().flat_map(both).collect()
    };
    [changes("$me", own), changes("$room", of_rooms)].concat()
}

/// Nothing says that it is refused, and nothing that it is done.
const NOTHING: &str = "-";

fn class(own: &[Line], others: &[Line], done: &str) -> String {
    let done = Pattern::parse(done).unwrap_or_else(|error| panic!("{done}: {error}"));
    if own.iter().chain(others).any(|line| done.matches(line, &mut Variables::new())) {
        return "ok".to_owned();
    }
    own.iter().find_map(refusal).unwrap_or_else(|| NOTHING.to_owned())
}

fn refusal(line: &Line) -> Option<String> {
    let parts = line.parts();
    let is_service =
        |source: &str| source.starts_with("NickServ!") || source.starts_with("ChanServ!");
    match parts.command {
        "FAIL" => Some("fail".to_owned()),
        "ERROR" => Some("gone".to_owned()),
        "NOTICE" if parts.source.is_some_and(is_service) => Some("no".to_owned()),
        numeric => {
            let code: u16 = numeric.parse().ok()?;
            let is_error = (400..600).contains(&code) || code == 723 || (902..=907).contains(&code);
            is_error.then(|| numeric.to_owned())
        }
    }
}

fn shown(own: &[Line], others: &[Line]) -> String {
    let mut text = String::new();
    for (who, line) in
        own.iter().map(|line| ("", line)).chain(others.iter().map(|it| ("others ", it)))
    {
        let _ = write!(text, "\n        {who}{}", line.as_str());
    }
    if text.is_empty() { " nothing".to_owned() } else { text }
}

fn msgid(line: &Line) -> String {
    let tags = line.parts().tags.unwrap_or_default();
    let id = tags.split(';').find_map(|tag| tag.strip_prefix("msgid="));
    id.expect("it has a message id").to_owned()
}
