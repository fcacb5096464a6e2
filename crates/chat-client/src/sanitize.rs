//! Text from elsewhere, made safe for a terminal.
//!
//! What remains moves no cursor, changes no colour, reverses no reading direction and is not
//! invisible. Everything shown passes through here on its way to the screen, and typed text passes
//! [`outgoing`] on its way to the server.
//!
//! - Control characters (C0, DEL, C1) go; a tab becomes a space.
//! - IRC formatting (bold, colours and so on) goes, with the digits that belong to it.
//! - Bidirectional controls, line and paragraph separators and invisible characters go.
//! - A zero width joiner or non-joiner stays between two characters beyond ASCII: families of
//!   emoji, Persian and the scripts of India need it. Beside ASCII it could only hide or fake.

use std::iter::Peekable;
use std::str::Chars;

const COLOUR: char = '\x03';
const HEX_COLOUR: char = '\x04';
const ESCAPE: char = '\x1b';
const ZERO_WIDTH_NON_JOINER: char = '\u{200c}';
const ZERO_WIDTH_JOINER: char = '\u{200d}';

/// A text to be shown on one line.
pub(crate) fn text(remote: &str) -> String {
    let mut shown = String::with_capacity(remote.len());
    let mut rest = remote.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            COLOUR => skip_colours(&mut rest, 2, char::is_ascii_digit),
            HEX_COLOUR => skip_colours(&mut rest, 6, char::is_ascii_hexdigit),
            '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' => shown.push(' '),
            ZERO_WIDTH_JOINER | ZERO_WIDTH_NON_JOINER => {
                let beyond_ascii = |other: Option<char>| other.is_some_and(|c| !c.is_ascii());
                let next = rest.peek().copied().filter(|&next| !is_unsafe(next));
                if beyond_ascii(shown.chars().next_back()) && beyond_ascii(next) {
                    shown.push(character);
                }
            }
            other if is_unsafe(other) => {}
            other => shown.push(other),
        }
    }
    shown
}

/// A nickname or a room's name to be shown: like [`text`], and one word.
pub(crate) fn name(remote: &str) -> String {
    text(remote)
        .chars()
        .filter(|&c| !c.is_whitespace() && c != ZERO_WIDTH_JOINER && c != ZERO_WIDTH_NON_JOINER)
        .collect()
}

/// A typed text on its way to the server: no control characters, and no terminal colours of the
/// program whose output is sent. Line breaks stay for the sender to split at.
pub(crate) fn outgoing(typed: &str) -> String {
    let mut clean = String::with_capacity(typed.len());
    let mut rest = typed.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            ESCAPE if rest.peek() == Some(&'[') => skip_control_sequence(&mut rest),
            '\t' => clean.push(' '),
            '\n' => clean.push('\n'),
            other if other.is_control() => {}
            other => clean.push(other),
        }
    }
    clean
}

/// Whether a character never reaches the screen.
fn is_unsafe(character: char) -> bool {
    character.is_control() || is_bidirectional_control(character) || is_invisible(character)
}

fn is_bidirectional_control(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}')
        || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Characters that show nothing, with which a text can hide something or imitate another.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
        | '\u{200b}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}'
        | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Skips `NN[,NN]` after a colour code. A comma without a digit behind it belongs to the text.
fn skip_colours(rest: &mut Peekable<Chars<'_>>, digits_max: usize, is_digit: fn(&char) -> bool) {
    if skip_digits(rest, digits_max, is_digit) == 0 {
        return;
    }
    let mut ahead = rest.clone();
    if ahead.next() == Some(',') && ahead.peek().is_some_and(is_digit) {
        rest.next();
        skip_digits(rest, digits_max, is_digit);
    }
}

fn skip_digits(rest: &mut Peekable<Chars<'_>>, max: usize, is_digit: fn(&char) -> bool) -> usize {
    (0..max).take_while(|_| rest.next_if(is_digit).is_some()).count()
}

/// Skips `[…letter` after an escape (ECMA-48, 5.4).
fn skip_control_sequence(rest: &mut Peekable<Chars<'_>>) {
    rest.next();
    while rest.next_if(|c| ('\u{20}'..='\u{3f}').contains(c)).is_some() {}
    rest.next_if(|c| ('\u{40}'..='\u{7e}').contains(c));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn formatting_goes_with_its_digits() {
        assert_eq!(text("\x02bold\x02 \x1ditalic\x0f plain"), "bold italic plain");
        assert_eq!(text("\x034red\x03 \x0304,12both\x03,5"), "red both,5");
        assert_eq!(text("\x03123"), "3");
        assert_eq!(text("\x034,x"), ",x");
        assert_eq!(text("\x04ff0000hex\x04"), "hex");
    }

    #[test]
    fn nothing_reaches_the_terminal_that_moves_it() {
        assert_eq!(text("a\x1b[2Jb\x07\x08\x7f\u{9b}31mc"), "a[2Jb31mc");
        assert_eq!(text("one\r\ntwo\tthree\u{2028}four"), "one  two three four");
        assert_eq!(text("abc\u{202e}txt.exe\u{2066}\u{200f}\u{61c}"), "abctxt.exe");
        assert_eq!(text("a\u{200b}b\u{feff}c\u{e0041}d\u{3164}"), "abcd");
    }

    #[test]
    fn joiners_stay_where_a_script_needs_them() {
        assert_eq!(text("👩\u{200d}🚀"), "👩\u{200d}🚀");
        assert_eq!(text("می\u{200c}خواهم"), "می\u{200c}خواهم");
        assert_eq!(text("pay\u{200d}pal \u{200c}小"), "paypal 小");
        assert_eq!(text("小\u{200d}"), "小");
        assert_eq!(name("小\u{200d}明 x"), "小明x");
    }

    #[test]
    fn letters_of_every_script_stay() {
        for line in ["hello, wörld", "你好，世界", "مرحبا", "Привет", "สวัสดี", "❤\u{fe0f}👍🏽"]
        {
            assert_eq!(text(line), line);
        }
    }

    #[test]
    fn typed_text_cannot_break_the_protocol() {
        assert_eq!(outgoing("a\0b\rc\td\x01e\u{85}"), "abc de");
        assert_eq!(outgoing("\x1b[1;31mred\x1b[0m \x1bx"), "red x");
        assert_eq!(outgoing("one\ntwo"), "one\ntwo");
    }

    fn shown_safely(shown: &str) -> bool {
        !shown.chars().any(is_unsafe)
            && !shown.chars().any(|c| matches!(c, '\0'..='\x1f' | '\x7f'..='\u{9f}'))
    }

    proptest! {
        #[test]
        fn no_input_makes_unsafe_output(remote in any::<String>()) {
            prop_assert!(shown_safely(&text(&remote)));
            prop_assert!(shown_safely(&name(&remote)));
        }

        #[test]
        fn nor_does_input_made_to_be_hostile(
            remote in "[\0-\x1f\x7f-\u{9f}\u{200b}-\u{200f}\u{2028}-\u{202e}\u{2060}-\u{206f},0-9a-f\u{61c}\u{5c0f}]{0,40}"
        ) {
            prop_assert!(shown_safely(&text(&remote)));
            prop_assert!(!outgoing(&remote).chars().any(|c| c.is_control() && c != '\n'));
        }

        #[test]
        fn cleaning_again_changes_nothing(remote in any::<String>()) {
            let once = text(&remote);
            prop_assert_eq!(text(&once), once);
        }
    }
}
