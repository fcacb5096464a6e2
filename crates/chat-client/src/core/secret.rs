//! Passwords.

use std::fmt;

use chat_protocol::opaque_string;

/// A password, prepared so that it is the same on every keyboard. Never part of what is logged or
/// shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    /// The password as it was entered.
    pub(crate) fn new(entered: &str) -> Self {
        Self(opaque_string(entered))
    }

    /// What is sent, or hashed.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing was entered.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_the_same_however_it_is_composed() {
        assert_eq!(Secret::new("cafe\u{301}"), Secret::new("café"));
        assert_eq!(Secret::new("密码 🔑").as_str(), "密码 🔑");
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(…)");
    }
}
