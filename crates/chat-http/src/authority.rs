//! A host and a port, as `Host` and `Origin` name them. RFC 3986, "Authority".

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// A host name or an address, perhaps with a port. Two are equal if they mean the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    host: String,
    port: Option<u16>,
}

/// The longest host name there can be, in bytes.
const HOST_BYTES_MAX: usize = 253;

impl Authority {
    /// `host`, `host:port` or `[address]:port`; `None` for what is none of these.
    pub fn parse(text: &str) -> Option<Self> {
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (address, port) = rest.split_once(']')?;
                let port = if port.is_empty() { None } else { Some(port.strip_prefix(':')?) };
                (address.parse::<Ipv6Addr>().ok()?.to_string(), port)
            }
            None => {
                let (host, port) =
                    text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
                (name(host)?, port)
            }
        };
        // RFC 3986 lets the port be empty.
        let port = match port.filter(|port| !port.is_empty()) {
            Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(port.parse().ok()?)
            }
            Some(_) => return None,
            None => None,
        };
        Some(Self { host, port })
    }

    /// The name in lower case, or the address without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether it is an address and not a name, which somebody could make mean any address.
    pub fn is_address(&self) -> bool {
        self.host.parse::<Ipv4Addr>().is_ok() || self.host.parse::<Ipv6Addr>().is_ok()
    }

    /// The port, or the one that is meant without.
    pub fn port_or(&self, default: u16) -> u16 {
        self.port.unwrap_or(default)
    }
}

fn name(host: &str) -> Option<String> {
    let host = host.strip_suffix('.').unwrap_or(host);
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let is_label = |label: &str| !label.is_empty() && label.bytes().all(is_part);
    let is_valid = host.len() <= HOST_BYTES_MAX && host.split('.').all(is_label);
    is_valid.then(|| host.to_ascii_lowercase())
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]", self.host)?;
        } else {
            f.write_str(&self.host)?;
        }
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses() {
        for (text, host, port, is_address) in [
            ("Chat.Example.", "chat.example", 443, false),
            ("chat.example:65432", "chat.example", 65432, false),
            ("127.0.0.1:80", "127.0.0.1", 80, true),
            ("[::1]", "::1", 443, true),
            ("[0:0:0:0:0:0:0:1]:6", "::1", 6, true),
            ("localhost:", "localhost", 443, false),
            // Browsers write numbers as addresses; who does not is a name.
            ("2130706433", "2130706433", 443, false),
        ] {
            let authority = Authority::parse(text).unwrap();
            assert_eq!((authority.host(), authority.port_or(443)), (host, port), "{text}");
            assert_eq!(authority.is_address(), is_address, "{text}");
        }
    }

    #[test]
    fn what_is_no_authority() {
        for text in [
            "", ".", "..", ".a", "a..b", ":80", "a b", "a/b", "a@b", "[::1", "::1", "[x]",
            "[::1]80", "a:b", "a:-1", "a:+1", "a:65536", "ä", "a,b", "a\0",
        ] {
            assert_eq!(Authority::parse(text), None, "{text}");
        }
        assert_eq!(Authority::parse(&"a".repeat(254)), None);
    }
}
