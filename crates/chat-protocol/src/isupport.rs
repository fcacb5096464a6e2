//! What a server says it supports: the tokens of `RPL_ISUPPORT`. Modern IRC, "Feature Advertisement".

use std::collections::BTreeMap;
use std::fmt;

/// The most tokens of one line (a line has 15 parameters; the nickname and the text take two).
pub const TOKENS_MAX: usize = 13;
/// The most bytes the tokens of one line take together, so that the line stays below 512 with
/// long names.
pub const LINE_BYTES_MAX: usize = 280;

/// One token: `NAME`, `NAME=value` or, for one that is no longer supported, `-NAME`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// In capital letters.
    pub name: String,
    /// Not escaped; empty if it has none.
    pub value: String,
}

impl Token {
    /// A token with a value; an empty one is not written.
    pub fn new(name: &str, value: impl fmt::Display) -> Self {
        Self { name: name.to_owned(), value: value.to_string() }
    }

    /// A token without a value.
    pub fn flag(name: &str) -> Self {
        Self::new(name, "")
    }
}

/// As on the wire: space, `=` and `\` of the value are escaped as `\x20` and so on.
impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if self.value.is_empty() {
            return Ok(());
        }
        f.write_str("=")?;
        self.value.chars().try_for_each(|character| match character {
            ' ' => f.write_str("\\x20"),
            '=' => f.write_str("\\x3D"),
            '\\' => f.write_str("\\x5C"),
            other => write!(f, "{other}"),
        })
    }
}

/// Tokens in groups that each fit one line.
pub fn lines(tokens: &[Token]) -> Vec<Vec<String>> {
    let mut lines: Vec<Vec<String>> = Vec::new();
    let mut bytes = 0;
    for token in tokens {
        let token = token.to_string();
        let full = bytes + token.len() + 1 > LINE_BYTES_MAX;
        match lines.last_mut() {
            Some(line) if line.len() < TOKENS_MAX && !full => {
                bytes += token.len() + 1;
                line.push(token);
            }
            _ => {
                bytes = token.len() + 1;
                lines.push(vec![token]);
            }
        }
    }
    lines
}

/// What a client has learned from the server's tokens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Isupport(BTreeMap<String, String>);

impl Isupport {
    /// Nothing learned yet.
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Takes one token from the wire; `-NAME` takes it back.
    pub fn apply(&mut self, token: &str) {
        if let Some(name) = token.strip_prefix('-') {
            self.0.remove(&name.to_ascii_uppercase());
            return;
        }
        let (name, value) = token.split_once('=').unwrap_or((token, ""));
        if !name.is_empty() {
            self.0.insert(name.to_ascii_uppercase(), unescape(value));
        }
    }

    /// A token's value; empty if it has none.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The prefixes of `PREFIX=(modes)prefixes` as pairs of mode and prefix, the highest first.
    pub fn prefixes(&self) -> Vec<(char, char)> {
        let value = self.value("PREFIX").unwrap_or("(ov)@+");
        let Some((modes, prefixes)) = value.strip_prefix('(').and_then(|rest| rest.split_once(')'))
        else {
            return Vec::new();
        };
        modes.chars().zip(prefixes.chars()).collect()
    }

    /// The characters channel names start with.
    pub fn channel_types(&self) -> &str {
        self.value("CHANTYPES").unwrap_or("#&")
    }
}

fn unescape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("\\x") {
        out.push_str(before);
        let byte = after
            .get(..2)
            // A sign would be taken for a digit.
            .filter(|digits| !digits.starts_with('+'))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            .filter(u8::is_ascii);
        match byte {
            Some(byte) => {
                out.push(char::from(byte));
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                out.push_str("\\x");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_escaped_and_read_back() {
        let token = Token::new("NETWORK", "A = B\\");
        assert_eq!(token.to_string(), "NETWORK=A\\x20\\x3D\\x20B\\x5C");
        let mut isupport = Isupport::new();
        isupport.apply(&token.to_string());
        isupport.apply("BAD=\\xZZ\\x+4");
        assert_eq!(isupport.value("NETWORK"), Some("A = B\\"));
        assert_eq!(isupport.value("BAD"), Some("\\xZZ\\x+4"));
        isupport.apply("-network");
        assert_eq!(isupport.value("NETWORK"), None);
    }

    #[test]
    fn prefixes_have_a_default() {
        let mut isupport = Isupport::new();
        assert_eq!(isupport.prefixes(), [('o', '@'), ('v', '+')]);
        isupport.apply("PREFIX=(qo)~@");
        assert_eq!(isupport.prefixes(), [('q', '~'), ('o', '@')]);
        isupport.apply("PREFIX=");
        assert_eq!(isupport.prefixes(), []);
    }

    #[test]
    fn lines_hold_what_fits() {
        let tokens: Vec<_> = (0..20).map(|n| Token::new("TOKEN", n)).collect();
        let lines = lines(&tokens);
        assert_eq!(lines.iter().map(Vec::len).collect::<Vec<_>>(), [13, 7]);
    }
}
