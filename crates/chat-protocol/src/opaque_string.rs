//! Passwords as they are compared: the same on every keyboard. RFC 8265, section 4.

use unicode_normalization::UnicodeNormalization;

/// Prepares a password: every space is U+0020, and the whole in normalization form C. Nothing is
/// refused: what the profile does not allow is kept as it is.
pub fn opaque_string(password: &str) -> String {
    let is_space = |c: char| c.is_whitespace() && !c.is_control();
    password.nfc().map(|c| if is_space(c) { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_password_has_one_form() {
        assert_eq!(opaque_string("cafe\u{301}"), opaque_string("caf\u{e9}"));
        assert_eq!(opaque_string("a\u{3000}b\u{a0}c"), "a b c");
        assert_eq!(opaque_string("密码 🔑 １２\u{7}"), "密码 🔑 １２\u{7}");
    }
}
