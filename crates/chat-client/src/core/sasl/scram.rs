//! SCRAM-SHA-256 without channel binding: the client proves that it knows the password, and the
//! server that it knows the account, without either saying so. RFC 5802, RFC 7677.

use std::fmt;

use base64ct::{Base64, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::core::secret::Secret;

/// Rounds of PBKDF2 a server may ask for. Fewer would make the password easy to guess for who
/// listens; more would be a way to keep the client busy.
const ITERATIONS_MIN: u32 = 4096;
const ITERATIONS_MAX: u32 = 1_000_000;

/// The most bytes of a salt.
const SALT_BYTES_MAX: usize = 1024;

/// What a server may add to the nonce: something, so that no old exchange can be played again.
const SERVER_NONCE_BYTES_MAX: usize = 1024;

/// "n,,": no channel binding, no other user to act for.
const GS2_HEADER: &str = "n,,";

type Key = [u8; 32];

/// Why an exchange ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScramError {
    /// The server's message is not what the mechanism says.
    Malformed,
    /// The nonce is not the client's with something added.
    Nonce,
    /// The iteration count is out of bounds.
    Iterations,
    /// The server does not know the password.
    Signature,
    /// The server says that it refuses.
    Refused,
}

/// The exchange before the server has said anything.
#[derive(Debug)]
pub(crate) struct ClientFirst {
    bare: String,
    nonce: String,
    password: Secret,
}

/// The exchange once the client has proved itself: what the server has to prove.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ServerSignature(Key);

impl ClientFirst {
    /// Starts an exchange. `nonce` is random, printable and without a comma.
    pub(crate) fn new(account: &str, password: Secret, nonce: String) -> Self {
        let name = account.replace('=', "=3D").replace(',', "=2C");
        Self { bare: format!("n={name},r={nonce}"), nonce, password }
    }

    /// The first message.
    pub(crate) fn message(&self) -> String {
        format!("{GS2_HEADER}{}", self.bare)
    }

    /// The answer to the server's first message, and what the server has to answer to it.
    pub(crate) fn answer(
        &self,
        server_first: &str,
    ) -> Result<(String, ServerSignature), ScramError> {
        let challenge = Challenge::parse(server_first, &self.nonce)?;
        let mut salted = Key::default();
        let password = self.password.as_str().as_bytes();
        pbkdf2::pbkdf2_hmac::<Sha256>(password, &challenge.salt, challenge.iterations, &mut salted);
        let binding = Base64::encode_string(GS2_HEADER.as_bytes());
        let without_proof = format!("c={binding},r={}", challenge.nonce);
        let auth_message = format!("{},{server_first},{without_proof}", self.bare);
        let client_key = hmac(&salted, b"Client Key");
        let stored_key: Key = Sha256::digest(client_key).into();
        let signature = hmac(&stored_key, auth_message.as_bytes());
        let mut proof = client_key;
        proof.iter_mut().zip(signature).for_each(|(byte, other)| *byte ^= other);
        let server_key = hmac(&salted, b"Server Key");
        let expected = ServerSignature(hmac(&server_key, auth_message.as_bytes()));
        Ok((format!("{without_proof},p={}", Base64::encode_string(&proof)), expected))
    }
}

impl ServerSignature {
    /// Checks the server's last message.
    pub(crate) fn verify(&self, server_final: &str) -> Result<(), ScramError> {
        let first = server_final.split(',').next().unwrap_or_default();
        if first.starts_with("e=") {
            return Err(ScramError::Refused);
        }
        let encoded = first.strip_prefix("v=").ok_or(ScramError::Malformed)?;
        let signature = Base64::decode_vec(encoded).map_err(|_| ScramError::Malformed)?;
        if signature == self.0 { Ok(()) } else { Err(ScramError::Signature) }
    }
}

/// The server's first message: `r=nonce,s=salt,i=iterations`, and extensions that may be ignored.
struct Challenge<'a> {
    nonce: &'a str,
    salt: Vec<u8>,
    iterations: u32,
}

impl<'a> Challenge<'a> {
    fn parse(message: &'a str, client_nonce: &str) -> Result<Self, ScramError> {
        let mut attributes = message.split(',');
        let mut next = |name: &str| {
            let attribute = attributes.next().and_then(|attribute| attribute.strip_prefix(name));
            attribute.ok_or(ScramError::Malformed)
        };
        // An extension in the first place ("m=") has to be understood, and none is.
        let nonce = next("r=")?;
        let salt = Base64::decode_vec(next("s=")?).map_err(|_| ScramError::Malformed)?;
        let count = next("i=")?;
        let added = nonce.strip_prefix(client_nonce).ok_or(ScramError::Nonce)?;
        if added.is_empty() || added.len() > SERVER_NONCE_BYTES_MAX {
            return Err(ScramError::Nonce);
        }
        if salt.is_empty() || salt.len() > SALT_BYTES_MAX {
            return Err(ScramError::Malformed);
        }
        let is_number = count.bytes().all(|byte| byte.is_ascii_digit());
        let iterations = count.parse().ok().filter(|_| is_number).ok_or(ScramError::Iterations)?;
        if !(ITERATIONS_MIN..=ITERATIONS_MAX).contains(&iterations) {
            return Err(ScramError::Iterations);
        }
        Ok(Self { nonce, salt, iterations })
    }
}

fn hmac(key: &[u8], message: &[u8]) -> Key {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

impl fmt::Display for ScramError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "its message can't be understood",
            Self::Nonce => "it did not add to the client's nonce",
            Self::Iterations => "it asks for too few or too many iterations",
            Self::Signature => "it does not prove that it knows the account",
            Self::Refused => "it refuses",
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SERVER_FIRST: &str = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                                s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

    /// The exchange of RFC 7677, section 3.
    fn example() -> ClientFirst {
        ClientFirst::new("user", Secret::new("pencil"), "rOprNGfwEbeRWgbNEkqO".to_owned())
    }

    #[test]
    fn the_example_of_the_specification() {
        let exchange = example();
        assert_eq!(exchange.message(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        let (answer, expected) = exchange.answer(SERVER_FIRST).unwrap();
        assert_eq!(
            answer,
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
             p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
        );
        let last = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";
        assert_eq!(expected.verify(last), Ok(()));
        assert_eq!(expected.verify(&last.replace("6rr", "6rs")), Err(ScramError::Signature));
        assert_eq!(expected.verify("v="), Err(ScramError::Signature));
        assert_eq!(expected.verify("e=invalid-proof"), Err(ScramError::Refused));
        assert_eq!(expected.verify("x"), Err(ScramError::Malformed));
    }

    #[test]
    fn a_name_may_have_commas_and_equals_signs() {
        let exchange = ClientFirst::new("a=b,c", Secret::new("x"), "n".to_owned());
        assert_eq!(exchange.message(), "n,,n=a=3Db=2Cc,r=n");
    }

    #[test]
    fn a_server_that_breaks_the_rules_gets_no_answer() {
        for (message, error) in [
            ("", ScramError::Malformed),
            ("m=x,r=rOprNGfwEbeRWgbNEkqOx,s=YQ==,i=4096", ScramError::Malformed),
            ("r=rOprNGfwEbeRWgbNEkqO,s=YQ==,i=4096", ScramError::Nonce),
            ("r=other,s=YQ==,i=4096", ScramError::Nonce),
            ("r=rOprNGfwEbeRWgbNEkqOx,s=,i=4096", ScramError::Malformed),
            ("r=rOprNGfwEbeRWgbNEkqOx,s=%%,i=4096", ScramError::Malformed),
            ("r=rOprNGfwEbeRWgbNEkqOx,s=YQ==,i=4095", ScramError::Iterations),
            ("r=rOprNGfwEbeRWgbNEkqOx,s=YQ==,i=1000001", ScramError::Iterations),
            ("r=rOprNGfwEbeRWgbNEkqOx,s=YQ==,i=99999999999", ScramError::Iterations),
            ("r=rOprNGfwEbeRWgbNEkqOx,s=YQ==,i=+4096", ScramError::Iterations),
        ] {
            assert_eq!(example().answer(message).unwrap_err(), error, "{message}");
        }
    }

    proptest! {
        #[test]
        fn no_message_of_a_server_panics(
            first in "(r=(rOprNGfwEbeRWgbNEkqO)?)?\\PC{0,20},?(s=[A-Za-z0-9+/=]{0,12})?,?(i=[0-9]{0,4})?",
            last in "(v=)?\\PC*",
        ) {
            let _ = example().answer(&first);
            let _ = ServerSignature(Key::default()).verify(&last);
        }
    }
}
