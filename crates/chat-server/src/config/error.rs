//! What is wrong with a configuration, in one line: the file, the place in it and the reason.

use std::fmt;
use std::path::Path;

/// The place and the reason. What is written in the file is left out: it may hold a password. Only keys
/// are named, and what looks like one of them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ConfigError {
    /// Line and column, from 1. What is wrong with the whole has none.
    place: Option<(usize, usize)>,
    /// The key on that line, where there is one.
    key: Option<String>,
    reason: String,
}

impl ConfigError {
    pub(super) fn new(text: &str, error: &toml::de::Error) -> Self {
        let reason = without_values(error.message().trim()).replace('\n', ", ");
        let Some(span) = error.span() else { return Self { place: None, key: None, reason } };
        let before = &text[..text.floor_char_boundary(span.start)];
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = text[start..].lines().next().unwrap_or_default();
        let place = (before.matches('\n').count() + 1, before[start..].chars().count() + 1);
        Self { place: Some(place), key: key_of(line).map(str::to_owned), reason }
    }

    pub(super) fn in_file(self, path: &Path) -> anyhow::Error {
        anyhow::anyhow!("{} is not a valid configuration: {self}", path.display())
    }
}

/// Names every key.
const EXAMPLE: &str = include_str!("../../chat-server.example.toml");

/// The key that a line is about. What is damaged may have anything before a `=`.
fn key_of(line: &str) -> Option<&str> {
    let key = line.split_once('=')?.0.trim();
    let is_known = |line: &str| {
        let line = line.strip_prefix('#').unwrap_or(line);
        line.split_once(" = ").is_some_and(|(known, _)| known == key)
    };
    EXAMPLE.lines().any(is_known).then_some(key)
}

/// A reason as serde gives it, without the value that it repeats.
fn without_values(message: &str) -> String {
    let Some((found, expected)) = message.rsplit_once(", expected ") else {
        return message.to_owned();
    };
    let kind = found.find(['`', '"']).map_or(found, |quote| found[..quote].trim_end());
    let key = found.strip_prefix("unknown field `").and_then(|rest| rest.strip_suffix('`'));
    match key.filter(|key| looks_like_a_key(key)) {
        Some(key) => format!("unknown field `{key}`, expected {expected}"),
        None => format!("{kind}, expected {expected}"),
    }
}

fn looks_like_a_key(text: &str) -> bool {
    text.len() <= 40 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.place {
            write!(f, "line {line}, column {column}: ")?;
        }
        // What is unknown is named by the reason.
        let is_named = |key: &str| self.reason.contains(&format!("`{key}`"));
        match self.key.as_deref().filter(|key| !is_named(key)) {
            Some(key) => write!(f, "{key}: {}", self.reason),
            None => f.write_str(&self.reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Config;

    fn error(text: &str) -> String {
        Config::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn an_error_has_a_place_a_key_and_a_reason() {
        assert_eq!(
            error("[server]\nmotd = \"é\"\nname = \"nodots\"\n"),
            "line 3, column 8: name: expected a host name with a dot in it, such as \
             chat.example.org, of at most 63 bytes"
        );
        assert!(
            error("[limits]\nx_max = 3\n").starts_with("line 2, column 1: unknown field `x_max`")
        );
        assert!(error("[server\n").starts_with("line 1, column 8: "), "{}", error("[server\n"));
    }

    #[test]
    fn a_password_that_is_no_hash_is_not_repeated() {
        let error = error("[server]\npassword = \"secret\"\n");
        assert!(error.contains("password") && !error.contains("secret"), "{error}");
    }

    #[test]
    fn what_is_of_the_wrong_kind_is_not_repeated() {
        assert_eq!(
            error("[server]\npassword = 271828\n"),
            "line 2, column 12: password: invalid type: integer, expected a string"
        );
        assert_eq!(
            error("[limits]\nmonitor_max = \"secret, expected nothing\"\n"),
            "line 2, column 15: monitor_max: invalid type: string, expected usize"
        );
        assert!(
            error("[rooms]\ndefault = [\"#a\", \"secret\"]\n")
                .starts_with("line 2, column 11: default: number 2 of them is not a room: ")
        );
    }

    #[test]
    fn what_is_no_key_is_not_repeated() {
        let error = error("[server]\nSecret2 = 1\n");
        assert!(
            error.starts_with("line 2, column 1: unknown field, expected one of `name`"),
            "{error}"
        );
    }
}
