//! Where a server is: `host`, `host:port` or `[v6]:port`.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

/// The port of a server that says no other.
pub(crate) const PORT: u16 = 65432;

/// A host and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    host: String,
    port: u16,
}

impl Address {
    /// What the standard library resolves.
    pub(crate) fn as_pair(&self) -> (&str, u16) {
        (&self.host, self.port)
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.parse::<Ipv6Addr>().is_ok() {
            return Ok(Self { host: text.to_owned(), port: PORT });
        }
        let (host, port) = match text.strip_prefix('[') {
            Some(bracketed) => {
                let (host, after) = bracketed.split_once(']').ok_or("a ] is missing")?;
                host.parse::<Ipv6Addr>().map_err(|_| format!("{host} is not an IPv6 address"))?;
                (host, after.strip_prefix(':').or(after.is_empty().then_some("")))
            }
            None => match text.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (text, Some("")),
            },
        };
        let port = match port.ok_or("after ] there can only be :PORT")? {
            "" if !text.ends_with(':') => PORT,
            port => port.parse().map_err(|_| format!("{port:?} is not a port"))?,
        };
        if host.is_empty() || host.contains(char::is_whitespace) {
            return Err("the host is missing".to_owned());
        }
        Ok(Self { host: host.to_owned(), port })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms() {
        for (text, shown) in [
            ("localhost", "localhost:65432"),
            ("127.0.0.1:6667", "127.0.0.1:6667"),
            ("[::1]:6667", "[::1]:6667"),
            ("[::1]", "[::1]:65432"),
            ("::1", "[::1]:65432"),
            ("chat.example.org:1", "chat.example.org:1"),
        ] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), shown);
        }
        for text in ["", ":1", "host:", "host:x", "host:70000", "[::1", "[x]:1", "[::1]x", "a b"] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }
}
