//! How many connections an address may have, and how fast it may make them.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::lock::lock;

/// Addresses without a connection that are remembered. Past it, those that have waited are forgotten,
/// and if that is not enough, all of them.
const IDLE_MAX: usize = 20_000;

/// What one address may do; each is no limit if it is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AddressLimits {
    /// Connections at one time.
    pub(crate) connections_max: usize,
    /// Of those, that have not registered.
    pub(crate) unregistered_max: usize,
    /// New connections in each window.
    pub(crate) new_max: u32,
    pub(crate) window: Duration,
    /// Of all addresses together, that have not registered.
    pub(crate) all_unregistered_max: usize,
}

/// Why an address gets no connection more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TooMany {
    Connections,
    Unregistered,
    TooFast,
}

impl TooMany {
    /// What its peer is told.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Connections => "Too many connections from your address",
            Self::Unregistered => "Too many connections that have not registered",
            Self::TooFast => "Your address connects too often, try again later",
        }
    }
}

/// The addresses that have connections, or had some a moment ago.
#[derive(Debug, Default)]
pub(crate) struct Addresses(Mutex<Table>);

#[derive(Debug, Default)]
struct Table {
    entries: HashMap<IpAddr, Entry>,
    unregistered: usize,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    connections: usize,
    unregistered: usize,
    new: u32,
    since: Instant,
}

/// One connection of an address, until it is dropped.
#[derive(Debug)]
pub(crate) struct AddressPlace {
    addresses: Arc<Addresses>,
    network: IpAddr,
    is_registered: bool,
}

impl Addresses {
    /// One connection more of an address.
    pub(crate) fn take_place(
        self: &Arc<Self>,
        address: IpAddr,
        limits: &AddressLimits,
        now: Instant,
    ) -> Result<AddressPlace, TooMany> {
        let network = network(address);
        lock(&self.0).admit(network, limits, now)?;
        Ok(AddressPlace { addresses: self.clone(), network, is_registered: false })
    }
}

impl Table {
    fn admit(
        &mut self,
        network: IpAddr,
        limits: &AddressLimits,
        now: Instant,
    ) -> Result<(), TooMany> {
        if self.entries.len() >= IDLE_MAX && !self.entries.contains_key(&network) {
            self.forget_idle(limits.window, now);
        }
        let new = Entry { connections: 0, unregistered: 0, new: 0, since: now };
        let entry = self.entries.entry(network).or_insert(new);
        if now.saturating_duration_since(entry.since) >= limits.window {
            (entry.new, entry.since) = (0, now);
        }
        if is_reached(entry.new as usize, limits.new_max as usize) {
            return Err(TooMany::TooFast);
        }
        // Those that are refused count: trying on is no way in.
        entry.new += 1;
        if is_reached(entry.connections, limits.connections_max) {
            return Err(TooMany::Connections);
        }
        if is_reached(entry.unregistered, limits.unregistered_max)
            || is_reached(self.unregistered, limits.all_unregistered_max)
        {
            return Err(TooMany::Unregistered);
        }
        entry.connections += 1;
        entry.unregistered += 1;
        self.unregistered += 1;
        Ok(())
    }

    fn forget_idle(&mut self, window: Duration, now: Instant) {
        let counts = |entry: &Entry| now.saturating_duration_since(entry.since) < window;
        self.entries.retain(|_, entry| entry.connections > 0 || counts(entry));
        if self.entries.len() >= IDLE_MAX {
            self.entries.retain(|_, entry| entry.connections > 0);
        }
    }

    fn registered(&mut self, network: IpAddr) {
        self.unregistered = self.unregistered.saturating_sub(1);
        if let Some(entry) = self.entries.get_mut(&network) {
            entry.unregistered = entry.unregistered.saturating_sub(1);
        }
    }

    fn left(&mut self, network: IpAddr) {
        if let Some(entry) = self.entries.get_mut(&network) {
            entry.connections = entry.connections.saturating_sub(1);
        }
    }
}

impl AddressPlace {
    /// It has registered.
    pub(crate) fn registered(&mut self) {
        if !std::mem::replace(&mut self.is_registered, true) {
            lock(&self.addresses.0).registered(self.network);
        }
    }
}

impl Drop for AddressPlace {
    fn drop(&mut self) {
        self.registered();
        lock(&self.addresses.0).left(self.network);
    }
}

/// What counts as one address: of IPv6 one person has a whole /64.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)))
        }
        address => address,
    }
}

const fn is_reached(count: usize, max: usize) -> bool {
    max > 0 && count >= max
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: AddressLimits = AddressLimits {
        connections_max: 3,
        unregistered_max: 2,
        new_max: 6,
        window: Duration::from_secs(60),
        all_unregistered_max: 4,
    };

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_has_so_many_connections() {
        let (addresses, now) = (Arc::new(Addresses::default()), Instant::now());
        let come = |text: &str| addresses.take_place(ip(text), &LIMITS, now);
        let mut first = come("192.0.2.1").unwrap();
        let second = come("192.0.2.1").unwrap();
        assert_eq!(come("::ffff:192.0.2.1").unwrap_err(), TooMany::Unregistered);
        first.registered();
        let third = come("192.0.2.1").unwrap();
        assert_eq!(come("192.0.2.1").unwrap_err(), TooMany::Connections);
        let other = come("192.0.2.2").unwrap();
        drop((first, second, third, other));
        assert!(come("192.0.2.1").is_ok());
        assert_eq!(come("192.0.2.1").unwrap_err(), TooMany::TooFast);
        let later = now + Duration::from_secs(60);
        assert!(addresses.take_place(ip("192.0.2.1"), &LIMITS, later).is_ok());
    }

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let (addresses, now) = (Arc::new(Addresses::default()), Instant::now());
        let come = |text: &str| addresses.take_place(ip(text), &LIMITS, now);
        let _places = [come("2001:db8::1").unwrap(), come("2001:db8::ffff:2").unwrap()];
        assert_eq!(come("2001:db8:0:0:9::3").unwrap_err(), TooMany::Unregistered);
        assert!(come("2001:db8:0:1::1").is_ok());
    }

    #[test]
    fn all_addresses_together_have_so_many_that_wait() {
        let (addresses, now) = (Arc::new(Addresses::default()), Instant::now());
        let come = |last: u8| addresses.take_place(IpAddr::from([192, 0, 2, last]), &LIMITS, now);
        let mut places: Vec<_> = (0..4).map(|last| come(last).unwrap()).collect();
        assert_eq!(come(9).unwrap_err(), TooMany::Unregistered);
        places[0].registered();
        assert!(come(10).is_ok());
    }

    #[test]
    fn the_table_does_not_grow_for_ever() {
        let (addresses, now) = (Arc::new(Addresses::default()), Instant::now());
        let limits = AddressLimits { all_unregistered_max: 0, ..LIMITS };
        let stays = addresses.take_place(ip("192.0.2.1"), &limits, now).unwrap();
        for network in 0..2 * IDLE_MAX as u128 {
            let address = IpAddr::V6(Ipv6Addr::from_bits((1 << 120) + (network << 64)));
            drop(addresses.take_place(address, &limits, now));
        }
        let table = lock(&addresses.0);
        assert!(table.entries.len() <= IDLE_MAX + 1);
        assert_eq!(table.entries[&stays.network].connections, 1);
        assert_eq!(table.unregistered, 1);
    }
}
