//! How much of its pace a line takes.

/// Bytes that cost as much as a line.
const LINE_BYTES: usize = 1024;

/// Commands that make the server work, and what they count for. Others count for one line.
const EXPENSIVE: &[(&str, u32)] = &[
    ("AUTHENTICATE", 3),
    ("CHATHISTORY", 4),
    ("INVITE", 3),
    ("JOIN", 2),
    ("LIST", 8),
    ("MARKREAD", 2),
    ("NAMES", 2),
    ("NICK", 4),
    ("OPER", 4),
    ("REGISTER", 8),
    ("RENAME", 4),
    ("SEARCH", 6),
    ("WHO", 4),
    ("WHOWAS", 2),
];

/// What a line counts for, in lines.
pub(crate) fn cost(line: &str) -> u32 {
    let untagged = match line.starts_with('@') {
        true => line.split_once(' ').map_or("", |(_, rest)| rest).trim_start(),
        false => line,
    };
    let command = match untagged.starts_with(':') {
        true => untagged.split_once(' ').map_or("", |(_, rest)| rest).trim_start(),
        false => untagged,
    };
    let command = command.split(' ').next().unwrap_or_default();
    let found = EXPENSIVE.iter().find(|(name, _)| command.eq_ignore_ascii_case(name));
    let of_bytes = u32::try_from(line.len() / LINE_BYTES).unwrap_or(u32::MAX);
    found.map_or(1, |(_, cost)| *cost).saturating_add(of_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::find;

    #[test]
    fn lines_cost_by_their_command_and_length() {
        assert_eq!(cost("PRIVMSG #a :LIST"), 1);
        assert_eq!(cost("@label=1;+x=y :alice  list"), 8);
        assert_eq!(cost(&format!("@+a={} TAGMSG #a", "x".repeat(4000))), 4);
        assert_eq!([cost(""), cost("@"), cost(":x")], [1; 3]);
        assert!(EXPENSIVE.iter().all(|(name, _)| find(name).is_some()));
    }
}
