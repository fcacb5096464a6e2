//! What others wrote can't play tricks on a terminal.

use std::fmt::Write;

/// Without what is no text.
pub(super) fn printable(text: &str) -> String {
    text.chars().filter(|&it| !is_unsafe(it)).collect()
}

/// Control characters, and those that turn the direction of reading or break the line.
pub(super) fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}'
                | '\u{200e}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
                | '\u{feff}'
        )
}

/// All of them are in texts, where JSON can say them by number.
pub(super) fn escape(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        if is_unsafe(character) {
            write!(escaped, "\\u{:04x}", u32::from(character)).expect("a text takes any text");
        } else {
            escaped.push(character);
        }
    }
    escaped
}
