//! The PROXY protocol: what proxies send is understood at whatever point it is cut, nothing else is.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic, also in its helpers"
)]

use chat_protocol::{ProxyHeader, ProxyHeaderError};
use proptest::prelude::*;

const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

fn binary(command: u8, family: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).unwrap().to_be_bytes();
    [SIGNATURE, &[command, family], &length, payload].concat()
}

/// Parses it whole, followed by something else, and cut anywhere.
fn parsed(bytes: &[u8]) -> Result<ProxyHeader, ProxyHeaderError> {
    let (header, length) = ProxyHeader::parse(&[bytes, b"NICK x\r\n"].concat())?.unwrap();
    assert_eq!(length, bytes.len());
    for end in 0..bytes.len() {
        assert_eq!(ProxyHeader::parse(&bytes[..end]), Ok(None), "cut at {end}");
    }
    Ok(header)
}

fn header(source: Option<&str>, is_secure: bool) -> Result<ProxyHeader, ProxyHeaderError> {
    Ok(ProxyHeader { source: source.map(|source| source.parse().unwrap()), is_secure })
}

const IPV4: [u8; 12] = [192, 0, 2, 1, 10, 0, 0, 1, 0x1f, 0x90, 0, 80];

#[test]
fn lines() {
    for (line, source) in [
        ("PROXY TCP4 192.0.2.1 10.0.0.1 8080 80\r\n", Some("192.0.2.1:8080")),
        ("PROXY TCP6 2001:db8::1 ::1 65535 0\r\n", Some("[2001:db8::1]:65535")),
        ("PROXY UNKNOWN\r\n", None),
        ("PROXY UNKNOWN ffff::1 whatever\r\n", None),
    ] {
        assert_eq!(parsed(line.as_bytes()), header(source, false), "{line}");
    }
}

#[test]
fn lines_that_are_none() {
    for line in [
        "PROXY TCP4 192.0.2.1 10.0.0.1 8080\r\n",
        "PROXY TCP4 192.0.2.1 10.0.0.1 8080 80 90\r\n",
        "PROXY TCP4 192.0.2.1  10.0.0.1 8080 80\r\n",
        "PROXY TCP4 2001:db8::1 ::1 8080 80\r\n",
        "PROXY TCP6 192.0.2.1 10.0.0.1 8080 80\r\n",
        "PROXY TCP4 192.0.2.1 10.0.0.1 +8080 80\r\n",
        "PROXY TCP4 192.0.2.1 10.0.0.1 65536 80\r\n",
        "PROXY TCP5 192.0.2.1 10.0.0.1 8080 80\r\n",
        "PROXY \r\n",
    ] {
        assert_eq!(ProxyHeader::parse(line.as_bytes()), Err(ProxyHeaderError::Malformed), "{line}");
    }
    let long = format!("PROXY UNKNOWN {}", "x".repeat(100));
    assert_eq!(ProxyHeader::parse(long.as_bytes()), Err(ProxyHeaderError::TooLong));
    for other in ["NICK x\r\n", "PROXYX", "\r\nQUIT", "\x16\x03\x01", "GET / HTTP/1.1"] {
        assert_eq!(ProxyHeader::parse(other.as_bytes()), Err(ProxyHeaderError::NoHeader));
    }
}

#[test]
fn binary_headers() {
    let ipv6 = [&[0x20, 1, 0xd, 0xb8][..], &[0; 11], &[1], &[0; 16], &[0, 7, 0, 80]].concat();
    let tls = [&IPV4[..], &[0x20, 0, 5, 1, 0, 0, 0, 0]].concat();
    let no_tls = [&IPV4[..], &[0x20, 0, 5, 0, 0, 0, 0, 0, 0x04, 0, 2, 9, 9]].concat();
    for (bytes, source, is_secure) in [
        (binary(0x21, 0x11, &IPV4), Some("192.0.2.1:8080"), false),
        (binary(0x21, 0x21, &ipv6), Some("[2001:db8::1]:7"), false),
        (binary(0x21, 0x11, &tls), Some("192.0.2.1:8080"), true),
        (binary(0x21, 0x11, &no_tls), Some("192.0.2.1:8080"), false),
        (binary(0x20, 0x11, &tls), None, false),
        (binary(0x20, 0x00, &[]), None, false),
        (binary(0x21, 0x31, &[0; 216]), None, false),
    ] {
        assert_eq!(parsed(&bytes), header(source, is_secure), "{bytes:?}");
    }
}

#[test]
fn binary_headers_that_are_none() {
    let half_extension = [&IPV4[..], &[0x20, 0, 9, 1]].concat();
    for bytes in [
        binary(0x11, 0x11, &IPV4),
        binary(0x22, 0x11, &IPV4),
        binary(0x21, 0x12, &IPV4),
        binary(0x21, 0x11, &IPV4[..11]),
        binary(0x21, 0x31, &[0; 215]),
        binary(0x21, 0x11, &half_extension),
    ] {
        assert_eq!(ProxyHeader::parse(&bytes), Err(ProxyHeaderError::Malformed), "{bytes:?}");
    }
    let endless = [SIGNATURE, &[0x21, 0x11, 0xff, 0xff]].concat();
    assert_eq!(ProxyHeader::parse(&endless), Err(ProxyHeaderError::TooLong));
}

proptest! {
    #[test]
    fn more_bytes_change_nothing(
        start in prop::sample::select(vec![&b""[..], b"PROXY TCP4 ", b"PROXY ", SIGNATURE]),
        rest in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let bytes = [start, &rest].concat();
        let whole = ProxyHeader::parse(&bytes);
        for end in 0..bytes.len() {
            match ProxyHeader::parse(&bytes[..end]) {
                Ok(None) => {}
                known => prop_assert_eq!(known, whole),
            }
        }
    }
}
