//! Passwords as argon2id hashes.

use std::sync::Mutex;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

use crate::lock::lock;

/// The most bytes of a password: more is refused before any work is done.
pub(crate) const PASSWORD_BYTES_MAX: usize = 300;

/// A hash that no password has, for checks that are to fail and to take as long as others.
pub(crate) const HASH_OF_NOTHING: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Checks passwords one at a time, so that guessing can use one core and 19 MiB at the most.
#[derive(Default)]
pub(crate) struct PasswordGate(Mutex<()>);

impl PasswordGate {
    /// Whether a password is the one of a hash. Takes some ten milliseconds.
    pub(crate) fn verify(&self, password: &str, hash: &str) -> bool {
        if password.len() > PASSWORD_BYTES_MAX {
            return false;
        }
        let Ok(hash) = PasswordHash::new(hash) else { return false };
        let _turn = lock(&self.0);
        Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
    }
}

/// Hashes a password with a random salt.
pub(crate) fn hash(password: &str) -> anyhow::Result<String> {
    anyhow::ensure!(!password.is_empty(), "the password is empty");
    anyhow::ensure!(
        password.len() <= PASSWORD_BYTES_MAX,
        "a password has at most {PASSWORD_BYTES_MAX} bytes"
    );
    let hash = Argon2::default().hash_password(password.as_bytes());
    Ok(hash.map_err(|error| anyhow::anyhow!("can't hash the password: {error}"))?.to_string())
}

/// Whether a text is a hash that [`PasswordGate::verify`] can check.
pub(crate) fn is_hash(text: &str) -> bool {
    PasswordHash::new(text)
        .is_ok_and(|hash| hash.algorithm.as_str() == "argon2id" && hash.hash.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_knows_its_password() {
        let hash = hash("correct horse").unwrap();
        assert!(is_hash(&hash));
        assert!(!is_hash("correct horse"));
        let gate = PasswordGate::default();
        assert!(gate.verify("correct horse", &hash));
        assert!(!gate.verify("wrong horse", &hash));
        assert!(is_hash(HASH_OF_NOTHING) && !gate.verify("", HASH_OF_NOTHING));
        assert!(!gate.verify(&"x".repeat(PASSWORD_BYTES_MAX + 1), &hash));
    }
}
