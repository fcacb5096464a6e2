//! A line taken apart. Written anew and not borrowed from the server, whose mistakes it has to show.

use anyhow::{Context, Result, ensure};

/// The most bytes of a message with CR LF and without its tags. Modern IRC, "Message Format".
pub const MESSAGE_BYTES_MAX: usize = 512;
/// The most bytes of the tags, with `@` and the space. IRCv3, "Message Tags".
pub const TAGS_BYTES_MAX: usize = 8191;

/// A line as the server sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    text: String,
}

/// The parts of a line, or of a pattern for one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parts<'a> {
    /// Without the `@`.
    pub tags: Option<&'a str>,
    /// Without the `:`.
    pub source: Option<&'a str>,
    /// A word or three digits.
    pub command: &'a str,
    /// The last one without its `:`.
    pub params: Vec<&'a str>,
}

impl Line {
    /// Takes a line with its line ending. Refuses what no server may send.
    pub fn from_wire(bytes: &[u8]) -> Result<Self> {
        let line = bytes.strip_suffix(b"\r\n").context("a line that does not end with CR LF")?;
        let text = std::str::from_utf8(line).context("a line that is not UTF-8")?;
        ensure!(!text.contains(['\r', '\n', '\0']), "a line with CR, LF or NUL inside");
        let tags_bytes =
            if text.starts_with('@') { text.find(' ').map_or(0, |at| at + 1) } else { 0 };
        ensure!(tags_bytes <= TAGS_BYTES_MAX, "tags of {tags_bytes} bytes");
        let message_bytes = bytes.len() - tags_bytes;
        ensure!(message_bytes <= MESSAGE_BYTES_MAX, "a message of {message_bytes} bytes");
        ensure!(!split(text).command.is_empty(), "a line without a command");
        Ok(Self { text: text.to_owned() })
    }

    /// The line without its ending.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its parts.
    pub fn parts(&self) -> Parts<'_> {
        split(&self.text)
    }

    /// Whether this answers `PING token`.
    pub fn is_pong(&self, token: &str) -> bool {
        let parts = self.parts();
        parts.command == "PONG" && parts.params.last() == Some(&token)
    }
}

/// Splits a line, or a pattern, which looks like one.
pub fn split(text: &str) -> Parts<'_> {
    let mut parts = Parts::default();
    let mut rest = text;
    if let Some(tagged) = rest.strip_prefix('@') {
        let (tags, after) = tagged.split_once(' ').unwrap_or((tagged, ""));
        parts.tags = Some(tags);
        rest = after;
    }
    if let Some(sourced) = rest.strip_prefix(':') {
        let (source, after) = sourced.split_once(' ').unwrap_or((sourced, ""));
        parts.source = Some(source);
        rest = after;
    }
    (parts.command, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    while !rest.is_empty() {
        if let Some(trailing) = rest.strip_prefix(':') {
            parts.params.push(trailing);
            break;
        }
        let (param, after) = rest.split_once(' ').unwrap_or((rest, ""));
        parts.params.push(param);
        rest = after;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_found() {
        let parts = split("@a=1;b :nick!user@host PRIVMSG #room :hi  there ");
        assert_eq!(parts.tags, Some("a=1;b"));
        assert_eq!(parts.source, Some("nick!user@host"));
        assert_eq!(parts.command, "PRIVMSG");
        assert_eq!(parts.params, ["#room", "hi  there "]);
        assert_eq!(split("TOPIC #room :").params, ["#room", ""]);
        assert_eq!(split("QUIT").params, [""; 0]);
    }

    #[test]
    fn what_no_server_may_send_is_refused() {
        assert!(Line::from_wire(b"PING x\r\n").is_ok());
        assert!(Line::from_wire(b"PING x\n").is_err());
        assert!(Line::from_wire(b"PING \xff\r\n").is_err());
        assert!(Line::from_wire(b"\r\n").is_err());
        assert!(Line::from_wire(b"PING a\nb\r\n").is_err());
        let exact = format!("@t X {}\r\n", "x".repeat(508));
        assert!(Line::from_wire(exact.as_bytes()).is_ok());
        assert!(Line::from_wire(format!("@t Xx{}", &exact[4..]).as_bytes()).is_err());
    }
}
