//! A text that is longer than a line can carry becomes several messages.

use unicode_width::UnicodeWidthChar;

/// The bytes of a line with its CR LF. Modern IRC, "Message Format".
pub(crate) const LINE_BYTES_MAX: usize = 512;

/// Cuts a text into pieces of at most `bytes_max` bytes. Put together again they are the text.
///
/// A piece ends after a space if there is one in its second half, else between two characters, and
/// never before a character that is drawn onto the one before it.
pub(crate) fn pieces(text: &str, bytes_max: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while rest.len() > bytes_max {
        let (piece, after) = rest.split_at(cut(rest, bytes_max));
        pieces.push(piece);
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(rest);
    }
    pieces
}

/// How far back to look for the start of what is drawn as one character.
const CLUSTER_CHARS_MAX: usize = 16;

/// Where to cut: above 0, and at most `bytes_max` unless the first character alone is longer.
fn cut(text: &str, bytes_max: usize) -> usize {
    let end = text.floor_char_boundary(bytes_max);
    if end == 0 {
        return text.chars().next().map_or(text.len(), char::len_utf8);
    }
    if let Some(space) = text[..end].rfind(' ').filter(|&space| space >= bytes_max / 2) {
        return space + 1;
    }
    let boundaries = (1..=end).rev().filter(|&at| text.is_char_boundary(at));
    boundaries.take(CLUSTER_CHARS_MAX).find(|&at| starts_a_character(text, at)).unwrap_or(end)
}

fn starts_a_character(text: &str, at: usize) -> bool {
    let joined = text[..at].ends_with('\u{200d}');
    !joined && text[at..].chars().next().is_none_or(|next| next.width() != Some(0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_fits_is_one_piece() {
        assert_eq!(pieces("hello", 5), ["hello"]);
        assert!(pieces("", 5).is_empty());
    }

    #[test]
    fn words_stay_whole_where_they_can() {
        assert_eq!(pieces("hello wide world", 12), ["hello wide ", "world"]);
        assert_eq!(pieces("a bcdefghijklmnop", 10), ["a bcdefghi", "jklmnop"]);
    }

    #[test]
    fn characters_stay_whole_always() {
        assert_eq!(pieces("小小小", 4), ["小", "小", "小"]);
        assert_eq!(pieces("aae\u{301}", 4), ["aa", "e\u{301}"]);
        assert_eq!(pieces("aaa👩\u{200d}🚀", 12), ["aaa", "👩\u{200d}🚀"]);
        assert_eq!(pieces("小", 1), ["小"]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_is_too_long(text in any::<String>(), max in 4_usize..80) {
            let pieces = pieces(&text, max);
            prop_assert_eq!(pieces.concat(), text.as_str());
            prop_assert!(pieces.iter().all(|piece| !piece.is_empty() && piece.len() <= max));
        }
    }
}
