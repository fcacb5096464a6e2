//! Whom browsers may take this server for, and whose pages may connect to it.
//!
//! A browser sends what any page tells it to, from inside the user's network. Two of its headers no
//! page can forge. `Host` is the name the page's author knows the server by: an attacker whose own
//! name was made to mean 127.0.0.1 is betrayed by that name (DNS rebinding). `Origin` is the page.

use chat_protocol::Mask;

use crate::authority::Authority;

/// What a server goes by and whom it lets in.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// The server's own name.
    pub name: &'a str,
    /// Other names of it.
    pub hosts: &'a [Mask],
    /// Pages besides its own that may connect, such as `https://chat.example`.
    pub origins: &'a [Mask],
}

impl Site<'_> {
    /// Whether this server is meant. An address can't be made to mean another; what sends no `Host`
    /// is no browser.
    pub fn is_called(&self, host: Option<&Authority>) -> bool {
        host.is_none_or(|host| {
            let name = host.host();
            host.is_address()
                || name == "localhost"
                || name.eq_ignore_ascii_case(self.name)
                || self.hosts.iter().any(|mask| mask.matches(name))
        })
    }

    /// Whether a page from `origin` may connect to `host`, which [`Site::is_called`]. What sends no
    /// `Origin` is no page.
    pub fn lets_in(&self, origin: Option<&str>, host: Option<&Authority>) -> bool {
        origin.is_none_or(|origin| {
            is_same(origin, host) || self.origins.iter().any(|mask| mask.matches(origin))
        })
    }
}

/// Whether a page of this very server asks. The scheme need not be the same: TLS may end before it
/// comes here.
fn is_same(origin: &str, host: Option<&Authority>) -> bool {
    let schemes = [("http://", 80), ("https://", 443)];
    let found =
        schemes.iter().find_map(|(scheme, port)| Some((origin.strip_prefix(scheme)?, port)));
    let (Some((origin, &port)), Some(host)) = (found, host) else { return false };
    Authority::parse(origin).is_some_and(|origin| {
        origin.host() == host.host() && origin.port_or(port) == host.port_or(port)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_site<T>(ask: impl FnOnce(Site<'_>) -> T) -> T {
        let masks = |texts: [&str; 2]| texts.map(Mask::new);
        ask(Site {
            name: "chat.example",
            hosts: &masks(["*.chat.example", "proxy"]),
            origins: &masks(["https://kiwi.example", "https://*.web.example"]),
        })
    }

    fn called(host: &str) -> bool {
        at_site(|site| site.is_called(Some(&Authority::parse(host).unwrap())))
    }

    #[test]
    fn names_that_are_not_its_own_are_refused() {
        for host in [
            "chat.example",
            "CHAT.example:65432",
            "localhost:65432",
            "127.0.0.1",
            "[::1]:65432",
            "192.168.1.2",
            "www.chat.example",
            "proxy:80",
        ] {
            assert!(called(host), "{host}");
        }
        for host in [
            "evil.example",
            "chat.example.evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil",
            "x.localhost",
            "evilchat.example",
            "2130706433",
            "0x7f.1",
        ] {
            assert!(!called(host), "{host}");
        }
        assert!(at_site(|site| site.is_called(None)));
    }

    fn lets_in(origin: &str, host: &str) -> bool {
        at_site(|site| site.lets_in(Some(origin), Authority::parse(host).as_ref()))
    }

    #[test]
    fn a_page_of_its_own_and_listed_ones_may_connect() {
        for (origin, host) in [
            ("http://chat.example", "chat.example"),
            ("http://chat.example", "chat.example:80"),
            ("https://chat.example", "chat.example:443"),
            ("http://localhost:65432", "localhost:65432"),
            ("https://[::1]:65432", "[::1]:65432"),
            ("https://kiwi.example", "chat.example"),
            ("https://a.web.example", "127.0.0.1:65432"),
        ] {
            assert!(lets_in(origin, host), "{origin} {host}");
        }
        for (origin, host) in [
            ("null", "chat.example"),
            ("", "chat.example"),
            ("http://evil.example", "chat.example"),
            ("http://chat.example:8080", "chat.example"),
            ("http://localhost:3000", "localhost:65432"),
            ("http://kiwi.example", "chat.example"),
            ("https://web.example", "chat.example"),
            ("https://kiwi.example.evil.example", "chat.example"),
            ("ftp://chat.example", "chat.example"),
            ("chat.example", "chat.example"),
            ("http://chat.example/", "chat.example"),
        ] {
            assert!(!lets_in(origin, host), "{origin} {host}");
        }
        assert!(at_site(|site| site.lets_in(None, None)));
        assert!(!at_site(|site| site.lets_in(Some("http://chat.example"), None)));
    }
}
