//! Lines of a pipe, of any length and in any encoding.

use std::io::{self, BufRead, Read};
use std::mem;
use std::str;

/// A longer line comes in parts, none of which ends within a character.
const LINE_BYTES_MAX: usize = 64 * 1024;

/// Reads lines; what is not UTF-8 in them is replaced.
pub(crate) struct InputLines<R> {
    reader: R,
    begun: Vec<u8>,
}

impl<R: BufRead> InputLines<R> {
    /// The lines of this reader.
    pub(crate) fn new(reader: R) -> Self {
        Self { reader, begun: Vec::new() }
    }

    /// The next line without its ending, or `None` at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<String>> {
        let mut bytes = mem::take(&mut self.begun);
        let room = (LINE_BYTES_MAX - bytes.len()) as u64;
        let count = self.reader.by_ref().take(room).read_until(b'\n', &mut bytes)?;
        if bytes.is_empty() {
            return Ok(None);
        }
        let is_cut = count > 0 && bytes.last() != Some(&b'\n');
        if is_cut
            && let Err(error) = str::from_utf8(&bytes)
            && error.error_len().is_none()
        {
            self.begun = bytes.split_off(error.valid_up_to());
        }
        let line = String::from_utf8_lossy(&bytes);
        Ok(Some(line.trim_end_matches(['\r', '\n']).to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Vec<String> {
        let mut lines = InputLines::new(bytes);
        std::iter::from_fn(|| lines.next().unwrap()).collect()
    }

    #[test]
    fn lines_of_every_kind() {
        assert!(lines(b"").is_empty());
        assert_eq!(lines(b"one\r\n\ntwo"), ["one", "", "two"]);
        assert_eq!(lines(b"caf\xe9\n"), ["caf\u{fffd}"]);
        assert_eq!(lines("小".as_bytes()), ["小"]);
        assert_eq!(lines(b"\xe5\xb0"), ["", "\u{fffd}"]);
    }

    #[test]
    fn a_very_long_line_is_cut_between_characters() {
        let text = "小".repeat(LINE_BYTES_MAX);
        let lines = lines(text.as_bytes());
        assert!(lines.len() > 2);
        assert_eq!(lines.concat(), text);
    }
}
