//! Bytes become lines, within limits.

use std::fmt;

use memchr::memchr;

/// The buffer's size while little arrives, in bytes.
const SPACE_MIN: usize = 512;
/// The size it grows to while whole buffers arrive, in bytes.
const SPACE_MAX: usize = 16 * 1024;

/// How long a line may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineLimits {
    /// Bytes of a message without its tags, CR LF included. Modern IRC, "Message Format": 512.
    pub message_bytes_max: usize,
    /// Bytes of the tags, with the `@` and the space. IRCv3, "Message Tags": 8,191 from a server,
    /// 4,096 from a client.
    pub tags_bytes_max: usize,
}

impl Default for LineLimits {
    fn default() -> Self {
        Self { message_bytes_max: 512, tags_bytes_max: 8191 }
    }
}

/// A line that can't be used. The next line is not affected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineError<'a> {
    /// Longer than the limits. Reported once for each such line.
    TooLong,
    /// Not UTF-8; the line as it came.
    NotUtf8(&'a [u8]),
}

/// Collects what arrives and gives it back line by line.
///
/// Read into [`LineBuffer::space`], say how much came with [`LineBuffer::filled`], then take lines
/// from [`LineBuffer::next_line`] until there is none. However the bytes are cut, the lines are the
/// same. Memory stays below the limits' sum plus 16 KiB.
#[derive(Debug)]
pub struct LineBuffer {
    limits: LineLimits,
    bytes: Vec<u8>,
    start: usize,
    scanned: usize,
    end: usize,
    wanted: usize,
    skipping: bool,
}

impl LineBuffer {
    /// An empty buffer, which allocates when it is first used.
    pub const fn new(limits: LineLimits) -> Self {
        Self {
            limits,
            bytes: Vec::new(),
            start: 0,
            scanned: 0,
            end: 0,
            wanted: SPACE_MIN,
            skipping: false,
        }
    }

    /// Where the next bytes go. Never empty.
    pub fn space(&mut self) -> &mut [u8] {
        self.make_room(SPACE_MIN);
        self.bytes.get_mut(self.end..).unwrap_or_default()
    }

    /// Says that `count` bytes of [`LineBuffer::space`] were filled.
    pub fn filled(&mut self, count: usize) {
        let space = self.bytes.len() - self.end;
        let count = count.min(space);
        self.wanted = if count == space { (self.wanted * 4).min(SPACE_MAX) } else { self.wanted };
        if count * 4 < self.wanted {
            self.wanted = (self.wanted / 2).max(SPACE_MIN);
        }
        self.end += count;
    }

    /// Adds bytes that are already somewhere else. They stay until their lines are taken.
    pub fn push(&mut self, bytes: &[u8]) {
        self.make_room(bytes.len());
        let end = self.end + bytes.len();
        if let Some(space) = self.bytes.get_mut(self.end..end) {
            space.copy_from_slice(bytes);
            self.end = end;
        }
    }

    fn make_room(&mut self, bytes: usize) {
        if self.start > 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.scanned -= self.start;
            self.start = 0;
        }
        let size = (self.end + bytes).max(self.wanted);
        if self.bytes.len() != size {
            self.bytes.resize(size, 0);
            self.bytes.shrink_to(size);
        }
    }

    /// The next line without its ending (CR LF, or LF alone), or `None` until more has arrived.
    pub fn next_line(&mut self) -> Option<Result<&str, LineError<'_>>> {
        loop {
            let unscanned = self.bytes.get(self.scanned..self.end).unwrap_or_default();
            let Some(length) = memchr(b'\n', unscanned) else {
                return self.incomplete();
            };
            let line = self.start..self.scanned + length;
            self.start = line.end + 1;
            self.scanned = self.start;
            if std::mem::take(&mut self.skipping) {
                continue;
            }
            let line = self.bytes.get(line).unwrap_or_default();
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if self.limits.exceeded_by(line) {
                return Some(Err(LineError::TooLong));
            }
            return Some(std::str::from_utf8(line).map_err(|_| LineError::NotUtf8(line)));
        }
    }

    fn incomplete(&mut self) -> Option<Result<&str, LineError<'_>>> {
        self.scanned = self.end;
        if self.skipping {
            self.start = self.end;
            return None;
        }
        if self.end - self.start <= self.limits.total() {
            return None;
        }
        self.start = self.end;
        self.skipping = true;
        Some(Err(LineError::TooLong))
    }
}

impl LineLimits {
    /// The most bytes of a line with its ending.
    pub const fn total(self) -> usize {
        self.message_bytes_max.saturating_add(self.tags_bytes_max)
    }

    fn exceeded_by(self, line: &[u8]) -> bool {
        let tags = if line.first() == Some(&b'@') {
            memchr(b' ', line).map_or(line.len(), |at| at + 1)
        } else {
            0
        };
        tags > self.tags_bytes_max || line.len() - tags + 2 > self.message_bytes_max
    }
}

impl fmt::Display for LineError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "the line is too long",
            Self::NotUtf8(_) => "the line is not UTF-8",
        })
    }
}

impl std::error::Error for LineError<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(limits: LineLimits, chunks: &[&[u8]]) -> Vec<Result<String, &'static str>> {
        let mut buffer = LineBuffer::new(limits);
        let mut lines = Vec::new();
        for chunk in chunks {
            buffer.push(chunk);
            while let Some(line) = buffer.next_line() {
                lines.push(line.map(str::to_owned).map_err(|error| match error {
                    LineError::TooLong => "too long",
                    LineError::NotUtf8(_) => "not UTF-8",
                }));
            }
        }
        lines
    }

    #[test]
    fn both_line_endings_and_any_chunks() {
        let expected = vec![Ok("one".into()), Ok("two".into()), Ok(String::new()), Ok("三".into())];
        let whole = "one\r\ntwo\n\n三\r\nrest".as_bytes();
        assert_eq!(lines(LineLimits::default(), &[whole]), expected);
        let bytes: Vec<&[u8]> = whole.chunks(1).collect();
        assert_eq!(lines(LineLimits::default(), &bytes), expected);
    }

    #[test]
    fn the_limits_are_exact() {
        let limits = LineLimits { message_bytes_max: 10, tags_bytes_max: 6 };
        assert_eq!(lines(limits, &[b"12345678\r\n"]), [Ok("12345678".into())]);
        assert_eq!(lines(limits, &[b"123456789\r\n"]), [Err("too long")]);
        assert_eq!(lines(limits, &[b"@tags 12345678\r\n"]), [Ok("@tags 12345678".into())]);
        assert_eq!(lines(limits, &[b"@tagss 1\r\n"]), [Err("too long")]);
        assert_eq!(lines(limits, &[b"@tagsss\r\n"]), [Err("too long")]);
    }

    #[test]
    fn a_long_line_is_reported_once_and_the_next_is_whole() {
        let limits = LineLimits { message_bytes_max: 10, tags_bytes_max: 6 };
        let endless = [b'x'; 3000];
        let chunks: Vec<&[u8]> = vec![&endless, &endless, b"x\nnext\n"];
        assert_eq!(lines(limits, &chunks), [Err("too long"), Ok("next".into())]);
    }

    #[test]
    fn bad_utf8_is_given_back() {
        let mut buffer = LineBuffer::new(LineLimits::default());
        buffer.push(b"a\xffb\r\nok\r\n");
        assert_eq!(buffer.next_line(), Some(Err(LineError::NotUtf8(b"a\xffb"))));
        assert_eq!(buffer.next_line(), Some(Ok("ok")));
        assert_eq!(buffer.next_line(), None);
    }

    #[test]
    fn it_is_small_again_after_a_burst() {
        let mut buffer = LineBuffer::new(LineLimits::default());
        for _ in 0..8 {
            let space = buffer.space().len();
            buffer.filled(space);
            while buffer.next_line().is_some() {}
        }
        assert!(buffer.bytes.len() >= SPACE_MAX);
        buffer.push(b"\n");
        while buffer.next_line().is_some() {}
        for _ in 0..8 {
            buffer.space().fill(b'\n');
            buffer.filled(1);
            while buffer.next_line().is_some() {}
        }
        assert_eq!(buffer.space().len(), SPACE_MIN);
    }
}
