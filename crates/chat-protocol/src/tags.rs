//! Message tags and their escaping. IRCv3, "Message Tags".

use std::borrow::Cow;
use std::fmt;

use crate::writer::REPLACEMENT;

/// The tags of one message as they stand on the wire, without the `@` and the space after them.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Tags<'a>(&'a str);

/// One tag, its value still escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag<'a> {
    /// With the `+` of a client-only tag and its vendor, if it has them.
    pub key: &'a str,
    raw_value: &'a str,
}

impl<'a> Tags<'a> {
    /// Takes tags as they stand on the wire.
    pub const fn from_raw(raw: &'a str) -> Self {
        Self(raw)
    }

    /// The tags as they stand on the wire.
    pub const fn as_raw(self) -> &'a str {
        self.0
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// Every tag in the order of the wire, those with an empty key left out.
    pub fn iter(self) -> impl Iterator<Item = Tag<'a>> {
        self.0.split(';').filter_map(|tag| {
            let (key, raw_value) = tag.split_once('=').unwrap_or((tag, ""));
            (!key.is_empty()).then_some(Tag { key, raw_value })
        })
    }

    /// A tag's value; empty if it has none. The last of several with one key counts.
    pub fn value(self, key: &str) -> Option<Cow<'a, str>> {
        if self.is_empty() {
            return None;
        }
        self.iter().filter(|tag| tag.key == key).last().map(Tag::value)
    }
}

impl fmt::Debug for Tags<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a> Tag<'a> {
    /// The value, unescaped; empty if there is none.
    pub fn value(self) -> Cow<'a, str> {
        unescape(self.raw_value)
    }

    /// Whether it is a client-only tag: servers relay it and add no meaning.
    pub fn is_client_only(self) -> bool {
        self.key.starts_with('+')
    }
}

/// Tags being put together for a message to be sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagsBuf(String);

impl TagsBuf {
    /// No tags.
    pub const fn new() -> Self {
        Self(String::new())
    }

    /// Adds one tag, escaping its value. An empty value is written like none, as the specification
    /// makes them equal. A key that is not one ([`is_key`]) is left out.
    pub fn push(&mut self, key: &str, value: &str) {
        if !is_key(key) {
            return;
        }
        if !self.0.is_empty() {
            self.0.push(';');
        }
        self.0.push_str(key);
        if !value.is_empty() {
            self.0.push('=');
            escape_into(value, &mut self.0);
        }
    }

    /// What a [`crate::Message`] takes.
    pub fn as_tags(&self) -> Tags<'_> {
        Tags(&self.0)
    }
}

/// Whether this can be a tag's key: `[+][vendor/]name` of ASCII letters, digits, `-` and `.`.
pub fn is_key(key: &str) -> bool {
    let name = key.strip_prefix('+').unwrap_or(key);
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'/' | b'_'))
}

/// Escapes a tag's value onto the end of `out`. NUL, which has no escape, becomes U+FFFD.
pub fn escape_into(value: &str, out: &mut String) {
    for character in value.chars() {
        match character {
            ';' => out.push_str("\\:"),
            ' ' => out.push_str("\\s"),
            '\\' => out.push_str("\\\\"),
            '\r' => out.push_str("\\r"),
            '\n' => out.push_str("\\n"),
            '\0' => out.push(REPLACEMENT),
            other => out.push(other),
        }
    }
}

/// Reverses [`escape_into`]. An unknown escape is its character, a lone backslash at the end nothing.
pub fn unescape(raw: &str) -> Cow<'_, str> {
    if !raw.contains('\\') {
        return Cow::Borrowed(raw);
    }
    let mut value = String::with_capacity(raw.len());
    let mut characters = raw.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            value.push(character);
            continue;
        }
        match characters.next() {
            Some(':') => value.push(';'),
            Some('s') => value.push(' '),
            Some('r') => value.push('\r'),
            Some('n') => value.push('\n'),
            Some(other) => value.push(other),
            None => {}
        }
    }
    Cow::Owned(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_unescaped_on_demand() {
        let tags = Tags::from_raw("a=b\\sc;d;e=;+f/g=\\:\\\\\\x\\");
        assert_eq!(tags.value("a").as_deref(), Some("b c"));
        assert_eq!(tags.value("d").as_deref(), Some(""));
        assert_eq!(tags.value("e").as_deref(), Some(""));
        assert_eq!(tags.value("+f/g").as_deref(), Some(";\\x"));
        assert_eq!(tags.value("missing"), None);
        assert!(matches!(Tags::from_raw("plain=x").value("plain"), Some(Cow::Borrowed("x"))));
    }

    #[test]
    fn the_last_of_several_counts() {
        assert_eq!(Tags::from_raw("a=1;a=2").value("a").as_deref(), Some("2"));
    }

    #[test]
    fn what_is_pushed_is_read_back() {
        let mut tags = TagsBuf::new();
        tags.push("label", "a;b c\\");
        tags.push("bad key", "x");
        tags.push("bot", "");
        assert_eq!(tags.as_tags().as_raw(), "label=a\\:b\\sc\\\\;bot");
        assert_eq!(tags.as_tags().value("label").as_deref(), Some("a;b c\\"));
    }
}
