//! Where a server is: `host`, `host:port`, `[v6]:port`, or a URL (`ircs://host/#room`).

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// The port of a server that says no other: one port for everything, TLS too.
const PORT: u16 = 65432;
/// The ports of a URL that says no other.
const URL_PORT_TLS: u16 = 6697;
const URL_PORT_PLAIN: u16 = 6667;

/// What the user has called a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    host: String,
    port: Option<u16>,
    scheme: Option<Scheme>,
    /// The rooms that a URL names.
    pub(crate) rooms: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    /// `irc://`: says nothing of TLS.
    Irc,
    /// `ircs://`: only with TLS.
    Ircs,
}

/// A host and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Address {
    /// Whether the host has a name, and is not called by its number: only names can be bound to TLS.
    pub(crate) fn is_named(&self) -> bool {
        self.host.parse::<IpAddr>().is_err()
    }
}

impl Place {
    /// The address, and whether it is reached by TLS. That is so for every host but this machine,
    /// unless the user says otherwise.
    pub(crate) fn resolve(&self, wanted: Option<bool>) -> Result<(Address, bool), String> {
        if self.scheme == Some(Scheme::Ircs) && wanted == Some(false) {
            return Err(
                "ircs:// is with TLS always: leave --no-tls out, or write irc://".to_owned()
            );
        }
        let is_secure = self.scheme == Some(Scheme::Ircs);
        let tls = wanted.unwrap_or(is_secure || !is_this_machine(&self.host));
        let port = self.port.unwrap_or(match self.scheme {
            None => PORT,
            Some(_) if tls => URL_PORT_TLS,
            Some(_) => URL_PORT_PLAIN,
        });
        Ok((Address { host: self.host.clone(), port }, tls))
    }
}

/// Whether a host is called what this machine calls itself. Names that happen to lead here do not
/// count: who answers for them may change.
pub(crate) fn is_this_machine(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(ip) => ip.to_canonical().is_loopback(),
        Err(_) => host.strip_suffix('.').unwrap_or(host).eq_ignore_ascii_case("localhost"),
    }
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("ircs") => {
                (Some(Scheme::Ircs), rest)
            }
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("irc") => (Some(Scheme::Irc), rest),
            Some((scheme, _)) => return Err(format!("{scheme}:// is not irc:// or ircs://")),
            None => (None, text),
        };
        let (authority, rooms) = match scheme.and_then(|_| rest.split_once('/')) {
            Some((authority, path)) => (authority, rooms(path)?),
            None => (rest, Vec::new()),
        };
        let (host, port) = host_and_port(authority)?;
        Ok(Self { host, port, scheme, rooms })
    }
}

/// The path of a URL: rooms with commas between them. People write `#` as it is.
fn rooms(path: &str) -> Result<Vec<String>, String> {
    let path = path.split('?').next().unwrap_or(path);
    let rooms = path.split(',').filter(|room| !room.is_empty());
    rooms.map(|room| decode(room).ok_or_else(|| format!("{room} can't be a room"))).collect()
}

/// Takes `%23` for `#`, and so on. What is no name of a room then is `None`.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first != b'%' {
            bytes.push(*first);
            rest = after;
            continue;
        }
        let digits = std::str::from_utf8(after.get(..2)?).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = &after[2..];
    }
    let room = String::from_utf8(bytes).ok()?;
    let is_name = !room.contains(|c: char| c.is_whitespace() || c.is_control() || c == ',');
    (is_name && !room.starts_with(':')).then_some(room)
}

fn host_and_port(text: &str) -> Result<(String, Option<u16>), String> {
    if text.parse::<Ipv6Addr>().is_ok() {
        return Ok((text.to_owned(), None));
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
        "" if !text.ends_with(':') => None,
        port => Some(port.parse().map_err(|_| format!("{port:?} is not a port"))?),
    };
    if host.is_empty() || host.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err("the host is missing".to_owned());
    }
    Ok((host.to_owned(), port))
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

    fn resolved(text: &str, wanted: Option<bool>) -> (String, bool) {
        let (address, tls) = text.parse::<Place>().unwrap().resolve(wanted).unwrap();
        (address.to_string(), tls)
    }

    #[test]
    fn all_forms() {
        for (text, shown) in [
            ("localhost", "localhost:65432"),
            ("127.0.0.1:6667", "127.0.0.1:6667"),
            ("[::1]:6667", "[::1]:6667"),
            ("[::1]", "[::1]:65432"),
            ("::1", "[::1]:65432"),
            ("chat.example.org:1", "chat.example.org:1"),
            ("irc://127.0.0.1", "127.0.0.1:6667"),
            ("irc://chat.example.org/x", "chat.example.org:6697"),
            ("IRCS://localhost", "localhost:6697"),
            ("ircs://[::1]:7000/", "[::1]:7000"),
        ] {
            assert_eq!(resolved(text, None).0, shown);
        }
        for text in [
            "",
            ":1",
            "host:",
            "host:x",
            "host:70000",
            "[::1",
            "[x]:1",
            "[::1]x",
            "a b",
            "irc://",
            "http://host",
            "irc://host/%",
            "irc://host/%2",
            "irc://host/%20",
            "irc://host/%zz",
        ] {
            assert!(text.parse::<Place>().is_err(), "{text}");
        }
    }

    #[test]
    fn only_this_machine_is_reached_without_tls() {
        for here in ["localhost", "LocalHost.", "127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"]
        {
            assert!(!resolved(here, None).1, "{here}");
            assert!(resolved(here, Some(true)).1, "{here}");
        }
        for there in
            ["chat.example.org", "192.168.0.7", "[fe80::1]:1", "localhost.example", "127.1"]
        {
            assert!(resolved(there, None).1, "{there}");
            assert!(!resolved(there, Some(false)).1, "{there}");
        }
        assert!(resolved("ircs://localhost", None).1);
        assert!("ircs://localhost".parse::<Place>().unwrap().resolve(Some(false)).is_err());
        assert_eq!(resolved("irc://a.example", Some(false)).0, "a.example:6667");
    }

    #[test]
    fn a_url_names_rooms() {
        let rooms = |text: &str| text.parse::<Place>().unwrap().rooms;
        assert_eq!(rooms("ircs://h/#ops,%23dev"), ["#ops", "#dev"]);
        assert_eq!(rooms("irc://h:1/聊天室?key"), ["聊天室"]);
        assert_eq!(rooms("irc://h/%E8%81%8A"), ["聊"]);
        assert!(rooms("irc://h/").is_empty() && rooms("irc://h").is_empty());
    }
}
