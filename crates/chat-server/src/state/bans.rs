//! The bans from the server that count at present. Times are in microseconds since the Unix epoch.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;

use chat_store::{AccountName, Ban, BanList};
use ipnet::IpNet;

use super::ban_mask::{BanMask, Subject};

/// Looked up by address as often as somebody connects: a look for each length of prefix there is.
#[derive(Debug, Default)]
pub(crate) struct Bans {
    rev: u64,
    list: Vec<Arc<Ban>>,
    networks: HashMap<IpNet, Arc<Ban>>,
    /// The prefixes of the networks, for IPv4 and for IPv6.
    prefixes: [Vec<u8>; 2],
    others: Vec<(BanMask, Arc<Ban>)>,
}

impl Bans {
    pub(crate) fn new(stored: BanList) -> Self {
        let mut bans = Self { rev: stored.rev, ..Self::default() };
        for ban in stored.bans {
            let Some(mask) = BanMask::stored(ban.kind, &ban.mask) else {
                log::warn!("the ban of {:?} can't be read and does not count", ban.mask);
                continue;
            };
            let ban = Arc::new(ban);
            bans.list.push(ban.clone());
            match mask {
                BanMask::Network(network) => bans.add_network(network, ban),
                mask => bans.others.push((mask, ban)),
            }
        }
        bans
    }

    fn add_network(&mut self, network: IpNet, ban: Arc<Ban>) {
        let prefixes = &mut self.prefixes[usize::from(network.addr().is_ipv6())];
        if !prefixes.contains(&network.prefix_len()) {
            prefixes.push(network.prefix_len());
        }
        self.networks.insert(network, ban);
    }

    /// Those that were not among the others, which are older; none if they are not.
    pub(crate) fn added_to(&self, older: &Self) -> Self {
        if self.rev <= older.rev {
            return Self::default();
        }
        let name = |ban: &Ban| (ban.kind, ban.mask.clone(), ban.created);
        let known: HashSet<_> = older.list.iter().map(|ban| name(ban)).collect();
        let added = self.list.iter().filter(|ban| !known.contains(&name(ban)));
        Self::new(BanList { rev: self.rev, bans: added.map(|ban| (**ban).clone()).collect() })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Grows with every change.
    pub(crate) fn rev(&self) -> u64 {
        self.rev
    }

    /// All that count, in order.
    pub(crate) fn active(&self, now: u64) -> impl Iterator<Item = &Arc<Ban>> {
        self.list.iter().filter(move |ban| counts(ban, now))
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether some are over.
    pub(crate) fn has_expired(&self, now: u64) -> bool {
        self.list.iter().any(|ban| !counts(ban, now))
    }

    /// The ban that means an address, if there is one.
    pub(crate) fn of_address(&self, address: IpAddr, now: u64) -> Option<&Arc<Ban>> {
        let address = address.to_canonical();
        let prefixes = &self.prefixes[usize::from(address.is_ipv6())];
        prefixes.iter().find_map(|prefix| {
            let network = IpNet::new(address, *prefix).ok()?.trunc();
            self.networks.get(&network).filter(|ban| counts(ban, now))
        })
    }

    /// The ban that means somebody, if there is one.
    pub(crate) fn of(&self, subject: &Subject, now: u64) -> Option<&Arc<Ban>> {
        let by_address = subject.address().and_then(|address| self.of_address(address, now));
        by_address.or_else(|| {
            let mut counting = self.others.iter().filter(|(_, ban)| counts(ban, now));
            counting.find(|(mask, _)| mask.matches(subject)).map(|(_, ban)| ban)
        })
    }

    /// The ban that means an account, if there is one.
    pub(crate) fn of_account(&self, account: &AccountName, now: u64) -> Option<&Arc<Ban>> {
        let mut counting = self.others.iter().filter(|(_, ban)| counts(ban, now));
        let means = |mask: &BanMask| match mask {
            BanMask::Account(mask) => mask.matches_folded(account.key()),
            BanMask::Client(_) | BanMask::Network(_) => false,
        };
        counting.find(|(mask, _)| means(mask)).map(|(_, ban)| ban)
    }
}

fn counts(ban: &Ban, now: u64) -> bool {
    ban.until.is_none_or(|until| now < until)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bans(masks: &[(&str, Option<u64>)]) -> Bans {
        let ban = |&(text, until): &(&str, Option<u64>)| {
            let mask = BanMask::of_any(text).unwrap();
            let (by, reason) = ("op".to_owned(), "spam".to_owned());
            Ban { kind: mask.kind(), mask: mask.shown(), by, reason, created: 1, until }
        };
        Bans::new(BanList { rev: 1, bans: masks.iter().map(ban).collect() })
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn addresses_are_found_by_every_prefix() {
        let bans = bans(&[
            ("192.0.2.7", None),
            ("198.51.100.0/24", None),
            ("203.0.112.0/20", Some(100)),
            ("2001:db8::/32", None),
        ]);
        for banned in ["192.0.2.7", "198.51.100.250", "203.0.113.1", "2001:db8:1::1"] {
            assert!(bans.of_address(address(banned), 99).is_some(), "{banned}");
        }
        assert!(bans.of_address(address("::ffff:192.0.2.7"), 99).is_some());
        for free in ["192.0.2.8", "198.51.101.1", "2001:db9::1", "::1"] {
            assert!(bans.of_address(address(free), 99).is_none(), "{free}");
        }
        assert!(bans.of_address(address("203.0.113.1"), 100).is_none());
    }

    #[test]
    fn what_is_new_is_told_from_what_counted_before() {
        let before = bans(&[("bob!*@*", None), ("192.0.2.1", None)]);
        let mut after = bans(&[("bob!*@*", None), ("~a:eve", None)]);
        assert!(after.added_to(&before).is_empty(), "it is not newer");
        after.rev = 2;
        let added = after.added_to(&before);
        let masks: Vec<&str> = added.active(1).map(|ban| ban.mask.as_str()).collect();
        assert_eq!(masks, ["~a:eve"]);
    }

    #[test]
    fn those_that_are_over_do_not_count() {
        let bans = bans(&[("bob!*@*", Some(10)), ("~a:eve", Some(20)), ("alice!*@*", None)]);
        let hosts = ["host", "host"];
        let bob = Subject::new(Some(address("192.0.2.1")), ("bob", "~u"), hosts, Some("eve"));
        assert_eq!(bans.of(&bob, 9).unwrap().mask, "bob!*@*");
        assert_eq!(bans.of(&bob, 10).unwrap().mask, "~a:eve");
        assert!(bans.of(&bob, 20).is_none());
        assert!(bans.of_account(&AccountName::new("EVE"), 19).is_some());
        assert!(bans.of_account(&AccountName::new("eve"), 20).is_none());
        assert!(bans.of_account(&AccountName::new("bob"), 1).is_none());
        assert!(bans.has_expired(10) && !bans.has_expired(9));
        assert_eq!(bans.active(20).count(), 1);
    }
}
