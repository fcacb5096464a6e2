//! Why a text is no name, in words.

use std::fmt;

/// Why a text is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameError {
    /// Nothing there.
    Empty,
    /// More characters than this.
    TooLong(usize),
    /// This character can't be in it.
    Character(char),
    /// This character can't be the first.
    First(char),
    /// Letters of scripts that look alike and are not written together.
    MixedScripts,
    /// A channel name starts with `#`.
    NoPrefix,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a name can't be empty"),
            Self::TooLong(max) => write!(f, "a name has at most {max} characters"),
            Self::Character(c) if c.is_ascii_graphic() => write!(f, "a name can't contain {c}"),
            Self::Character(c) => {
                write!(f, "a name can't contain the character U+{:04X}", u32::from(*c))
            }
            Self::First(c) if c.is_ascii_graphic() => write!(f, "a name can't start with {c}"),
            Self::First(c) => {
                write!(f, "a name can't start with the character U+{:04X}", u32::from(*c))
            }
            Self::MixedScripts => {
                f.write_str("a name can't mix letters of scripts that are not written together")
            }
            Self::NoPrefix => f.write_str("a channel name starts with #"),
        }
    }
}

impl std::error::Error for NameError {}
