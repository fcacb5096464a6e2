//! How many may be connected at one time, whatever they speak.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use crate::limits::addresses::{AddressPlace, TooMany};

use super::Server;
use super::admission::NotAdmitted;

/// A connection's place among `connections_max`; given back when dropped.
pub(crate) struct Place {
    taken: Arc<AtomicUsize>,
    /// And among those of its address, if that is known.
    of_address: Option<AddressPlace>,
}

impl Place {
    /// Its connection has registered.
    pub(crate) fn registered(&self) {
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
        let taken = self.places_taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more);
        let place = taken.map(|_| Place { taken: self.places_taken.clone(), of_address: None });
        let mut place = place.map_err(|_| NotAdmitted::Full)?;
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
        self.places_taken.load(Ordering::Relaxed)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.taken.fetch_sub(1, Ordering::Relaxed);
    }
}
