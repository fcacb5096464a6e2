//! Commands the user types: one table, from which help and completion come.

mod account;
mod people;
mod record;
mod rooms;
mod talk;

use super::Client;
use super::speak::Mistake;

/// One row of the table.
pub(crate) struct Command {
    /// The word after the slash.
    pub(crate) name: &'static str,
    /// What follows it, as help shows it.
    pub(crate) params: &'static str,
    /// What it does.
    pub(crate) help: &'static str,
    /// What each parameter completes to; the last counts for all that follow.
    pub(crate) completes: &'static [Completes],
    run: fn(&mut Client, Typed<'_>) -> Result<(), Mistake>,
}

/// What the Tab key offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Completes {
    /// Nicknames.
    Nicknames,
    /// Rooms the user is in.
    Rooms,
    /// Rooms and nicknames.
    Targets,
    /// Commands, without their slash.
    Commands,
    /// Filters of a search, with nicknames and rooms in them.
    Filters,
    /// Nothing.
    Nothing,
}

/// What was typed after a command, and where.
#[derive(Debug, Clone, Copy)]
struct Typed<'a> {
    rest: &'a str,
    room: Option<&'a str>,
}

macro_rules! commands {
    ($($name:literal $params:literal $help:literal [$($completes:ident),*] $run:path;)*) => {
        /// Every command, in the order of help.
        pub(crate) const COMMANDS: &[Command] = &[$(Command {
            name: $name,
            params: $params,
            help: $help,
            completes: &[$(Completes::$completes),*],
            run: $run,
        }),*];
    };
}

commands! {
    "join" "ROOM [KEY]" "enter a room, or go to it" [Rooms, Nothing] rooms::join;
    "part" "[ROOM] [REASON]" "leave a room" [Rooms, Nothing] rooms::part;
    "room" "[ROOM]" "go to a room you are in; alone, list them" [Rooms, Nothing] rooms::room;
    "say" "TEXT" "send any text, /commands and exit too" [Nicknames] talk::say;
    "me" "TEXT" "say what you do" [Nicknames] talk::me;
    "msg" "NAME TEXT" "send a message to somebody, or to a room" [Targets, Nicknames] talk::msg;
    "notice" "NAME TEXT" "send a notice" [Targets, Nicknames] talk::notice;
    "topic" "[ROOM] [TEXT]" "show or change the topic" [Rooms, Nothing] rooms::topic;
    "names" "[ROOM]" "who is in the room" [Rooms, Nothing] rooms::names;
    "list" "[PATTERN]" "which rooms there are" [Rooms, Nothing] rooms::list;
    "who" "[NAME]" "who is who, in a room or by name" [Targets, Nothing] people::who;
    "whois" "NAME" "more about somebody" [Nicknames, Nothing] people::whois;
    "nick" "NAME" "change your name" [Nothing] people::nick;
    "away" "[MESSAGE]" "be marked as away" [Nothing] people::away;
    "back" "" "be back" [Nothing] people::back;
    "invite" "NAME [ROOM]" "invite somebody to the room" [Nicknames, Rooms, Nothing] people::invite;
    "kick" "[ROOM] NAME [REASON]" "remove somebody from the room" [Nicknames, Nothing] people::kick;
    "mode" "[TARGET] [MODES]" "show or change modes" [Targets, Nicknames] people::mode;
    "history" "[COUNT]" "show what was said before that" [Nothing] record::history;
    "search" "[from:NAME] [in:ROOM] [after:DATE] [before:DATE] WORDS" "find what was said" [Filters] record::search;
    "login" "ACCOUNT" "log in; the password is asked for" [Nothing] account::login;
    "logout" "" "log out, and stay" [Nothing] account::logout;
    "register" "[ACCOUNT] [EMAIL]" "make an account; the password is asked for" [Nothing] account::register;
    "verify" "ACCOUNT CODE" "say the code that came by mail" [Nothing] account::verify;
    "passwd" "" "change your account's password; it is asked for" [Nothing] account::passwd;
    "sessions" "" "where you are logged in" [Nothing] account::sessions;
    "raw" "LINE" "send a line of the protocol as it is" [Targets] talk::raw;
    "help" "[COMMAND]" "this list, or one command" [Commands, Nothing] talk::help;
    "reconnect" "" "try again now to connect, after the connection was lost" [Nothing] talk::reconnect;
    "quit" "[REASON]" "leave; so do exit alone on a line, and Ctrl-D" [Nothing] talk::quit;
}

/// What can be done while there is no connection.
const OFFLINE: &[&str] =
    &["help", "me", "msg", "notice", "part", "quit", "reconnect", "room", "say"];

const NOT_CONNECTED: &str = "There is no connection now: /reconnect tries again at once.";

impl Command {
    /// The command of this name, in any case.
    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        COMMANDS.iter().find(|command| command.name.eq_ignore_ascii_case(name))
    }

    fn usage(&self) -> String {
        format!("/{} {}", self.name, self.params).trim_end().to_owned()
    }
}

/// Whether a line is the word that ends the conversation.
pub(crate) fn is_exit(line: &str) -> bool {
    line.trim().eq_ignore_ascii_case("exit")
}

/// Whether a line may hold a password, though none is to be typed there.
pub(crate) fn may_hold_password(line: &str) -> bool {
    const COMMANDS: &[&str] = &["login", "passwd", "raw", "register"];

    let name = word(line.strip_prefix('/').unwrap_or_default()).0;
    let to_service = line.to_ascii_lowercase().starts_with("/msg nickserv");
    to_service || COMMANDS.iter().any(|command| command.eq_ignore_ascii_case(name))
}

impl Client {
    /// Does what a line says: a command, or text for the room it was typed in.
    pub(super) fn typed(&mut self, line: &str, room: Option<&str>) {
        if is_exit(line) {
            self.quit_reason.get_or_insert_default();
            return;
        }
        let Some(command_line) = line.strip_prefix('/') else {
            if !line.trim().is_empty() {
                self.text(line, room);
            }
            return;
        };
        let (name, rest) = word(command_line);
        let Some(command) = Command::find(name) else {
            let hint = if name.contains('/') { "To send it: /say" } else { "See /help" };
            self.problem(format!("There is no command /{name}. {hint}"));
            return;
        };
        if self.is_returning() && !OFFLINE.contains(&command.name) {
            self.mistake(Mistake::Because(NOT_CONNECTED.to_owned()), None);
            return;
        }
        if let Err(mistake) = (command.run)(self, Typed { rest, room }) {
            self.mistake(mistake, Some(&command.usage()));
        }
    }
}

impl<'a> Typed<'a> {
    /// The next word, which has to be there.
    fn word(&mut self) -> Result<&'a str, Mistake> {
        let (first, rest) = word(self.rest);
        if first.is_empty() {
            return Err(Mistake::Usage);
        }
        self.rest = rest;
        if first.starts_with(':') || first.chars().any(char::is_control) {
            return Err(Mistake::Because(format!("{first} can't be a name.")));
        }
        Ok(first)
    }

    /// The rest of the line, which has to be there.
    fn text(&self) -> Result<&'a str, Mistake> {
        if self.rest.trim().is_empty() { Err(Mistake::Usage) } else { Ok(self.rest) }
    }

    /// The next word if it names a room, with or without its `#`; else the current room.
    fn room(&mut self, client: &Client) -> Result<String, Mistake> {
        let (first, rest) = word(self.rest);
        let named = client.room_name(first);
        if client.names_room(first) || client.rooms.find(&named).is_some() {
            self.rest = rest;
            return Ok(named);
        }
        self.room.map(str::to_owned).ok_or(Mistake::NoRoom)
    }

    /// The next word as somebody's name or a room's. Without its `#` it is a room only where
    /// nobody of that name is known and the user is in the room.
    fn target(&mut self, client: &Client) -> Result<String, Mistake> {
        let name = self.word()?;
        let room = client.room_name(name);
        let is_room = !client.rooms.know(name) && client.rooms.find(&room).is_some();
        Ok(if is_room { room } else { name.to_owned() })
    }

    /// What remains, if anything does.
    fn remaining(&self) -> Option<&'a str> {
        Some(self.rest.trim_end()).filter(|rest| !rest.is_empty())
    }
}

/// The first word and what follows it.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (first, rest.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        for command in COMMANDS {
            assert!(!command.help.is_empty() && !command.completes.is_empty(), "{}", command.name);
            let same = COMMANDS.iter().filter(|other| other.name == command.name);
            assert_eq!(same.count(), 1, "{}", command.name);
        }
        assert_eq!(Command::find("JOIN").unwrap().usage(), "/join ROOM [KEY]");
        assert_eq!(Command::find("back").unwrap().usage(), "/back");
        assert!(Command::find("jo").is_none());
    }

    #[test]
    fn exit_is_a_line_of_its_own() {
        for line in ["exit", "EXIT", " Exit "] {
            assert!(is_exit(line), "{line}");
        }
        for line in ["exit now", "/exit", "", "exits"] {
            assert!(!is_exit(line), "{line}");
        }
    }

    #[test]
    fn lines_that_may_hold_a_password_are_known() {
        for line in ["/register a secret", "/RAW OPER a secret", "/msg NickServ IDENTIFY secret"] {
            assert!(may_hold_password(line), "{line}");
        }
        assert!(!may_hold_password("/msg bob register") && !may_hold_password("login"));
    }

    #[test]
    fn words() {
        assert_eq!(word("  one  two three "), ("one", "two three "));
        assert_eq!(word("one"), ("one", ""));
        assert_eq!(word(""), ("", ""));
    }
}
