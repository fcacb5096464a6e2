//! Bytes become a request. RFC 9112.

use std::fmt;

use httparse::{EMPTY_HEADER, Error, Header, Status as Parsed};

use crate::authority::Authority;
use crate::response::Status;

/// The most bytes of a request line and its headers.
pub const HEAD_BYTES_MAX: usize = 8 * 1024;
/// The most headers of a request.
pub const HEADERS_MAX: usize = 64;

/// A request without a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request<'b> {
    /// Such as `GET`. Case counts.
    pub method: &'b str,
    /// From its `/` to before the `?`.
    pub path: &'b str,
    /// What the client calls this server. HTTP/1.0 may leave it out.
    pub host: Option<Authority>,
    /// Whether it is HTTP/1.1 and not 1.0.
    pub is_http_1_1: bool,
    headers: Vec<(&'b str, &'b [u8])>,
}

/// Why bytes are no request that can be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestError {
    /// Not HTTP, or ambiguous.
    Malformed,
    /// Another version than 1.0 and 1.1.
    Version,
    /// More than [`HEAD_BYTES_MAX`] or [`HEADERS_MAX`].
    TooLarge,
    /// Something follows that nobody here wants.
    Body,
}

impl<'b> Request<'b> {
    /// The request at the beginning of `bytes` and how many bytes it takes; `None` until more have
    /// come.
    pub fn parse(bytes: &'b [u8]) -> Result<Option<(Self, usize)>, RequestError> {
        let head = bytes.get(..HEAD_BYTES_MAX).unwrap_or(bytes);
        let mut headers = [EMPTY_HEADER; HEADERS_MAX];
        let mut parsed = httparse::Request::new(&mut headers);
        let length = match parsed.parse(head) {
            Ok(Parsed::Complete(length)) => length,
            Ok(Parsed::Partial) if head.len() < HEAD_BYTES_MAX => return Ok(None),
            Ok(Parsed::Partial) | Err(Error::TooManyHeaders) => return Err(RequestError::TooLarge),
            Err(Error::Version) => return Err(RequestError::Version),
            Err(_) => return Err(RequestError::Malformed),
        };
        let (Some(method), Some(target)) = (parsed.method, parsed.path) else {
            return Err(RequestError::Malformed);
        };
        let headers = parsed.headers.iter().map(|Header { name, value }| (*name, *value)).collect();
        let is_http_1_1 = parsed.version == Some(1);
        let mut request = Self { method, path: target, host: None, is_http_1_1, headers };
        request.find_target(target)?;
        request.has_no_body()?;
        Ok(Some((request, length)))
    }

    /// A header's value, if there is exactly one such header and it is text.
    pub fn header(&self, name: &str) -> Option<&'b str> {
        let mut values = self.values(name);
        let value = values.next()?;
        values.next().is_none().then(|| std::str::from_utf8(value).ok()).flatten()
    }

    /// Whether there is such a header.
    pub fn has(&self, name: &str) -> bool {
        self.values(name).next().is_some()
    }

    /// The items of a header that is a list with commas, in all its lines.
    pub fn items(&self, name: &str) -> impl Iterator<Item = &'b str> {
        let texts = self.values(name).filter_map(|value| std::str::from_utf8(value).ok());
        texts.flat_map(|text| text.split(',')).map(str::trim).filter(|item| !item.is_empty())
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &'b [u8]> {
        let named = self.headers.iter().filter(move |(it, _)| it.eq_ignore_ascii_case(name));
        named.map(|(_, value)| *value)
    }

    /// Takes the target apart. RFC 9112, "Request Target" and "Host": a target that is a whole URL
    /// goes before the header, which has to be there all the same.
    fn find_target(&mut self, target: &'b str) -> Result<(), RequestError> {
        let mut host = None;
        if self.has("host") {
            let value = self.header("host").ok_or(RequestError::Malformed)?;
            host = Some(Authority::parse(value).ok_or(RequestError::Malformed)?);
        } else if self.is_http_1_1 {
            return Err(RequestError::Malformed);
        }
        let mut path = target;
        if let Some((_, rest)) = ["http://", "https://"].iter().find_map(|scheme| {
            let (start, rest) = target.split_at_checked(scheme.len())?;
            start.eq_ignore_ascii_case(scheme).then_some((start, rest))
        }) {
            let (authority, slash) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
            host = Some(Authority::parse(authority).ok_or(RequestError::Malformed)?);
            path = if slash.starts_with('/') { slash } else { "/" };
        }
        let path = path.split(['?', '#']).next().unwrap_or(path);
        if !path.starts_with('/') && path != "*" {
            return Err(RequestError::Malformed);
        }
        (self.path, self.host) = (path, host);
        Ok(())
    }

    fn has_no_body(&self) -> Result<(), RequestError> {
        if self.has("transfer-encoding") {
            return Err(RequestError::Body);
        }
        match (self.has("content-length"), self.header("content-length")) {
            (false, _) | (true, Some("0")) => Ok(()),
            (true, Some(length)) if length.bytes().all(|byte| byte.is_ascii_digit()) => {
                Err(RequestError::Body)
            }
            (true, _) => Err(RequestError::Malformed),
        }
    }
}

impl RequestError {
    /// What the client is answered.
    pub const fn status(self) -> Status {
        match self {
            Self::Malformed => Status::BAD_REQUEST,
            Self::Version => Status::HTTP_VERSION_NOT_SUPPORTED,
            Self::TooLarge => Status::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Body => Status::CONTENT_TOO_LARGE,
        }
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "the request is not valid HTTP",
            Self::Version => "the request is not HTTP/1.1",
            Self::TooLarge => "the request's headers are too long or too many",
            Self::Body => "the request has a body, which is not taken here",
        })
    }
}

impl std::error::Error for RequestError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Request<'_>, RequestError> {
        Ok(Request::parse(text.as_bytes())?.expect("it is whole").0)
    }

    #[test]
    fn a_request_is_taken_apart() {
        let text = "GET /ws?x=1 HTTP/1.1\r\nHost: Chat.Example:80\r\nConnection: keep-alive, \
                    Upgrade\r\nCONNECTION: x\r\n\r\nrest";
        let (request, length) = Request::parse(text.as_bytes()).unwrap().unwrap();
        assert_eq!((request.method, request.path, request.is_http_1_1), ("GET", "/ws", true));
        assert_eq!(request.host, Authority::parse("chat.example:80"));
        assert!(request.items("connection").eq(["keep-alive", "Upgrade", "x"]));
        assert_eq!(request.header("connection"), None);
        assert_eq!(text.get(length..), Some("rest"));
    }

    #[test]
    fn part_of_a_request_waits_for_more() {
        let text = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        for end in 0..text.len() {
            assert_eq!(Request::parse(&text.as_bytes()[..end]), Ok(None), "{end}");
        }
    }

    #[test]
    fn the_target_may_be_a_url() {
        for (target, path, host) in [
            ("http://a.example/healthz", "/healthz", "a.example"),
            ("HTTPS://a.example:1?x", "/", "a.example:1"),
            ("/plain#x", "/plain", "b.example"),
            ("*", "*", "b.example"),
        ] {
            let text = format!("GET {target} HTTP/1.1\r\nHost: b.example\r\n\r\n");
            let request = parse(&text).unwrap();
            assert_eq!((request.path, request.host), (path, Authority::parse(host)), "{target}");
        }
    }

    #[test]
    fn what_is_not_clear_is_refused() {
        use RequestError::{Body, Malformed, Version};
        for (head, error) in [
            ("GET / HTTP/1.1", Malformed),
            ("GET / HTTP/2.0\r\nHost: a", Version),
            ("GET nowhere HTTP/1.1\r\nHost: a", Malformed),
            ("GET http:/// HTTP/1.1\r\nHost: a", Malformed),
            ("GET / HTTP/1.1\r\nHost: a\r\nHost: a", Malformed),
            ("GET / HTTP/1.1\r\nHost: a b", Malformed),
            ("GET / HTTP/1.1\r\nHost: a@b", Malformed),
            ("GET / HTTP/1.1\r\nHost: a\r\n folded", Malformed),
            ("GET / HTTP/1.1\r\nHost : a", Malformed),
            ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5", Body),
            ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -5", Malformed),
            ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 5", Malformed),
            ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked", Body),
            ("NICK alice", Malformed),
        ] {
            let text = format!("{head}\r\n\r\n");
            assert_eq!(Request::parse(text.as_bytes()), Err(error), "{head}");
        }
        assert!(parse("GET / HTTP/1.0\r\n\r\n").unwrap().host.is_none());
        assert!(parse("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").is_ok());
    }

    #[test]
    fn headers_have_bounds() {
        let many = "X: y\r\n".repeat(HEADERS_MAX);
        let text = format!("GET / HTTP/1.1\r\nHost: a\r\n{many}\r\n");
        assert_eq!(parse(&text), Err(RequestError::TooLarge));
        let long = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}", "y".repeat(HEAD_BYTES_MAX));
        assert_eq!(Request::parse(long.as_bytes()), Err(RequestError::TooLarge));
    }
}
