//! What a new account starts with, and what is refused.

use chat_store::{Account, AccountName, Suspension, Verifier};

use super::verifier::PASSWORD_BYTES_MAX;

/// The most bytes of an address. RFC 5321, 4.5.3.1.3.
const EMAIL_BYTES_MAX: usize = 254;

/// An account that has only a password. `created`: microseconds since the Unix epoch.
pub(crate) fn new_account(name: AccountName, verifier: Verifier, created: u64) -> Account {
    Account {
        name,
        rev: 1,
        created,
        verifier: Some(verifier),
        certificates: Vec::new(),
        email: None,
        suspension: None,
        is_oper: false,
        oper_role: None,
        always_on: None,
    }
}

/// Why a password can't be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PasswordError {
    TooShort,
    TooLong,
}

/// Checks the length of a new password.
pub(crate) fn check_password(password: &str, bytes_min: usize) -> Result<(), PasswordError> {
    match password.len() {
        short if short < bytes_min => Err(PasswordError::TooShort),
        long if long > PASSWORD_BYTES_MAX => Err(PasswordError::TooLong),
        _ => Ok(()),
    }
}

/// Whether a text looks like an address for mail. Only sending to it would tell.
pub(crate) fn is_email(text: &str) -> bool {
    let is_clean = !text.contains(|c: char| c.is_whitespace() || c.is_control());
    let parts = text.rsplit_once('@');
    let has_parts = parts.is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
    is_clean && has_parts && text.len() <= EMAIL_BYTES_MAX && !text.starts_with(':')
}

/// Whether a suspension holds at a time, in microseconds since the Unix epoch.
pub(crate) fn holds(suspension: &Suspension, now: u64) -> bool {
    suspension.until.is_none_or(|until| now < until)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_have_a_length() {
        assert_eq!(check_password("1234567", 8), Err(PasswordError::TooShort));
        assert_eq!(check_password("12345678", 8), Ok(()));
        assert_eq!(check_password(&"x".repeat(601), 8), Err(PasswordError::TooLong));
    }

    #[test]
    fn addresses_have_an_at_sign_between_two_parts() {
        assert!(is_email("alice@example.org") && is_email("小明@例子.cn"));
        for wrong in ["", "alice", "@example.org", "alice@", "a b@c", "*", &"a@".repeat(200)] {
            assert!(!is_email(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_suspension_ends_when_it_says() {
        let ends = |until| Suspension { by: String::new(), reason: String::new(), since: 0, until };
        assert!(holds(&ends(None), u64::MAX));
        assert!(holds(&ends(Some(10)), 9) && !holds(&ends(Some(10)), 10));
    }
}
