//! Guessing passwords is slow: so many wrong ones for an account, or from an address, and then no
//! more for a while.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::lock::lock;

use super::prefixes::Prefixes;

/// Accounts and addresses that are remembered, of each so many. Past it, the oldest are forgotten.
const ENTRIES_MAX: usize = 10_000;

/// Counts login attempts. An attempt is a failure until it has succeeded, so that many at one time
/// are not more than allowed one after the other.
pub(crate) struct LoginThrottle {
    counts: Mutex<Counts>,
}

struct Counts {
    failures_max: u32,
    window: Duration,
    /// What counts as one address.
    prefixes: Prefixes,
    accounts: Table<String>,
    addresses: Table<IpAddr>,
}

type Table<K> = HashMap<K, Count>;

#[derive(Debug, Clone, Copy)]
struct Count {
    failures: u32,
    since: Instant,
}

/// Too many attempts; others are looked at after so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Throttled {
    pub(crate) wait: Duration,
}

impl LoginThrottle {
    /// `failures_max` in each `window`.
    pub(crate) fn new(failures_max: u32, window: Duration, prefixes: Prefixes) -> Self {
        let (accounts, addresses) = (Table::new(), Table::new());
        let counts = Counts { failures_max, window, prefixes, accounts, addresses };
        Self { counts: Mutex::new(counts) }
    }

    /// Allows more or less from now on. What has been counted stays counted.
    pub(crate) fn allow(&self, failures_max: u32, window: Duration, prefixes: Prefixes) {
        let mut counts = lock(&self.counts);
        (counts.failures_max, counts.window) = (failures_max, window);
        counts.prefixes = prefixes;
    }

    /// Begins an attempt at an account, by its folded name.
    pub(crate) fn attempt(
        &self,
        account: &str,
        address: IpAddr,
        now: Instant,
    ) -> Result<(), Throttled> {
        let mut counts = lock(&self.counts);
        let address = counts.prefixes.network(address);
        let waits = [
            counts.wait(counts.accounts.get(account), now),
            counts.wait(counts.addresses.get(&address), now),
        ];
        if let Some(wait) = waits.into_iter().flatten().max() {
            return Err(Throttled { wait });
        }
        let window = counts.window;
        count(&mut counts.accounts, account.to_owned(), window, now);
        count(&mut counts.addresses, address, window, now);
        Ok(())
    }

    /// The attempt was right. The account's failures are forgiven; of the address only this one is,
    /// so that having an account does not help to guess at others.
    pub(crate) fn succeeded(&self, account: &str, address: IpAddr) {
        let mut counts = lock(&self.counts);
        counts.accounts.remove(account);
        let address = counts.prefixes.network(address);
        if let Some(count) = counts.addresses.get_mut(&address) {
            count.failures = count.failures.saturating_sub(1);
        }
    }
}

impl Counts {
    fn wait(&self, count: Option<&Count>, now: Instant) -> Option<Duration> {
        let count = count.filter(|count| count.failures >= self.failures_max)?;
        let left = (count.since + self.window).saturating_duration_since(now);
        (!left.is_zero()).then_some(left)
    }
}

fn count<K: Hash + Eq + Clone>(table: &mut Table<K>, key: K, window: Duration, now: Instant) {
    if table.len() >= ENTRIES_MAX && !table.contains_key(&key) {
        make_room(table, window, now);
    }
    let count = table.entry(key).or_insert(Count { failures: 0, since: now });
    if now.saturating_duration_since(count.since) >= window {
        *count = Count { failures: 0, since: now };
    }
    count.failures += 1;
}

/// What has run out goes, and if that is nothing, the oldest half.
fn make_room<K: Hash + Eq + Clone>(table: &mut Table<K>, window: Duration, now: Instant) {
    table.retain(|_, count| now.saturating_duration_since(count.since) < window);
    if table.len() < ENTRIES_MAX {
        return;
    }
    let mut ages: Vec<Instant> = table.values().map(|count| count.since).collect();
    let middle = ages.len() / 2;
    let (_, &mut median, _) = ages.select_nth_unstable(middle);
    let mut left = middle;
    table.retain(|_, count| {
        let keeps = count.since >= median && left > 0;
        left -= usize::from(keeps);
        keeps
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_secs(300);

    fn throttle(failures_max: u32) -> LoginThrottle {
        LoginThrottle::new(failures_max, WINDOW, Prefixes::default())
    }

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[test]
    fn what_is_allowed_can_change_while_it_is_counted() {
        let (throttle, start) = (throttle(3), Instant::now());
        for from in 1..=2 {
            assert_eq!(throttle.attempt("alice", address(from), start), Ok(()));
        }
        throttle.allow(2, WINDOW * 2, Prefixes::default());
        let wait = WINDOW * 2;
        assert_eq!(throttle.attempt("alice", address(3), start), Err(Throttled { wait }));
        throttle.allow(3, WINDOW, Prefixes::default());
        assert_eq!(throttle.attempt("alice", address(3), start), Ok(()));
    }

    #[test]
    fn an_account_has_so_many_failures_wherever_they_come_from() {
        let (throttle, start) = (throttle(3), Instant::now());
        for from in 1..=3 {
            assert_eq!(throttle.attempt("alice", address(from), start), Ok(()));
        }
        let later = start + Duration::from_secs(100);
        let wait = Duration::from_secs(200);
        assert_eq!(throttle.attempt("alice", address(9), later), Err(Throttled { wait }));
        assert_eq!(throttle.attempt("bob", address(9), later), Ok(()));
        assert_eq!(throttle.attempt("alice", address(9), start + WINDOW), Ok(()));
    }

    #[test]
    fn an_address_has_so_many_whatever_the_account() {
        let (throttle, start) = (throttle(3), Instant::now());
        let addresses = ["2001:db8::1", "2001:db8::2", "2001:db8::ffff:0:0:3"];
        for (name, from) in ["a", "b", "c"].into_iter().zip(addresses) {
            assert_eq!(throttle.attempt(name, from.parse().unwrap(), start), Ok(()));
        }
        assert!(throttle.attempt("d", "2001:db8::4".parse().unwrap(), start).is_err());
        assert_eq!(throttle.attempt("d", "2001:db8:0:1::4".parse().unwrap(), start), Ok(()));
    }

    #[test]
    fn how_much_of_an_address_counts_can_change() {
        let (throttle, start) = (throttle(2), Instant::now());
        let prefixes = Prefixes { ipv4: 24, ipv6: 64 };
        throttle.allow(2, WINDOW, prefixes);
        assert_eq!(throttle.attempt("a", address(1), start), Ok(()));
        assert_eq!(throttle.attempt("b", address(2), start), Ok(()));
        assert!(throttle.attempt("c", address(3), start).is_err());
        throttle.succeeded("b", address(9));
        assert_eq!(throttle.attempt("c", address(3), start), Ok(()));
    }

    #[test]
    fn success_forgives() {
        let (throttle, start) = (throttle(2), Instant::now());
        for _ in 0..10 {
            assert_eq!(throttle.attempt("alice", address(1), start), Ok(()));
            throttle.succeeded("alice", address(1));
        }
        // One's own account does not buy guesses at others.
        assert_eq!(throttle.attempt("bob", address(1), start), Ok(()));
        assert_eq!(throttle.attempt("alice", address(1), start), Ok(()));
        throttle.succeeded("alice", address(1));
        assert_eq!(throttle.attempt("bob", address(1), start), Ok(()));
        assert!(throttle.attempt("carol", address(1), start).is_err());
    }

    #[test]
    fn memory_is_bounded() {
        let (throttle, start) = (throttle(2), Instant::now());
        for count in 0..u32::try_from(3 * ENTRIES_MAX).unwrap() {
            let _ = throttle.attempt(&count.to_string(), IpAddr::from(count.to_be_bytes()), start);
        }
        let counts = lock(&throttle.counts);
        assert!(counts.accounts.len() <= ENTRIES_MAX && counts.addresses.len() <= ENTRIES_MAX);
    }
}
