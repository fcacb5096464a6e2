//! When two names are one name.
//!
//! Names are compared as RFC 8265 compares usernames without regard to case (section 3.3.1): lower
//! case, then normalization form C. For ASCII that is `CASEMAPPING=ascii`, which is what clients
//! are told: `[` and `{` differ, as they do in every current server. Names that differ only in the
//! case of other letters are one name to the server as well.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc};

/// What `CASEMAPPING` in ISUPPORT says.
pub const TOKEN: &str = "ascii";

/// The form of a name by which it is looked up. Folding it again changes nothing.
pub fn fold(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    let mut folded = fold_once(name);
    // Lower case and form C each can undo a little of the other; two rounds are the most seen.
    loop {
        let again = fold_once(&folded);
        if again == folded {
            return folded;
        }
        folded = again;
    }
}

/// Like [`fold`]; what has that form already, and is ASCII, is not copied.
pub fn folded(name: &str) -> Cow<'_, str> {
    let is_folded = name.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    if is_folded { Cow::Borrowed(name) } else { Cow::Owned(fold(name)) }
}

/// Whether two names are one name.
pub fn eq(one: &str, other: &str) -> bool {
    if one.is_ascii() && other.is_ascii() {
        one.eq_ignore_ascii_case(other)
    } else {
        fold(one) == fold(other)
    }
}

fn fold_once(name: &str) -> String {
    let lower: String = name.chars().flat_map(char::to_lowercase).collect();
    if is_nfc(&lower) { lower } else { lower.nfc().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_does_not_matter_in_any_script() {
        assert_eq!(fold("Alice[1]"), "alice[1]");
        assert_eq!(fold("ÅSA"), "åsa");
        assert_eq!(fold("A\u{30a}sa"), "åsa");
        assert_eq!(fold("ΣΊΣΥΦΟΣ"), fold("σίσυφοσ"));
        assert_eq!(fold("小明"), "小明");
        assert!(eq("#Über", "#über"));
        assert!(!eq("{", "["));
    }
}
