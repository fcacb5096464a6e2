//! What is wrong with a configuration, in one line: the file, the place in it and the reason.

use std::fmt;
use std::path::Path;

/// The place and the reason. The text of the file is left out: it may hold a password.
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
        let reason = error.message().trim().replace('\n', ", ");
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

fn key_of(line: &str) -> Option<&str> {
    let key = line.split_once('=')?.0.trim();
    let is_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    (!key.is_empty() && key.chars().all(is_key)).then_some(key)
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
}
