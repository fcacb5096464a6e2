//! What the Tab key offers.

use chat_protocol::casemapping::fold;

use super::Client;
use super::commands::{COMMANDS, Command, Completes};
use crate::sanitize;

/// What a search can be narrowed to.
const FILTERS: &[&str] = &["after:", "before:", "from:", "in:"];

impl Client {
    /// Where the word before the cursor starts, and what it may become.
    pub(crate) fn complete(&self, line: &str, cursor: usize) -> (usize, Vec<String>) {
        let before = &line[..cursor];
        let start = before.rfind(' ').map_or(0, |space| space + 1);
        let word = &before[start..];
        let mut offers = match before.strip_prefix('/') {
            Some(name) if start == 0 => commands("/", name),
            Some(command_line) => self.params(command_line, word),
            None if self.names_room(word) => self.rooms_like(word),
            None => self.nicknames_like(word, if start == 0 { ": " } else { " " }),
        };
        // A name that can't be shown as it is can't be offered either.
        offers.retain(|offer| sanitize::text(offer) == *offer);
        offers.sort_unstable();
        offers.dedup();
        (start, offers)
    }

    fn params(&self, command_line: &str, word: &str) -> Vec<String> {
        let mut words = command_line.split_ascii_whitespace();
        let Some(command) = words.next().and_then(Command::find) else { return Vec::new() };
        let whole = words.count().saturating_sub(usize::from(!word.is_empty()));
        let kind = command.completes.get(whole).or(command.completes.last()).copied();
        match kind.unwrap_or(Completes::Nothing) {
            Completes::Rooms => self.rooms_like(word),
            Completes::Nicknames => self.nicknames_like(word, " "),
            Completes::Targets => {
                let mut offers = self.nicknames_like(word, " ");
                offers.extend(self.rooms_like(word));
                offers
            }
            Completes::Commands => commands("", word),
            Completes::Filters => self.filters_like(word),
            Completes::Nothing => Vec::new(),
        }
    }

    fn nicknames_like(&self, word: &str, end: &str) -> Vec<String> {
        let members = self.rooms.iter().flat_map(|room| room.members.values());
        let others = members.filter(|nickname| !self.is_me(nickname));
        others
            .filter(|nickname| starts(nickname, word))
            .map(|name| format!("{name}{end}"))
            .collect()
    }

    fn filters_like(&self, word: &str) -> Vec<String> {
        let (name, value) = word.split_once(':').unwrap_or((word, ""));
        let values = match name {
            "from" => self.nicknames_like(value, " "),
            "in" => self.rooms_like(value),
            _ => {
                let filters = FILTERS.iter().filter(|filter| starts(filter, word));
                return filters.map(|&filter| filter.to_owned()).collect();
            }
        };
        values.into_iter().map(|value| format!("{name}:{value}")).collect()
    }

    fn rooms_like(&self, word: &str) -> Vec<String> {
        let word = if word.is_empty() { String::new() } else { self.room_name(word) };
        let names = self.rooms.iter().map(|room| &room.name);
        names.filter(|name| starts(name, &word)).map(|name| format!("{name} ")).collect()
    }
}

fn commands(slash: &str, word: &str) -> Vec<String> {
    let commands = COMMANDS.iter().filter(|command| starts(command.name, word));
    commands.map(|command| format!("{slash}{} ", command.name)).collect()
}

fn starts(name: &str, word: &str) -> bool {
    fold(name).starts_with(&fold(word))
}
