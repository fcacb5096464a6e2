//! Verifiers of accounts that do not exist, so that nobody learns which do.

use chat_store::{AccountName, Verifier};

use super::verifier::{Hash, hmac};

/// Makes the same verifier for the same name each time, which no password fits.
pub(crate) struct Decoy {
    secret: Hash,
    iterations: u32,
}

impl Decoy {
    /// `secret` has to be the same after a restart, or the salts of such names would change.
    pub(crate) fn new(secret: Hash, iterations: u32) -> Self {
        Self { secret, iterations }
    }

    pub(crate) fn verifier(&self, name: &AccountName) -> Verifier {
        let part = |what: &str| hmac(&self.secret, format!("{what} {}", name.key()).as_bytes());
        Verifier {
            salt: part("salt")[..16].to_vec(),
            iterations: self.iterations,
            stored_key: part("stored key"),
            server_key: part("server key"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_always_gets_the_same_salt() {
        let decoy = Decoy::new([7; 32], 4096);
        let of = |name| decoy.verifier(&AccountName::new(name));
        assert_eq!(of("Alice").salt, of("alice").salt);
        assert_ne!(of("alice").salt, of("bob").salt);
        assert_ne!(
            of("alice").salt,
            Decoy::new([8; 32], 4096).verifier(&AccountName::new("alice")).salt
        );
    }
}
