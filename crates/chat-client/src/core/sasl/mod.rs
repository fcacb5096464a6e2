//! Logging in: which mechanism, and what it says. IRCv3, "SASL Authentication".
//!
//! SCRAM-SHA-256 where the server has it: it never tells the password. PLAIN does, and without TLS
//! everybody on the way can read it: it is used only where nobody is on the way, or where the user
//! says that it may be.

mod scram;

use std::mem;

use base64ct::{Base64, Encoding};

use self::scram::{ClientFirst, ServerSignature};
use super::secret::Secret;

/// What one `AUTHENTICATE` carries; less than that ends a message.
const CHUNK_BYTES: usize = 400;
/// The most bytes of a server's message.
const INCOMING_BYTES_MAX: usize = 16 * 1024;
/// A message without content, or the end of one whose last chunk is full.
const EMPTY: &str = "+";

/// How to log in: with a password, the best first, or with the certificate that TLS has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mechanism {
    ScramSha256,
    Plain,
    External,
}

/// Why there is no way to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoMechanism {
    /// The server and the client have none in common.
    NotShared,
    /// There is PLAIN, but others could read the password.
    NotSafe,
}

impl Mechanism {
    /// The name on the wire.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::Plain => "PLAIN",
            Self::External => "EXTERNAL",
        }
    }

    /// The best mechanism with a password that the server has, as far as it says which, and that was not tried.
    pub(super) fn choose(
        offered: Option<&[String]>,
        tried: &[Self],
        is_trusted: bool,
    ) -> Result<Self, NoMechanism> {
        let is_offered = |mechanism: &Self| {
            let named = |name: &String| name.eq_ignore_ascii_case(mechanism.name());
            !tried.contains(mechanism) && offered.is_none_or(|names| names.iter().any(named))
        };
        match [Self::ScramSha256, Self::Plain].into_iter().find(is_offered) {
            None => Err(NoMechanism::NotShared),
            Some(Self::Plain) if !is_trusted => Err(NoMechanism::NotSafe),
            Some(mechanism) => Ok(mechanism),
        }
    }
}

/// One exchange of messages with the server.
#[derive(Debug)]
pub(super) struct Exchange {
    mechanism: Mechanism,
    incoming: String,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// PLAIN says everything at once.
    Plain {
        account: String,
        password: Secret,
    },
    /// The certificate says it all.
    External,
    ScramFirst(ClientFirst),
    ScramChallenge(ClientFirst),
    ScramFinal(ServerSignature),
    /// There is nothing more to say.
    Done,
    /// The server broke the rules.
    Failed,
}

impl Exchange {
    /// An exchange that starts once the server accepts the mechanism.
    pub(super) fn new(
        mechanism: Mechanism,
        account: String,
        password: Secret,
        nonce: String,
    ) -> Self {
        let stage = match mechanism {
            Mechanism::Plain => Stage::Plain { account, password },
            Mechanism::External => Stage::External,
            Mechanism::ScramSha256 => {
                Stage::ScramFirst(ClientFirst::new(&account, password, nonce))
            }
        };
        Self { mechanism, incoming: String::new(), stage }
    }

    /// A login with the certificate that TLS has shown.
    pub(super) fn external() -> Self {
        Self { mechanism: Mechanism::External, incoming: String::new(), stage: Stage::External }
    }

    /// The mechanism in use.
    pub(super) fn mechanism(&self) -> Mechanism {
        self.mechanism
    }

    /// Whether the server has not even accepted the mechanism yet.
    pub(super) fn is_unanswered(&self) -> bool {
        matches!(self.stage, Stage::Plain { .. } | Stage::ScramFirst(_))
    }

    /// Whether the server may be believed that the user is logged in.
    pub(super) fn is_done(&self) -> bool {
        matches!(self.stage, Stage::Done)
    }

    /// Takes the parameter of an `AUTHENTICATE`, and says what to send: parameters of as many.
    pub(super) fn receive(&mut self, chunk: &str) -> Result<Vec<String>, String> {
        if chunk != EMPTY {
            self.incoming.push_str(chunk);
        }
        if self.incoming.len() > INCOMING_BYTES_MAX {
            return Err(self.fail("its message is too long"));
        }
        if chunk.len() == CHUNK_BYTES {
            return Ok(Vec::new());
        }
        let encoded = mem::take(&mut self.incoming);
        let message = Base64::decode_vec(&encoded).ok().and_then(|it| String::from_utf8(it).ok());
        let Some(message) = message else {
            return Err(self.fail("its message can't be understood"));
        };
        match self.step(&message) {
            Ok(answer) => Ok(chunks(answer.as_bytes())),
            Err(why) => Err(self.fail(&why)),
        }
    }

    fn step(&mut self, message: &str) -> Result<String, String> {
        let (answer, next) = match mem::replace(&mut self.stage, Stage::Failed) {
            Stage::Plain { account, password } => {
                (format!("\0{account}\0{}", password.as_str()), Stage::Done)
            }
            Stage::ScramFirst(first) => (first.message(), Stage::ScramChallenge(first)),
            Stage::ScramChallenge(first) => {
                let (answer, expected) = first.answer(message).map_err(|it| it.to_string())?;
                (answer, Stage::ScramFinal(expected))
            }
            Stage::ScramFinal(expected) => {
                expected.verify(message).map_err(|it| it.to_string())?;
                (String::new(), Stage::Done)
            }
            Stage::External => (String::new(), Stage::Done),
            Stage::Done | Stage::Failed => return Err("it asks for more".to_owned()),
        };
        self.stage = next;
        Ok(answer)
    }

    fn fail(&mut self, why: &str) -> String {
        self.stage = Stage::Failed;
        why.to_owned()
    }
}

/// A message as parameters of `AUTHENTICATE`.
fn chunks(message: &[u8]) -> Vec<String> {
    let encoded = Base64::encode_string(message);
    let mut rest = encoded.as_str();
    let mut chunks = Vec::new();
    while rest.len() >= CHUNK_BYTES {
        let (chunk, after) = rest.split_at(CHUNK_BYTES);
        chunks.push(chunk.to_owned());
        rest = after;
    }
    chunks.push(if rest.is_empty() { EMPTY } else { rest }.to_owned());
    chunks
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn exchange(mechanism: Mechanism, password: &str) -> Exchange {
        let nonce = "rOprNGfwEbeRWgbNEkqO".to_owned();
        Exchange::new(mechanism, "user".to_owned(), Secret::new(password), nonce)
    }

    fn mechanisms(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn the_password_is_told_only_where_it_may_be() {
        let both = mechanisms(&["PLAIN", "EXTERNAL", "SCRAM-SHA-256"]);
        assert_eq!(Mechanism::choose(Some(&both), &[], false), Ok(Mechanism::ScramSha256));
        let plain = mechanisms(&["plain"]);
        assert_eq!(Mechanism::choose(Some(&plain), &[], true), Ok(Mechanism::Plain));
        assert_eq!(Mechanism::choose(Some(&plain), &[], false), Err(NoMechanism::NotSafe));
        let none = mechanisms(&["EXTERNAL"]);
        assert_eq!(Mechanism::choose(Some(&none), &[], true), Err(NoMechanism::NotShared));
        assert_eq!(Mechanism::choose(None, &[], false), Ok(Mechanism::ScramSha256));
        let tried = [Mechanism::ScramSha256];
        assert_eq!(Mechanism::choose(None, &tried, true), Ok(Mechanism::Plain));
    }

    #[test]
    fn plain_is_one_message() {
        let mut exchange = exchange(Mechanism::Plain, "pencil");
        assert!(exchange.is_unanswered());
        assert_eq!(exchange.receive("+").unwrap(), ["AHVzZXIAcGVuY2ls"]);
        assert!(exchange.is_done());
        assert!(exchange.receive("+").is_err());
        assert!(!exchange.is_done());
    }

    #[test]
    fn scram_is_done_once_the_server_has_proved_itself() {
        let mut exchange = exchange(Mechanism::ScramSha256, "pencil");
        exchange.receive("+").unwrap();
        let challenge = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                         s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
        exchange.receive(&Base64::encode_string(challenge.as_bytes())).unwrap();
        assert!(!exchange.is_done());
        let proof = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";
        assert_eq!(exchange.receive(&Base64::encode_string(proof.as_bytes())).unwrap(), ["+"]);
        assert!(exchange.is_done());
    }

    #[test]
    fn long_messages_go_in_chunks_both_ways() {
        assert_eq!(chunks(b""), ["+"]);
        let sizes = |bytes| chunks(&vec![b'x'; bytes]).iter().map(String::len).collect::<Vec<_>>();
        assert_eq!(sizes(297), [396]);
        assert_eq!(sizes(300), [400, 1]);
        assert_eq!(sizes(301), [400, 4]);
        let mut exchange = exchange(Mechanism::ScramSha256, "x");
        exchange.receive("+").unwrap();
        let salt = "YWFh".repeat(150);
        let challenge = format!("r=rOprNGfwEbeRWgbNEkqOx,s={salt},i=4096");
        let encoded = Base64::encode_string(challenge.as_bytes());
        let (first, rest) = encoded.split_at(CHUNK_BYTES);
        let (second, rest) = rest.split_at(CHUNK_BYTES);
        assert!(exchange.receive(first).unwrap().is_empty());
        assert!(exchange.receive(second).unwrap().is_empty());
        assert_eq!(exchange.receive(rest).unwrap().len(), 1);
    }

    #[test]
    fn a_message_without_end_is_given_up() {
        let mut exchange = exchange(Mechanism::ScramSha256, "x");
        let chunk = "a".repeat(CHUNK_BYTES);
        let chunks_max = INCOMING_BYTES_MAX / CHUNK_BYTES;
        assert!((0..chunks_max).all(|_| exchange.receive(&chunk).is_ok()));
        assert!(exchange.receive(&chunk).is_err());
    }

    proptest! {
        #[test]
        fn no_server_makes_it_panic(chunks in prop::collection::vec("\\PC{0,30}|[A-Za-z0-9+/]{400}", 0..6)) {
            let mut exchange = exchange(Mechanism::ScramSha256, "x");
            for chunk in chunks {
                let _ = exchange.receive(&chunk);
            }
            prop_assert!(!exchange.is_done());
        }
    }
}
