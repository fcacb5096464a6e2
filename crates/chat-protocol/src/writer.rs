//! Writes lines. The one place where a line is put together, so no parameter can start a new one.

use crate::message::needs_colon;
use crate::numeric::Numeric;
use crate::tags;

/// Stands where a character would end the line or the part it is in.
pub(crate) const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;

/// Appends one line to a buffer, part by part and in the order of the wire.
///
/// NUL, CR and LF, which would end the line, become spaces behind the last parameter's colon. In
/// every other part they become U+FFFD, and so does a space: it would start the next part.
#[derive(Debug)]
pub struct LineWriter<'b> {
    out: &'b mut String,
    start: usize,
    /// Where the message begins behind its tags.
    message: usize,
    in_tags: bool,
}

impl<'b> LineWriter<'b> {
    /// Starts a line at the end of `out`.
    pub fn new(out: &'b mut String) -> Self {
        Self { start: out.len(), message: out.len(), out, in_tags: false }
    }

    /// Adds a tag, escaping its value.
    pub fn tag(&mut self, key: &str, value: Option<&str>) -> &mut Self {
        self.out.push(if self.in_tags { ';' } else { '@' });
        self.in_tags = true;
        self.push_word(key);
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.out.push('=');
            tags::escape_into(value, self.out);
        }
        self
    }

    /// Adds tags as they stand in another line.
    pub fn raw_tags(&mut self, raw: &str) -> &mut Self {
        if !raw.is_empty() {
            self.out.push(if self.in_tags { ';' } else { '@' });
            self.in_tags = true;
            self.push_word(raw);
        }
        self
    }

    /// Sets the source.
    pub fn source(&mut self, source: &str) -> &mut Self {
        self.separate();
        self.out.push(':');
        self.push_word(source);
        self
    }

    /// Sets the command.
    pub fn command(&mut self, command: &str) -> &mut Self {
        self.separate();
        self.push_word(command);
        self
    }

    /// Sets the command to a numeric: three digits.
    pub fn numeric(&mut self, numeric: Numeric) -> &mut Self {
        self.separate();
        for ten in [100, 10, 1] {
            self.out.push(char::from(b'0' + (numeric.code / ten % 10) as u8));
        }
        self
    }

    /// Adds a parameter, behind a colon where it needs one. A parameter that needs one is the last.
    pub fn param(&mut self, param: &str) -> &mut Self {
        if needs_colon(param) {
            return self.trailing(param);
        }
        self.out.push(' ');
        self.push_word(param);
        self
    }

    /// Adds the last parameter, always behind a colon.
    pub fn trailing(&mut self, text: &str) -> &mut Self {
        self.out.push_str(" :");
        self.push_text(text);
        self
    }

    /// Ends the line with CR LF and says how many bytes it has with it.
    pub fn end(&mut self) -> usize {
        self.out.push_str("\r\n");
        self.out.len() - self.start
    }

    /// Like [`LineWriter::end`], with a message that would have more than `bytes_max` bytes, its tags
    /// not counted, cut at a character's boundary.
    pub fn end_within(&mut self, bytes_max: usize) -> usize {
        let keep = self.message + bytes_max.saturating_sub("\r\n".len());
        if self.out.len() > keep {
            self.out.truncate(self.out.floor_char_boundary(keep));
        }
        self.end()
    }

    /// Ends the line where something else sets the line ending.
    pub fn end_without_newline(&mut self) -> usize {
        self.out.len() - self.start
    }

    fn separate(&mut self) {
        if self.out.len() > self.start {
            self.out.push(' ');
        }
        if std::mem::take(&mut self.in_tags) {
            self.message = self.out.len();
        }
    }

    fn push_word(&mut self, text: &str) {
        if may_have(text, b' ') && text.contains([' ', '\0', '\r', '\n']) {
            let clean = |c| if matches!(c, ' ' | '\0' | '\r' | '\n') { REPLACEMENT } else { c };
            self.out.extend(text.chars().map(clean));
        } else {
            self.out.push_str(text);
        }
    }

    fn push_text(&mut self, text: &str) {
        if may_have(text, b'\r') && text.contains(['\0', '\r', '\n']) {
            self.out.push_str(&text.replace(['\0', '\r', '\n'], " "));
        } else {
            self.out.push_str(text);
        }
    }
}

/// Whether there is a byte up to `last`, which hardly any text has: only then is looked closer.
// Most texts are short: comparing all of their bytes takes less than a call that may stop early.
pub(crate) fn may_have(text: &str, last: u8) -> bool {
    text.bytes().fold(false, |found, byte| found | (byte <= last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::{ERR_NOSUCHCHANNEL, RPL_WELCOME};

    #[test]
    fn a_whole_line() {
        let mut out = String::new();
        let mut writer = LineWriter::new(&mut out);
        writer.tag("time", Some("now")).tag("+x", Some("a;b")).tag("bot", None);
        writer.source("a!b@c").command("PRIVMSG").param("#room").trailing("hi");
        let bytes = writer.end();
        assert_eq!(out, "@time=now;+x=a\\:b;bot :a!b@c PRIVMSG #room :hi\r\n");
        assert_eq!(bytes, out.len());
    }

    #[test]
    fn a_numeric_has_three_digits() {
        let mut out = String::new();
        LineWriter::new(&mut out).source("s").numeric(RPL_WELCOME).param("a").end();
        LineWriter::new(&mut out).source("s").numeric(ERR_NOSUCHCHANNEL).param("a").end();
        assert_eq!(out, ":s 001 a\r\n:s 403 a\r\n");
    }

    #[test]
    fn a_line_is_cut_between_characters_and_its_tags_are_not_counted() {
        let mut out = String::new();
        let mut writer = LineWriter::new(&mut out);
        writer.tag("time", Some("now")).source("a").command("X").trailing("明明");
        assert_eq!(writer.end_within(13), out.len());
        assert_eq!(out, "@time=now :a X :明\r\n");
    }

    #[test]
    fn no_part_can_end_the_line() {
        let mut out = String::new();
        let mut writer = LineWriter::new(&mut out);
        writer.source("a\r\nQUIT").command("PRIVMSG").param("x\ny").trailing("b\nc");
        writer.end();
        assert_eq!(out, ":a\u{fffd}\u{fffd}QUIT PRIVMSG x\u{fffd}y :b c\r\n");
    }

    #[test]
    fn no_part_can_start_the_next() {
        let mut out = String::new();
        let mut writer = LineWriter::new(&mut out);
        writer.tag("a", Some("b\0:c QUIT")).source("a QUIT").command("PRIVMSG").param("#room");
        writer.end();
        assert_eq!(out, "@a=b\u{fffd}:c\\sQUIT :a\u{fffd}QUIT PRIVMSG #room\r\n");
    }
}
