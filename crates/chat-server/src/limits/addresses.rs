//! How many connections an address may have, and how fast it may make them.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use crate::lock::lock;
use crate::metrics::Refusal;

use super::bucket::{Bucket, Rate};
use super::prefixes::Prefixes;

/// Addresses without a connection that are remembered. Past it, those that have waited are forgotten,
/// and if that is not enough, all of them.
const IDLE_MAX: usize = 20_000;

/// What one address may do; each number is no limit if it is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AddressLimits {
    /// What counts as one address.
    pub(crate) prefixes: Prefixes,
    /// Connections at one time.
    pub(crate) connections_max: usize,
    /// Of those, that have not registered.
    pub(crate) unregistered_max: usize,
    /// How fast new connections may come.
    pub(crate) new: Option<Rate>,
    /// Of all addresses together, that have not registered.
    pub(crate) all_unregistered_max: usize,
}

/// Why an address gets no connection more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TooMany {
    Connections,
    Unregistered,
    /// Of all addresses together.
    UnregisteredOfAll,
    TooFast,
}

impl TooMany {
    /// What its peer is told.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Connections => "Too many connections from your address",
            Self::Unregistered | Self::UnregisteredOfAll => {
                "Too many connections that have not registered"
            }
            Self::TooFast => "Your address connects too often, try again later",
        }
    }

    /// As what it is counted.
    pub(crate) const fn counted(self) -> Refusal {
        match self {
            Self::Connections => Refusal::AddressConnections,
            Self::Unregistered => Refusal::AddressUnregistered,
            Self::UnregisteredOfAll => Refusal::Unregistered,
            Self::TooFast => Refusal::AddressRate,
        }
    }
}

/// The addresses that have connections, or had some a moment ago.
#[derive(Debug, Default)]
pub(crate) struct Addresses(Mutex<Table>);

#[derive(Debug, Default)]
struct Table {
    networks: HashMap<IpAddr, Network>,
    places: HashMap<u64, Held>,
    last_place: u64,
    unregistered: usize,
}

/// What counts as one address.
#[derive(Debug, Clone, Copy, Default)]
struct Network {
    connections: usize,
    unregistered: usize,
    new: Bucket,
}

/// What one connection takes.
#[derive(Debug, Clone, Copy)]
struct Held {
    address: IpAddr,
    /// Among whose connections it counts; none for one that is exempt.
    network: Option<IpAddr>,
    is_registered: bool,
}

/// One connection of an address, until it is dropped.
#[derive(Debug)]
pub(crate) struct AddressPlace {
    addresses: Arc<Addresses>,
    id: u64,
}

impl Addresses {
    /// One connection more of an address. Without limits it is always let in, and does not count.
    pub(crate) fn take_place(
        self: &Arc<Self>,
        address: IpAddr,
        limits: Option<&AddressLimits>,
        now: Instant,
    ) -> Result<AddressPlace, TooMany> {
        let mut table = lock(&self.0);
        let network = limits.map(|limits| table.admit(address, limits, now)).transpose()?;
        table.last_place += 1;
        let id = table.last_place;
        table.places.insert(id, Held { address, network, is_registered: false });
        Ok(AddressPlace { addresses: self.clone(), id })
    }

    /// Who is exempt, and what counts as one address, has changed: all connections are counted again.
    /// Nobody is sent away who was let in.
    pub(crate) fn follow(&self, prefixes: Prefixes, is_exempt: impl Fn(IpAddr) -> bool) {
        let mut table = lock(&self.0);
        let Table { networks, places, unregistered, .. } = &mut *table;
        *unregistered = 0;
        for network in networks.values_mut() {
            (network.connections, network.unregistered) = (0, 0);
        }
        for held in places.values_mut() {
            held.network = (!is_exempt(held.address)).then(|| prefixes.network(held.address));
            let Some(network) = held.network else { continue };
            let network = networks.entry(network).or_default();
            network.connections += 1;
            if !held.is_registered {
                network.unregistered += 1;
                *unregistered += 1;
            }
        }
    }
}

impl Table {
    /// Counts a connection, and says among whose.
    fn admit(
        &mut self,
        address: IpAddr,
        limits: &AddressLimits,
        now: Instant,
    ) -> Result<IpAddr, TooMany> {
        let name = limits.prefixes.network(address);
        if self.networks.len() >= IDLE_MAX && !self.networks.contains_key(&name) {
            self.forget_idle(now);
        }
        let network = self.networks.entry(name).or_default();
        // Those that are refused below count: trying on is no way in.
        if limits.new.is_some_and(|rate| network.new.take(rate, now).is_err()) {
            return Err(TooMany::TooFast);
        }
        if is_reached(network.connections, limits.connections_max) {
            return Err(TooMany::Connections);
        }
        if is_reached(network.unregistered, limits.unregistered_max) {
            return Err(TooMany::Unregistered);
        }
        if is_reached(self.unregistered, limits.all_unregistered_max) {
            return Err(TooMany::UnregisteredOfAll);
        }
        network.connections += 1;
        network.unregistered += 1;
        self.unregistered += 1;
        Ok(name)
    }

    fn forget_idle(&mut self, now: Instant) {
        self.networks.retain(|_, it| it.connections > 0 || !it.new.is_full(now));
        if self.networks.len() >= IDLE_MAX {
            self.networks.retain(|_, it| it.connections > 0);
        }
    }

    fn registered(&mut self, id: u64) {
        let Some(held) = self.places.get_mut(&id).filter(|held| !held.is_registered) else {
            return;
        };
        held.is_registered = true;
        let Some(network) = held.network else { return };
        self.unregistered = self.unregistered.saturating_sub(1);
        if let Some(network) = self.networks.get_mut(&network) {
            network.unregistered = network.unregistered.saturating_sub(1);
        }
    }

    fn left(&mut self, id: u64) {
        self.registered(id);
        let network = self.places.remove(&id).and_then(|held| held.network);
        if let Some(network) = network.and_then(|it| self.networks.get_mut(&it)) {
            network.connections = network.connections.saturating_sub(1);
        }
    }
}

impl AddressPlace {
    /// It has registered.
    pub(crate) fn registered(&self) {
        lock(&self.addresses.0).registered(self.id);
    }
}

impl Drop for AddressPlace {
    fn drop(&mut self) {
        lock(&self.addresses.0).left(self.id);
    }
}

const fn is_reached(count: usize, max: usize) -> bool {
    max > 0 && count >= max
}

#[cfg(test)]
mod tests;
