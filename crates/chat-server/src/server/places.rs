//! How many may be connected at one time, whatever they speak.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use crate::limits::addresses::{AddressPlace, TooMany};

use super::Server;
use super::admission::NotAdmitted;

/// How many places are taken, and how many of them by connections that have registered.
#[derive(Debug, Default)]
pub(super) struct Places {
    taken: AtomicUsize,
    registered: AtomicUsize,
}

/// A connection's place among `connections_max`; given back when dropped.
pub(crate) struct Place {
    places: Arc<Places>,
    is_registered: bool,
    /// And among those of its address, if that is known.
    of_address: Option<AddressPlace>,
}

impl Place {
    /// Its connection has registered.
    pub(crate) fn registered(&mut self) {
        if !std::mem::replace(&mut self.is_registered, true) {
            self.places.registered.fetch_add(1, Ordering::Relaxed);
        }
        if let Some(of_address) = &self.of_address {
            of_address.registered();
        }
    }
}

impl Server {
    /// A place for a connection that has just come from an address, if it is known from which.
    pub(crate) fn take_place(&self, address: Option<IpAddr>) -> Result<Place, NotAdmitted> {
        if self.is_closing.load(Ordering::Relaxed) {
            return Err(NotAdmitted::Closing);
        }
        let configured = self.config().limits.connections_max.unwrap_or(usize::MAX);
        let max = configured.min(self.connections_allowed);
        let one_more = |taken| (taken < max).then_some(taken + 1);
        let taken = self.places.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more);
        taken.map_err(|_| NotAdmitted::Full)?;
        let places = self.places.clone();
        let mut place = Place { places, is_registered: false, of_address: None };
        if let Some(address) = address {
            self.count_address(&mut place, address).map_err(NotAdmitted::Address)?;
        }
        Ok(place)
    }

    /// The connection of a place turns out to come from another address, or has just come.
    pub(crate) fn count_address(&self, place: &mut Place, address: IpAddr) -> Result<(), TooMany> {
        let throttle = &self.config().throttle;
        let limits = (!throttle.is_exempt(address)).then(|| throttle.of_address());
        place.of_address = None;
        let taken = self.addresses.take_place(address, limits.as_ref(), Instant::now())?;
        place.of_address = Some(taken);
        Ok(())
    }

    /// How many connections there are, whatever they speak.
    pub(crate) fn connection_count(&self) -> usize {
        self.places.taken.load(Ordering::Relaxed)
    }

    /// How many of them have not registered. Those that are closing after they had do not count.
    pub(crate) fn unregistered_count(&self) -> usize {
        self.connection_count().saturating_sub(self.places.registered.load(Ordering::Relaxed))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.taken.fetch_sub(1, Ordering::Relaxed);
        if self.is_registered {
            self.places.registered.fetch_sub(1, Ordering::Relaxed);
        }
    }
}
