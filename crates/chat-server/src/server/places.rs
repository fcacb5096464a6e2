//! How many may be connected at one time, whatever they speak.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Server;
use super::admission::NotAdmitted;

/// A connection's place among `connections_max`; given back when dropped.
pub(crate) struct Place {
    taken: Arc<AtomicUsize>,
}

impl Server {
    /// A place for a connection that has just come.
    pub(crate) fn take_place(&self) -> Result<Place, NotAdmitted> {
        if self.is_closing.load(Ordering::Relaxed) {
            return Err(NotAdmitted::Closing);
        }
        let configured = self.config().limits.connections_max.unwrap_or(usize::MAX);
        let max = configured.min(self.connections_allowed);
        let one_more = |taken| (taken < max).then_some(taken + 1);
        let taken = self.places_taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more);
        taken.map(|_| Place { taken: self.places_taken.clone() }).map_err(|_| NotAdmitted::Full)
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
