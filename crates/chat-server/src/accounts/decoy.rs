//! Verifiers of accounts that do not exist, so that nobody learns which do.

use chat_store::{AccountName, Verifier};

use super::verifier::{Hash, hmac};

/// Makes the same verifier for the same name each time, which no password fits.
pub(crate) struct Decoy {
    secret: Hash,
}

impl Decoy {
    /// `secret` has to be the same after a restart, or the salts of such names would change.
    pub(crate) fn new(secret: Hash) -> Self {
        Self { secret }
    }

    pub(crate) fn verifier(&self, name: &AccountName, iterations: u32) -> Verifier {
        let part = |what| self.part(what, name);
        Verifier {
            salt: part("salt")[..16].to_vec(),
            iterations,
            stored_key: part("stored key"),
            server_key: part("server key"),
        }
    }

    /// Where among all accounts, in the order of their iterations, one of this name would be: a
    /// fraction of 2³². Always the same, so that the iterations such a name has change as seldom as an
    /// account's do.
    pub(crate) fn place(&self, name: &AccountName) -> u32 {
        let [a, b, c, d, ..] = self.part("place", name);
        u32::from_be_bytes([a, b, c, d])
    }

    fn part(&self, what: &str, name: &AccountName) -> Hash {
        hmac(&self.secret, format!("{what} {}", name.key()).as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_always_gets_the_same_salt() {
        let decoy = Decoy::new([7; 32]);
        let of = |name| decoy.verifier(&AccountName::new(name), 4096);
        assert_eq!(of("Alice").salt, of("alice").salt);
        assert_ne!(of("alice").salt, of("bob").salt);
        let other = Decoy::new([8; 32]).verifier(&AccountName::new("alice"), 4096);
        assert_ne!(of("alice").salt, other.salt);
    }
}
