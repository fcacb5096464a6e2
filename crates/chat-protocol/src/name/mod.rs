//! Nicknames and channel names: checked once, then carried as types.
//!
//! # What a name may hold
//!
//! - ASCII, nicknames: letters, digits and ``-[]\`_^{|}``, no digit or `-` first
//!   (RFC 2812, 2.3.1; Modern IRC, "Clients").
//! - ASCII, channel names: `#`, then anything printable but space and comma
//!   (Modern IRC, "Channels").
//! - Everything else: characters of every script whose Identifier_Type in Unicode's security
//!   mechanisms (UTS #39, 3.1) is Recommended, Limited_Use, Exclusion or Uncommon_Use. That leaves
//!   out controls, invisible and bidirectional formatting characters, variants of other characters
//!   (full-width and mathematical letters), spaces and symbols.
//! - No mark first, which would be drawn onto what stands before the name.
//! - One writing system: letters of several scripts only where people write them together, as
//!   Latin with Chinese, Japanese or Korean (UTS #39, 5.2, "Highly Restrictive"). A Cyrillic `а` in
//!   a Latin name is refused.
//!
//! A name is kept in normalization form C.

mod error;
mod rules;

use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::casemapping;

pub use error::NameError;
use rules::check_characters;

/// The character every channel name starts with.
pub const CHANNEL_PREFIX: char = '#';

/// A name of the most characters has at most so many bytes for each: what Chinese takes. Lines with
/// several names stay within their bytes.
const CHAR_BYTES: usize = 3;

/// A nickname that follows the rules above.
#[derive(Clone)]
pub struct Nickname(Name);

/// A channel name that follows the rules above, with its `#`.
#[derive(Clone)]
pub struct ChannelName(Name);

/// A nickname as it is looked up: two nicknames with one key are one nickname.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NickKey(Arc<str>);

/// A channel name as it is looked up.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChannelKey(Arc<str>);

#[derive(Clone)]
struct Name {
    text: Arc<str>,
    folded: Arc<str>,
}

impl Nickname {
    /// Checks a nickname of at most `chars_max` characters.
    pub fn parse(text: &str, chars_max: usize) -> Result<Self, NameError> {
        let name = Name::normalized(text, chars_max)?;
        let first = name.chars().next().ok_or(NameError::Empty)?;
        if first.is_ascii_digit() || first == '-' || is_combining_mark(first) {
            return Err(NameError::First(first));
        }
        check_characters(&name, |ascii| {
            ascii.is_ascii_alphanumeric() || "-[]\\`_^{|}".contains(ascii)
        })?;
        Ok(Self(Name::new(&name)))
    }

    /// The nickname as it is shown.
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// The nickname as it is shown; nothing is copied.
    pub fn to_arc(&self) -> Arc<str> {
        self.0.text.clone()
    }

    /// What it is looked up by.
    pub fn key(&self) -> NickKey {
        NickKey(self.0.folded.clone())
    }
}

impl ChannelName {
    /// Checks a channel name of at most `chars_max` characters, the `#` among them.
    pub fn parse(text: &str, chars_max: usize) -> Result<Self, NameError> {
        let name = Name::normalized(text, chars_max)?;
        let body = name.strip_prefix(CHANNEL_PREFIX).ok_or(NameError::NoPrefix)?;
        let first = body.chars().next().ok_or(NameError::Empty)?;
        if is_combining_mark(first) {
            return Err(NameError::First(first));
        }
        check_characters(body, |ascii| ascii.is_ascii_graphic() && ascii != ',')?;
        Ok(Self(Name::new(&name)))
    }

    /// Whether a target names a channel, well or badly.
    pub fn is_channel(target: &str) -> bool {
        target.starts_with(CHANNEL_PREFIX)
    }

    /// The name as it is shown.
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// The name as it is shown; nothing is copied.
    pub fn to_arc(&self) -> Arc<str> {
        self.0.text.clone()
    }

    /// What it is looked up by.
    pub fn key(&self) -> ChannelKey {
        ChannelKey(self.0.folded.clone())
    }
}

impl Name {
    fn normalized(text: &str, chars_max: usize) -> Result<String, NameError> {
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        // One more is enough to know that it is too long.
        let name: String = text.nfc().take(chars_max.saturating_add(1)).collect();
        let bytes_max = chars_max.saturating_mul(CHAR_BYTES);
        let is_long = name.chars().count() > chars_max || name.len() > bytes_max;
        if is_long { Err(NameError::TooLong(chars_max)) } else { Ok(name) }
    }

    fn new(text: &str) -> Self {
        let folded = casemapping::fold(text);
        let text: Arc<str> = text.into();
        let folded = if *folded == *text { text.clone() } else { folded.into() };
        Self { text, folded }
    }
}

macro_rules! shown_as_text {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(self.as_str(), f)
            }
        }
    )*};
}

shown_as_text!(Nickname, ChannelName, NickKey, ChannelKey);

macro_rules! key {
    ($key:ident) => {
        impl $key {
            /// The key of any text; one that is no name is the key of nothing.
            pub fn of(text: &str) -> Self {
                Self(casemapping::fold(text).into())
            }

            /// The folded text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $key {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

key!(NickKey);
key!(ChannelKey);

macro_rules! equal_by_key {
    ($($name:ident),*) => {$(
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.0.folded == other.0.folded
            }
        }

        impl Eq for $name {}

        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.0.folded.hash(state);
            }
        }
    )*};
}

equal_by_key!(Nickname, ChannelName);

#[cfg(test)]
mod tests {
    use super::*;

    fn nick(text: &str) -> Result<Nickname, NameError> {
        Nickname::parse(text, 32)
    }

    fn channel(text: &str) -> Result<ChannelName, NameError> {
        ChannelName::parse(text, 64)
    }

    #[test]
    fn letters_of_every_script_are_allowed() {
        for name in [
            "alice",
            "[Bot]|away",
            "Işıl",
            "小明",
            "alice小明",
            "たろうタロー",
            "민수",
            "Вася",
            "علي",
            "ไทย",
            "ᏣᎳᎩ",
        ] {
            assert!(nick(name).is_ok(), "{name}: {:?}", nick(name));
        }
        for name in ["#rust", "#c++", "#a.b:c", "##", "#聊天室", "#日本語chat", "#1", "#русский"]
        {
            assert!(channel(name).is_ok(), "{name}: {:?}", channel(name));
        }
    }

    #[test]
    fn what_confuses_is_refused() {
        for name in
            ["", "1a", "-a", "a b", "a*", "a!b", "a@b", "#a", "a,b", "a.b", ":a", "~a", "&a", "+a"]
        {
            assert!(nick(name).is_err(), "{name}");
        }
        assert_eq!(nick("a\u{200d}b"), Err(NameError::Character('\u{200d}')));
        assert_eq!(nick("a\u{202e}b"), Err(NameError::Character('\u{202e}')));
        assert_eq!(nick("ａlice"), Err(NameError::Character('ａ')));
        assert_eq!(nick("\u{3164}"), Err(NameError::Character('\u{3164}')));
        assert_eq!(nick("аlice"), Err(NameError::MixedScripts));
        assert_eq!(nick("\u{301}a"), Err(NameError::First('\u{301}')));
        assert_eq!(channel("#a b"), Err(NameError::Character(' ')));
        assert_eq!(channel("#a\u{7}"), Err(NameError::Character('\u{7}')));
        assert_eq!(channel("#"), Err(NameError::Empty));
        assert_eq!(channel("rust"), Err(NameError::NoPrefix));
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert!(Nickname::parse("小小小", 3).is_ok());
        assert_eq!(Nickname::parse("小小小小", 3), Err(NameError::TooLong(3)));
        assert_eq!(Nickname::parse("𐐨𐐨𐐨", 3), Err(NameError::TooLong(3)));
    }

    #[test]
    fn one_name_in_two_writings_is_one_name() {
        assert_eq!(nick("Åsa").unwrap(), nick("a\u{30a}SA").unwrap());
        assert_eq!(nick("A\u{30a}sa").unwrap().as_str(), "Åsa");
        assert_eq!(nick("Alice").unwrap().key(), NickKey::of("aLICE"));
    }
}
