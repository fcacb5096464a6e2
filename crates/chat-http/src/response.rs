//! A response becomes bytes. RFC 9112.

use std::fmt::{self, Write};

/// A code and what it is called. RFC 9110, "Status Codes".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// Such as 404.
    pub code: u16,
    /// Such as `Not Found`.
    pub reason: &'static str,
}

macro_rules! statuses {
    ($($name:ident: $code:literal, $reason:literal;)*) => {
        #[expect(missing_docs, reason = "the reason says what it is")]
        impl Status {$(
            pub const $name: Self = Self { code: $code, reason: $reason };
        )*}
    };
}

statuses! {
    SWITCHING_PROTOCOLS: 101, "Switching Protocols";
    OK: 200, "OK";
    BAD_REQUEST: 400, "Bad Request";
    UNAUTHORIZED: 401, "Unauthorized";
    FORBIDDEN: 403, "Forbidden";
    NOT_FOUND: 404, "Not Found";
    METHOD_NOT_ALLOWED: 405, "Method Not Allowed";
    REQUEST_TIMEOUT: 408, "Request Timeout";
    CONTENT_TOO_LARGE: 413, "Content Too Large";
    MISDIRECTED_REQUEST: 421, "Misdirected Request";
    UPGRADE_REQUIRED: 426, "Upgrade Required";
    REQUEST_HEADER_FIELDS_TOO_LARGE: 431, "Request Header Fields Too Large";
    INTERNAL_SERVER_ERROR: 500, "Internal Server Error";
    SERVICE_UNAVAILABLE: 503, "Service Unavailable";
    HTTP_VERSION_NOT_SUPPORTED: 505, "HTTP Version Not Supported";
}

/// What keeps a browser from making more of a response than it is.
const PROTECTION: &str = "\
    Content-Security-Policy: default-src 'none'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'\r\n\
    Cross-Origin-Resource-Policy: same-origin\r\n\
    Referrer-Policy: no-referrer\r\n\
    X-Content-Type-Options: nosniff\r\n\
    X-Frame-Options: DENY\r\n";

/// An answer, after which the connection is closed or is a WebSocket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    status: Status,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Response {
    /// One without a body.
    pub const fn new(status: Status) -> Self {
        Self { status, headers: Vec::new(), body: String::new() }
    }

    /// A line of text.
    pub fn text(status: Status, text: impl fmt::Display) -> Self {
        Self::new(status).with_body("text/plain; charset=utf-8", format!("{text}\n"))
    }

    /// Adds a header. The value is no remote text: it has no control characters.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        let value = value.into();
        debug_assert!(!value.contains(char::is_control), "{name} would be cut");
        self.headers.push((name, value));
        self
    }

    /// Adds a body.
    #[must_use]
    pub fn with_body(mut self, content_type: &'static str, body: String) -> Self {
        self.body = body;
        self.with("Content-Type", content_type)
    }

    /// Its status.
    pub const fn status(&self) -> Status {
        self.status
    }

    /// As it is sent. `date` is the present, as RFC 9110, "Date", has it; the answer to HEAD is
    /// without the body.
    pub fn into_bytes(self, date: &str, is_head: bool) -> Vec<u8> {
        let Status { code, reason } = self.status;
        let mut head = format!("HTTP/1.1 {code} {reason}\r\nDate: {date}\r\n");
        for (name, value) in &self.headers {
            push(&mut head, name, value);
        }
        if self.status == Status::SWITCHING_PROTOCOLS {
            head.push_str("\r\n");
            return head.into_bytes();
        }
        push(&mut head, "Content-Length", self.body.len());
        push(&mut head, "Cache-Control", "no-store");
        push(&mut head, "Connection", "close");
        head.push_str(PROTECTION);
        head.push_str("\r\n");
        if !is_head {
            head.push_str(&self.body);
        }
        head.into_bytes()
    }
}

fn push(head: &mut String, name: &str, value: impl fmt::Display) {
    write!(head, "{name}: {value}\r\n").expect("a String takes what is written");
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

    #[test]
    fn head_is_the_same_without_the_body() {
        let response = Response::text(Status::NOT_FOUND, "nothing").with("Allow", "GET");
        let whole = String::from_utf8(response.clone().into_bytes(DATE, false)).unwrap();
        let head = String::from_utf8(response.into_bytes(DATE, true)).unwrap();
        assert_eq!(whole, format!("{head}nothing\n"));
        assert!(head.starts_with("HTTP/1.1 404 Not Found\r\nDate: Sun, 06 Nov 1994"), "{head}");
        assert!(head.ends_with("\r\n\r\n"), "{head}");
        for line in [
            "Content-Length: 8",
            "Allow: GET",
            "Connection: close",
            "X-Content-Type-Options: nosniff",
            "Referrer-Policy: no-referrer",
        ] {
            assert!(head.contains(&format!("\r\n{line}\r\n")), "{line}: {head}");
        }
        assert!(head.contains("Content-Security-Policy: default-src 'none';"), "{head}");
    }

    #[test]
    fn an_upgrade_has_no_body_and_goes_on() {
        let response = Response::new(Status::SWITCHING_PROTOCOLS).with("Upgrade", "websocket");
        let bytes = String::from_utf8(response.into_bytes(DATE, false)).unwrap();
        let expected = format!(
            "HTTP/1.1 101 Switching Protocols\r\nDate: {DATE}\r\nUpgrade: websocket\r\n\r\n"
        );
        assert_eq!(bytes, expected);
    }
}
