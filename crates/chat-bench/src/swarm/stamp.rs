//! Who sent a message and its place in what they sent, at the end of its text.

/// `~`, then both numbers as eight digits each: a place that is found without parsing the line.
const STAMP_BYTES: usize = 17;
const MARK: u8 = b'~';
const DIGITS: &[u8; 16] = b"0123456789abcdef";
const SUFFIX_BYTES: usize = 10;
const FILLER: &str = "The quick brown fox jumps over the lazy dog and is gone. ";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) sender: u32,
    pub(crate) sequence: u32,
}

impl Stamp {
    /// Reads it from a line without its ending.
    pub(crate) fn of(line: &[u8]) -> Option<Self> {
        let (mark, digits) = line.last_chunk::<STAMP_BYTES>()?.split_first()?;
        if *mark != MARK {
            return None;
        }
        let (sender, sequence) = digits.split_at(8);
        Some(Self { sender: number(sender)?, sequence: number(sequence)? })
    }

    /// A text of so many bytes, or of the stamp alone if they are too few, without the sequence
    /// number at its end.
    pub(crate) fn prefix(sender: u32, bytes: usize) -> String {
        let filler = FILLER.bytes().cycle().take(bytes.saturating_sub(STAMP_BYTES));
        let mut text: String = filler.map(char::from).collect();
        text.push_str(&format!("{}{sender:08x}", char::from(MARK)));
        text
    }

    /// The sequence number and the end of the line.
    pub(crate) fn suffix(sequence: u32) -> [u8; SUFFIX_BYTES] {
        let digit = |place: u32| DIGITS[(sequence >> (28 - 4 * place)) as usize & 0xf];
        let mut suffix = *b"00000000\r\n";
        for (place, byte) in (0..8).zip(&mut suffix) {
            *byte = digit(place);
        }
        suffix
    }
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, digit| {
        let digit = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some(number << 4 | u32::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAMP: Stamp = Stamp { sender: 7, sequence: 0x00c0_ffee };

    fn text(bytes: usize) -> String {
        let suffix = Stamp::suffix(STAMP.sequence);
        Stamp::prefix(STAMP.sender, bytes) + std::str::from_utf8(&suffix).unwrap().trim_end()
    }

    #[test]
    fn a_text_has_its_length_and_leads_back() {
        let text = text(100);
        assert_eq!(text.len(), 100);
        let line = format!("@time=now :nick!user@host PRIVMSG #room :{text}");
        assert_eq!(Stamp::of(line.as_bytes()), Some(STAMP));
    }

    #[test]
    fn a_short_text_is_the_stamp_alone() {
        assert_eq!(text(3), "~0000000700c0ffee");
        assert_eq!(Stamp::of(b"~0000000700c0ffee"), Some(STAMP));
    }

    #[test]
    fn other_lines_have_none() {
        assert_eq!(Stamp::of(b":server 366 nick #room :End of /NAMES list."), None);
        assert_eq!(Stamp::of(b"~0000000700C0FFEE"), None);
        assert_eq!(Stamp::of(b"0000000700c0ffee"), None);
    }
}
