//! What counts as one address: an address alone, or a network in which one person has them all.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The lengths of the networks that count as one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Prefixes {
    /// At most 32.
    pub(crate) ipv4: u8,
    /// At most 128.
    pub(crate) ipv6: u8,
}

impl Default for Prefixes {
    /// One person has a whole /64 of IPv6.
    fn default() -> Self {
        Self { ipv4: 32, ipv6: 64 }
    }
}

impl Prefixes {
    /// The network an address counts as, with what the prefix leaves out set to zero.
    pub(crate) fn network(self, address: IpAddr) -> IpAddr {
        match address.to_canonical() {
            IpAddr::V4(address) => {
                let left_out = 32_u32.saturating_sub(self.ipv4.into());
                let mask = u32::MAX.checked_shl(left_out).unwrap_or(0);
                IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() & mask))
            }
            IpAddr::V6(address) => {
                let left_out = 128_u32.saturating_sub(self.ipv6.into());
                let mask = u128::MAX.checked_shl(left_out).unwrap_or(0);
                IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_what_the_prefix_leaves() {
        let wide = Prefixes { ipv4: 24, ipv6: 48 };
        let narrow = Prefixes { ipv4: 32, ipv6: 128 };
        let all = Prefixes { ipv4: 0, ipv6: 0 };
        for (prefixes, address, network) in [
            (Prefixes::default(), "192.0.2.7", "192.0.2.7"),
            (Prefixes::default(), "::ffff:192.0.2.7", "192.0.2.7"),
            (Prefixes::default(), "2001:db8:1:2:3::4", "2001:db8:1:2::"),
            (wide, "192.0.2.7", "192.0.2.0"),
            (wide, "2001:db8:1:2:3::4", "2001:db8:1::"),
            (narrow, "2001:db8:1:2:3::4", "2001:db8:1:2:3::4"),
            (all, "192.0.2.7", "0.0.0.0"),
            (all, "2001:db8::1", "::"),
        ] {
            let network: IpAddr = network.parse().unwrap();
            assert_eq!(prefixes.network(address.parse().unwrap()), network, "{address}");
        }
    }
}
