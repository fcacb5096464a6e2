//! Passwords of accounts, kept as the verifiers of SCRAM-SHA-256. RFC 5802, section 3; RFC 7677.

use chat_protocol::opaque_string;
use chat_store::Verifier;
use ctutils::CtEq;
use hmac::{Hmac, KeyInit, Mac};
use pbkdf2::pbkdf2_hmac_array;
use sha2::{Digest, Sha256};

use super::secret;

/// The most bytes of a password: more is refused before any work is done.
pub(crate) const PASSWORD_BYTES_MAX: usize = 600;
/// The fewest rounds a verifier may have. RFC 7677, section 4.
pub(crate) const ITERATIONS_MIN: u32 = 4096;
/// The most: some seconds of work.
pub(crate) const ITERATIONS_MAX: u32 = 10_000_000;

/// What SHA-256 makes.
pub(super) type Hash = [u8; 32];

/// The verifier of a password, with a random salt. Takes as long as its rounds take.
pub(crate) fn create(password: &str, iterations: u32) -> Verifier {
    with_salt(password, &secret::bytes::<16>(), iterations)
}

/// Whether a password is the one of a verifier. Takes as long for a wrong one.
pub(crate) fn matches(password: &str, verifier: &Verifier) -> bool {
    let given = with_salt(password, &verifier.salt, verifier.iterations);
    given.stored_key.ct_eq(&verifier.stored_key).to_bool()
}

pub(super) fn with_salt(password: &str, salt: &[u8], iterations: u32) -> Verifier {
    let prepared = opaque_string(password);
    let salted: Hash = pbkdf2_hmac_array::<Sha256, 32>(prepared.as_bytes(), salt, iterations);
    Verifier {
        salt: salt.to_vec(),
        iterations,
        stored_key: hash(&hmac(&salted, b"Client Key")),
        server_key: hmac(&salted, b"Server Key"),
    }
}

pub(super) fn hash(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

/// HMAC-SHA256.
pub(crate) fn hmac(key: &[u8], bytes: &[u8]) -> Hash {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key may have any length");
    mac.update(bytes);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verifier_knows_its_password() {
        let verifier = create("密码 correct", ITERATIONS_MIN);
        assert!(matches("密码 correct", &verifier));
        assert!(!matches("密码 wrong", &verifier));
        assert_eq!(verifier.salt.len(), 16);
        assert_ne!(create("密码 correct", ITERATIONS_MIN).salt, verifier.salt);
    }

    #[test]
    fn a_password_is_the_same_however_it_is_composed() {
        let verifier = create("caf\u{e9}", ITERATIONS_MIN);
        assert!(matches("cafe\u{301}", &verifier));
        // Not allowed by the profile, and still a password.
        assert!(matches("a\u{7}b", &create("a\u{7}b", ITERATIONS_MIN)));
        assert!(!matches("密码!", &create("密码！", ITERATIONS_MIN)));
    }
}
