//! One message: `[@tags] [:source] command [params]`. Modern IRC, "Message Format".

use std::fmt;
use std::ops::Deref;

use crate::tags::Tags;
use crate::writer::{LineWriter, may_have};

/// The most parameters a message has; the last one takes what remains of the line (RFC 2812, 2.3.1).
pub const PARAMS_MAX: usize = 15;

/// Words of so many bytes are looked through byte by byte: that takes less than a call of what is faster.
const WORD_BYTES: usize = 16;

/// A parsed line, borrowing from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message<'a> {
    /// Message tags, not yet unescaped.
    pub tags: Tags<'a>,
    /// Where the message comes from: `nickname!username@hostname` or a server's name.
    pub source: Option<&'a str>,
    /// Letters, or three digits, in every known command. Case is kept as it came.
    pub command: &'a str,
    /// At most [`PARAMS_MAX`].
    pub params: Params<'a>,
}

/// Why a line is not a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParseError {
    /// Nothing but spaces. Receivers ignore such a line.
    Empty,
    /// Tags or a source with nothing after them.
    NoCommand,
    /// The command has characters that no command has, or starts like tags or a source.
    BadCommand,
    /// NUL, CR or LF inside the line.
    ControlCharacter,
}

impl<'a> Message<'a> {
    /// Parses one line, which has no line ending any more. Never allocates.
    pub fn parse(line: &'a str) -> Result<Self, ParseError> {
        if memchr::memchr3(0, b'\r', b'\n', line.as_bytes()).is_some() {
            return Err(ParseError::ControlCharacter);
        }
        let mut rest = skip_spaces(line);
        if rest.is_empty() {
            return Err(ParseError::Empty);
        }
        let mut tags = Tags::default();
        if let Some(tagged) = rest.strip_prefix('@') {
            let (raw, after) = split_at_space(tagged).ok_or(ParseError::NoCommand)?;
            tags = Tags::from_raw(raw);
            rest = skip_spaces(after);
        }
        let mut source = None;
        if let Some(sourced) = rest.strip_prefix(':') {
            let (name, after) = split_at_space(sourced).ok_or(ParseError::NoCommand)?;
            source = Some(name);
            rest = skip_spaces(after);
        }
        let (command, rest) = split_at_space(rest).unwrap_or((rest, ""));
        check_command(command)?;
        Ok(Self { tags, source, command, params: Params::parse(rest) })
    }

    /// A message without tags and source.
    ///
    /// `command` is printable ASCII and starts with neither `@` nor `:`; [`Message::parse`] refuses
    /// anything else.
    pub fn new(command: &'a str, params: Params<'a>) -> Self {
        Self { tags: Tags::default(), source: None, command, params }
    }
}

/// Writes the line without its ending: parsing it again gives an equal message.
impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = String::new();
        let mut writer = LineWriter::new(&mut line);
        writer.raw_tags(self.tags.as_raw());
        if let Some(source) = self.source {
            writer.source(source);
        }
        writer.command(self.command);
        for param in &*self.params {
            writer.param(param);
        }
        writer.end_without_newline();
        f.write_str(&line)
    }
}

/// Commands are letters or three digits. More is let through, so that who sends an unknown word is
/// told that it is unknown; but not what would be read as tags or a source where none are before it.
fn check_command(command: &str) -> Result<(), ParseError> {
    if command.is_empty() {
        return Err(ParseError::NoCommand);
    }
    let is_printable = command.bytes().all(|byte| byte.is_ascii_graphic());
    if is_printable && !command.starts_with(['@', ':']) {
        Ok(())
    } else {
        Err(ParseError::BadCommand)
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the line is empty",
            Self::NoCommand => "the line has no command",
            Self::BadCommand => "a command is printable ASCII and starts with neither @ nor :",
            Self::ControlCharacter => "NUL, CR and LF are not allowed inside a line",
        })
    }
}

impl std::error::Error for ParseError {}

/// Up to [`PARAMS_MAX`] parameters, held in place.
#[derive(Clone, Copy)]
pub struct Params<'a> {
    items: [&'a str; PARAMS_MAX],
    len: usize,
}

/// A parameter that no line can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamError {
    /// There are [`PARAMS_MAX`] already.
    TooMany,
    /// NUL, CR or LF inside.
    ControlCharacter,
    /// The one before is empty, has a space, or starts with `:`, so it has to be the last.
    AfterTrailing,
}

impl<'a> Params<'a> {
    /// No parameters.
    pub const fn new() -> Self {
        Self { items: [""; PARAMS_MAX], len: 0 }
    }

    /// Adds one at the end.
    pub fn push(&mut self, param: &'a str) -> Result<(), ParamError> {
        if self.last().is_some_and(|last| needs_colon(last)) {
            return Err(ParamError::AfterTrailing);
        }
        if param.bytes().any(|byte| matches!(byte, 0 | b'\r' | b'\n')) {
            return Err(ParamError::ControlCharacter);
        }
        let slot = self.items.get_mut(self.len).ok_or(ParamError::TooMany)?;
        *slot = param;
        self.len += 1;
        Ok(())
    }

    /// The parameters of a list. Errors are those of [`Params::push`].
    pub fn of(items: &[&'a str]) -> Result<Self, ParamError> {
        let mut params = Self::new();
        items.iter().try_for_each(|item| params.push(item))?;
        Ok(params)
    }

    fn parse(mut rest: &'a str) -> Self {
        let mut params = Self::new();
        while let Some(slot) = params.items.get_mut(params.len) {
            rest = skip_spaces(rest);
            if rest.is_empty() {
                break;
            }
            params.len += 1;
            if let Some(trailing) = rest.strip_prefix(':') {
                *slot = trailing;
                break;
            }
            if params.len == PARAMS_MAX {
                *slot = rest;
                break;
            }
            (*slot, rest) = split_at_space(rest).unwrap_or((rest, ""));
        }
        params
    }
}

/// Like `split_once(' ')`, which takes longer for a word.
fn split_at_space(text: &str) -> Option<(&str, &str)> {
    let (short, long) =
        text.as_bytes().split_at_checked(WORD_BYTES).unwrap_or((text.as_bytes(), &[]));
    let at = short.iter().position(|&byte| byte == b' ');
    let at = at.or_else(|| memchr::memchr(b' ', long).map(|at| WORD_BYTES + at))?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// Like `trim_start_matches(' ')`, which takes longer for one or none.
fn skip_spaces(text: &str) -> &str {
    let spaces = text.bytes().take_while(|&byte| byte == b' ').count();
    text.get(spaces..).unwrap_or_default()
}

/// Whether a parameter can only be written last and behind a colon.
pub(crate) fn needs_colon(param: &str) -> bool {
    param.is_empty() || param.starts_with(':') || (may_have(param, b' ') && param.contains(' '))
}

impl<'a> Deref for Params<'a> {
    type Target = [&'a str];

    fn deref(&self) -> &Self::Target {
        self.items.get(..self.len).unwrap_or_default()
    }
}

impl Default for Params<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl PartialEq for Params<'_> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Params<'_> {}

impl fmt::Debug for Params<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl fmt::Display for ParamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooMany => "a message has at most 15 parameters",
            Self::ControlCharacter => "NUL, CR and LF are not allowed inside a parameter",
            Self::AfterTrailing => {
                "only the last parameter may be empty, start with a colon or hold a space"
            }
        })
    }
}

impl std::error::Error for ParamError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_found() {
        let message =
            Message::parse("@a=1;+b :nick!user@host  PRIVMSG  #room :hi  there ").unwrap();
        assert_eq!(message.tags.as_raw(), "a=1;+b");
        assert_eq!(message.source, Some("nick!user@host"));
        assert_eq!(message.command, "PRIVMSG");
        assert_eq!(*message.params, ["#room", "hi  there "]);
    }

    #[test]
    fn an_empty_trailing_parameter_is_a_parameter() {
        assert_eq!(*Message::parse("TOPIC #room :").unwrap().params, ["#room", ""]);
        assert_eq!(*Message::parse("TOPIC #room ").unwrap().params, ["#room"]);
    }

    #[test]
    fn the_fifteenth_parameter_takes_the_rest() {
        let line = format!("X {}tail of it", "p ".repeat(14));
        let message = Message::parse(&line).unwrap();
        assert_eq!(message.params.len(), PARAMS_MAX);
        assert_eq!(message.params.last(), Some(&"tail of it"));
    }

    #[test]
    fn what_is_not_a_message_is_refused() {
        assert_eq!(Message::parse("   "), Err(ParseError::Empty));
        assert_eq!(Message::parse("@tag"), Err(ParseError::NoCommand));
        assert_eq!(Message::parse(":source "), Err(ParseError::NoCommand));
        assert_eq!(Message::parse("ПРИВЕТ x"), Err(ParseError::BadCommand));
        assert_eq!(Message::parse("\u{1}PING x"), Err(ParseError::BadCommand));
        assert_eq!(Message::parse("@ @ "), Err(ParseError::BadCommand));
        assert_eq!(Message::parse(":a :b"), Err(ParseError::BadCommand));
        assert_eq!(Message::parse("PING \0"), Err(ParseError::ControlCharacter));
    }

    #[test]
    fn params_hold_only_what_a_line_can_carry() {
        let mut params = Params::of(&["a", "b c"]).unwrap();
        assert_eq!(params.push("d"), Err(ParamError::AfterTrailing));
        assert_eq!(Params::of(&["a\nb"]), Err(ParamError::ControlCharacter));
        assert_eq!(Params::of(&["x"; 16]), Err(ParamError::TooMany));
    }
}
