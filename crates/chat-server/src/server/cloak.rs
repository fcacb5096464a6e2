//! What others see in place of an address: codes of it and of the networks around it.
//!
//! Without the server's secret nobody finds the address of a code or makes one: HMAC-SHA256. Each code is
//! the same for everybody of its network, so `*!*@*.CODE.CODE.ip` means a /24 of IPv4, and `*!*@*.CODE.ip`
//! a /16; of IPv6 a /48 and a /32. Of IPv6 the first code is that of a /64, which one person has as a
//! whole.

use std::net::IpAddr;

use crate::accounts::secret;
use crate::accounts::verifier::hmac;
use crate::limits::prefixes::Prefixes;
use crate::state::session::Session;

use super::Server;

/// Characters of one code, each of 5 bits: 40 bits, so that no two networks of many have the same.
const CODE_CHARS: usize = 8;
/// The networks whose codes are shown, from the smallest: of IPv4, and of IPv6.
const PREFIXES: ([u8; 3], [u8; 3]) = ([32, 24, 16], [64, 48, 32]);

/// Makes hosts of addresses.
pub(super) struct Cloak {
    key: [u8; 32],
}

impl Cloak {
    /// `key`: of this server, and the same after a restart, or bans would mean nobody any more.
    pub(super) const fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// `CODE.CODE.CODE.ip`
    fn host(&self, address: IpAddr) -> String {
        let prefixes = if address.to_canonical().is_ipv4() { PREFIXES.0 } else { PREFIXES.1 };
        let [one, some, many] = prefixes.map(|prefix| self.code(address, prefix));
        format!("{one}.{some}.{many}.ip")
    }

    fn code(&self, address: IpAddr, prefix: u8) -> String {
        let network = Prefixes { ipv4: prefix, ipv6: prefix }.network(address);
        let hash = hmac(&self.key, format!("host {network}/{prefix}").as_bytes());
        secret::letters(&hash[..CODE_CHARS])
    }
}

impl Server {
    /// The host by which others see a session. An address of this machine is nobody's secret.
    pub(crate) fn host_of(&self, session: &Session) -> String {
        let address = session.peer().ip().to_canonical();
        if address.is_loopback() || !self.config().server.cloak {
            return session.address();
        }
        self.cloak.host(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(address: &str) -> Vec<String> {
        let host = Cloak::new([7; 32]).host(address.parse().unwrap());
        host.split('.').map(str::to_owned).collect()
    }

    /// How many of the codes two addresses share, from the largest network on.
    fn shared(one: &str, other: &str) -> usize {
        let (one, other) = (codes(one), codes(other));
        one.iter().rev().zip(other.iter().rev()).skip(1).take_while(|(a, b)| a == b).count()
    }

    #[test]
    fn networks_share_their_codes() {
        for (one, other, expected) in [
            ("192.0.2.1", "192.0.2.1", 3),
            ("192.0.2.1", "::ffff:192.0.2.1", 3),
            ("192.0.2.1", "192.0.2.2", 2),
            ("192.0.2.1", "192.0.3.1", 1),
            ("192.0.2.1", "192.1.2.1", 0),
            ("2001:db8:1:2::3", "2001:db8:1:2:4::5", 3),
            ("2001:db8:1:2::3", "2001:db8:1:3::3", 2),
            ("2001:db8:1:2::3", "2001:db8:2:2::3", 1),
            ("2001:db8:1:2::3", "2001:db9:1:2::3", 0),
        ] {
            assert_eq!(shared(one, other), expected, "{one} {other}");
        }
        // The network is part of what is hashed, and so is how large it is.
        assert_eq!(
            codes("10.0.0.0").iter().filter(|code| **code == codes("10.0.0.0")[0]).count(),
            1
        );
    }

    #[test]
    fn a_host_is_codes_that_depend_on_the_key() {
        let address = "192.0.2.1".parse().unwrap();
        let host = Cloak::new([7; 32]).host(address);
        assert_eq!(host.len(), 3 * (CODE_CHARS + 1) + "ip".len());
        assert!(host.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.'));
        assert_ne!(host, Cloak::new([8; 32]).host(address));
    }
}
