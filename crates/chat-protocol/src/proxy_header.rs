//! What a proxy says of the client it speaks for. HAProxy, "The PROXY protocol", versions 1 and 2.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The longest line of version 1, with its ending.
const LINE_BYTES_MAX: usize = 107;
/// The longest header of version 2 that is taken. Proxies say a few hundred bytes; a certificate fits.
const BINARY_BYTES_MAX: usize = 8 * 1024;
/// How version 2 begins.
const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
/// The signature, the command, the family and the length of the rest.
const FIXED_BYTES: usize = 16;

/// The type of what is said of the client's TLS, and the bit that says that there was any.
const TYPE_SSL: u8 = 0x20;
const CLIENT_SSL: u8 = 0x01;

/// What a proxy has said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProxyHeader {
    /// Where the client is. Not said where the proxy speaks for itself, as to see whether somebody is
    /// there.
    pub source: Option<SocketAddr>,
    /// The client speaks TLS to the proxy.
    pub is_secure: bool,
}

/// Why bytes are no header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyHeaderError {
    /// They begin like none.
    NoHeader,
    /// They begin like one, and go on in a way that none does.
    Malformed,
    /// Their end does not come.
    TooLong,
}

impl ProxyHeader {
    /// Reads the header that these bytes begin with, and says how long it is. `None` if it takes more
    /// of them.
    ///
    /// # Errors
    ///
    /// If no bytes that follow could make it a header.
    pub fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, ProxyHeaderError> {
        if is_or_may_become(bytes, SIGNATURE) {
            binary(bytes)
        } else if is_or_may_become(bytes, b"PROXY ") {
            line(bytes)
        } else {
            Err(ProxyHeaderError::NoHeader)
        }
    }
}

fn is_or_may_become(bytes: &[u8], start: &[u8]) -> bool {
    bytes.iter().zip(start).all(|(byte, expected)| byte == expected)
}

fn line(bytes: &[u8]) -> Result<Option<(ProxyHeader, usize)>, ProxyHeaderError> {
    let within = bytes.get(..LINE_BYTES_MAX).unwrap_or(bytes);
    let Some(end) = within.windows(2).position(|pair| pair == b"\r\n") else {
        let is_too_long = bytes.len() >= LINE_BYTES_MAX;
        return if is_too_long { Err(ProxyHeaderError::TooLong) } else { Ok(None) };
    };
    let text = within.get(..end).and_then(|text| std::str::from_utf8(text).ok());
    let source = text.and_then(source_of_line).ok_or(ProxyHeaderError::Malformed)?;
    Ok(Some((ProxyHeader { source, is_secure: false }, end + 2)))
}

/// The source that a whole line names, which may be none.
fn source_of_line(line: &str) -> Option<Option<SocketAddr>> {
    let mut words = line.split(' ').skip(1);
    let family = words.next()?;
    if family == "UNKNOWN" {
        return Some(None);
    }
    let [source, destination, source_port, destination_port] =
        [words.next()?, words.next()?, words.next()?, words.next()?];
    let addresses: [IpAddr; 2] = [source.parse().ok()?, destination.parse().ok()?];
    let is_right = match family {
        "TCP4" => addresses.iter().all(IpAddr::is_ipv4),
        "TCP6" => addresses.iter().all(IpAddr::is_ipv6),
        _ => false,
    };
    port(destination_port)?;
    let source = SocketAddr::new(addresses[0], port(source_port)?);
    (is_right && words.next().is_none()).then_some(Some(source))
}

fn port(digits: &str) -> Option<u16> {
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number)
}

fn binary(bytes: &[u8]) -> Result<Option<(ProxyHeader, usize)>, ProxyHeaderError> {
    let Some((fixed, rest)) = bytes.split_at_checked(FIXED_BYTES) else { return Ok(None) };
    let [.., command, family, high, low] = *fixed else { return Ok(None) };
    let length = usize::from(u16::from_be_bytes([high, low]));
    if FIXED_BYTES + length > BINARY_BYTES_MAX {
        return Err(ProxyHeaderError::TooLong);
    }
    let is_for_client = match command {
        0x20 => false,
        0x21 => true,
        _ => return Err(ProxyHeaderError::Malformed),
    };
    let Some(rest) = rest.get(..length) else { return Ok(None) };
    let (source, extensions) = source_of_binary(family, rest).ok_or(ProxyHeaderError::Malformed)?;
    let is_secure = has_tls(extensions).ok_or(ProxyHeaderError::Malformed)?;
    let header = ProxyHeader {
        source: source.filter(|_| is_for_client),
        is_secure: is_secure && is_for_client,
    };
    Ok(Some((header, FIXED_BYTES + length)))
}

/// The source, which may be none, and what follows the addresses.
fn source_of_binary(family: u8, bytes: &[u8]) -> Option<(Option<SocketAddr>, &[u8])> {
    match family {
        // Of no kind that is known, or a socket in the file system.
        0x00 => Some((None, bytes)),
        0x31 => Some((None, bytes.get(216..)?)),
        0x11 => {
            let (addresses, rest) = bytes.split_first_chunk::<12>()?;
            let [a, b, c, d, _, _, _, _, high, low, ..] = *addresses;
            let port = u16::from_be_bytes([high, low]);
            Some((Some(SocketAddr::new(Ipv4Addr::new(a, b, c, d).into(), port)), rest))
        }
        0x21 => {
            let (addresses, rest) = bytes.split_first_chunk::<36>()?;
            let source = Ipv6Addr::from(*addresses.first_chunk::<16>()?);
            let [high, low] = *addresses.get(32..)?.first_chunk::<2>()?;
            Some((Some(SocketAddr::new(source.into(), u16::from_be_bytes([high, low]))), rest))
        }
        _ => None,
    }
}

/// Whether the extensions say that the client speaks TLS; `None` if they are none.
fn has_tls(mut extensions: &[u8]) -> Option<bool> {
    let mut found = false;
    while let Some((&[kind, high, low], rest)) = extensions.split_first_chunk::<3>() {
        let (value, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes([high, low])))?;
        if kind == TYPE_SSL {
            found = value.first()? & CLIENT_SSL != 0;
        }
        extensions = rest;
    }
    extensions.is_empty().then_some(found)
}

impl fmt::Display for ProxyHeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoHeader => "there is no PROXY header",
            Self::Malformed => "the PROXY header is malformed",
            Self::TooLong => "the PROXY header is too long",
        })
    }
}

impl std::error::Error for ProxyHeaderError {}
