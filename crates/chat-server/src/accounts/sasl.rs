//! SASL over AUTHENTICATE, up to the messages of the mechanisms. IRCv3, "SASL Authentication".

use base64ct::{Base64, Encoding};
use chat_store::AccountName;

use super::name::{NAME_BYTES_MAX, given};

/// The most characters of a response in one AUTHENTICATE.
pub(crate) const CHUNK_BYTES_MAX: usize = 400;
/// The most characters of a response in all its parts.
const RESPONSE_BYTES_MAX: usize = 4096;

/// How somebody proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mechanism {
    Plain,
    External,
    ScramSha256,
}

impl Mechanism {
    /// The strongest last.
    pub(crate) const ALL: [Self; 3] = [Self::Plain, Self::External, Self::ScramSha256];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::External => "EXTERNAL",
            Self::ScramSha256 => "SCRAM-SHA-256",
        }
    }

    /// The mechanism of a name, in whatever case it is written.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mechanism| mechanism.name().eq_ignore_ascii_case(name))
    }
}

/// Those of the mechanisms that can succeed, as a list with commas: a certificate can only come by
/// a transport that has them.
pub(crate) fn mechanisms(with_certificates: bool) -> String {
    let offered = Mechanism::ALL.into_iter();
    let offered =
        offered.filter(|mechanism| with_certificates || *mechanism != Mechanism::External);
    offered.map(Mechanism::name).collect::<Vec<_>>().join(",")
}

/// A response that comes in parts.
#[derive(Debug, Default)]
pub(crate) struct Response(String);

/// Why there is no response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResponseError {
    /// One part has more than [`CHUNK_BYTES_MAX`].
    ChunkTooLong,
    /// All together have too much.
    TooLong,
    NotBase64,
}

impl Response {
    /// Adds a part. The whole, decoded, if it was the last: one of less than 400 characters, or `+`.
    pub(crate) fn push(&mut self, part: &str) -> Result<Option<Vec<u8>>, ResponseError> {
        if part.len() > CHUNK_BYTES_MAX {
            return Err(ResponseError::ChunkTooLong);
        }
        if part != "+" {
            self.0.push_str(part);
        }
        if self.0.len() > RESPONSE_BYTES_MAX {
            return Err(ResponseError::TooLong);
        }
        if part.len() == CHUNK_BYTES_MAX {
            return Ok(None);
        }
        let whole = std::mem::take(&mut self.0);
        Base64::decode_vec(&whole).map(Some).map_err(|_| ResponseError::NotBase64)
    }
}

/// What the server says, in the parts in which it is sent.
pub(crate) fn parts(message: &[u8]) -> Vec<String> {
    let encoded = Base64::encode_string(message);
    let mut parts: Vec<String> = encoded
        .as_bytes()
        .chunks(CHUNK_BYTES_MAX)
        .map(|part| part.iter().copied().map(char::from).collect())
        .collect();
    if parts.last().is_none_or(|last| last.len() == CHUNK_BYTES_MAX) {
        parts.push("+".to_owned());
    }
    parts
}

/// The message of PLAIN: who, and the password. RFC 4616.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Plain {
    pub(crate) authzid: Option<AccountName>,
    pub(crate) name: AccountName,
    pub(crate) password: String,
}

impl Plain {
    /// `None` if it is no such message.
    pub(crate) fn parse(message: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(message).ok()?;
        let mut parts = text.split('\0');
        let (authzid, name, password) = (parts.next()?, parts.next()?, parts.next()?);
        let is_name = (1..=NAME_BYTES_MAX).contains(&name.len());
        if !is_name || password.is_empty() || parts.next().is_some() {
            return None;
        }
        let authzid = (!authzid.is_empty()).then(|| given(authzid));
        Some(Self { authzid, name: given(name), password: password.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_ends_with_a_short_part() {
        let mut response = Response::default();
        assert_eq!(response.push("+"), Ok(Some(vec![])));
        assert_eq!(response.push("aGk="), Ok(Some(b"hi".to_vec())));
        assert_eq!(response.push(&"a".repeat(400)), Ok(None));
        assert_eq!(response.push("+").map(|whole| whole.map(|it| it.len())), Ok(Some(300)));
        assert_eq!(response.push("!!!"), Err(ResponseError::NotBase64));
        assert_eq!(response.push(&"a".repeat(401)), Err(ResponseError::ChunkTooLong));
        let mut response = Response::default();
        let error = (0..20).find_map(|_| response.push(&"a".repeat(400)).err());
        assert_eq!(error, Some(ResponseError::TooLong));
    }

    #[test]
    fn what_the_server_says_has_parts_as_well() {
        assert_eq!(parts(b"hi"), ["aGk="]);
        assert_eq!(parts(b""), ["+"]);
        let lengths: Vec<_> = parts(&[0; 300]).iter().map(String::len).collect();
        assert_eq!(lengths, [400, 1]);
    }

    #[test]
    fn plain_has_three_parts() {
        let plain = Plain::parse("\0小明\0p w".as_bytes()).unwrap();
        assert_eq!(
            (plain.authzid, plain.name.as_str(), plain.password.as_str()),
            (None, "小明", "p w")
        );
        assert_eq!(Plain::parse(b"bob\0bob\0x").unwrap().authzid, Some(AccountName::new("BOB")));
        for wrong in ["", "a\0b", "a\0\0x", "\0b\0", "\0b\0x\0y"] {
            assert_eq!(Plain::parse(wrong.as_bytes()), None, "{wrong:?}");
        }
        assert_eq!(Plain::parse(b"\0b\0\xff"), None);
    }

    #[test]
    fn external_is_offered_where_there_can_be_certificates() {
        assert_eq!(mechanisms(true), "PLAIN,EXTERNAL,SCRAM-SHA-256");
        assert_eq!(mechanisms(false), "PLAIN,SCRAM-SHA-256");
        assert_eq!(Mechanism::from_name("plain"), Some(Mechanism::Plain));
        assert_eq!(Mechanism::from_name("LOGIN"), None);
    }
}
