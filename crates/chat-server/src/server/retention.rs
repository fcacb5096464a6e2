//! What is kept, and for how long.

use std::num::NonZeroU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chat_store::{Keep, Retention, StoreError};

use super::{Server, room_key};

const DAY_SECONDS: u64 = 24 * 60 * 60;

impl Server {
    /// What is kept of everything: as it is configured, or less where a registered room has it so.
    pub(crate) fn retention(&self) -> Retention {
        let history = &self.config().history;
        let of_room = |days: Option<u64>, entries: Option<u64>| {
            keep(less(days, history.keep_days), less(entries, history.keep_entries))
        };
        let targets = self.rooms().into_iter().filter_map(|room| {
            let (days, entries) = {
                let state = room.state();
                let registration = state.settings.registration.as_ref()?;
                (registration.keep_days, registration.keep_entries)
            };
            let differs = days.is_some() || entries.is_some();
            differs.then(|| (room_key(&room), of_room(days, entries)))
        });
        let targets = targets.collect();
        Retention { default: of_room(None, None), targets, now: self.now_micros() }
    }

    /// Deletes entries of the audit log that are no longer kept, at most `step`; says how many.
    pub(crate) fn expire_audit(&self, step: usize) -> Result<usize, StoreError> {
        let days = self.config().audit.keep_days;
        if days == 0 {
            return Ok(0);
        }
        let micros = days.saturating_mul(DAY_SECONDS * 1_000_000);
        self.store.expire_audit(self.now_micros().saturating_sub(micros), step)
    }

    /// Has what is kept looked at soon.
    pub(crate) fn change_retention(&self) {
        self.retention_changed.store(true, Ordering::Relaxed);
    }

    /// Whether what is kept has changed since this was last asked.
    pub(crate) fn retention_has_changed(&self) -> bool {
        self.retention_changed.swap(false, Ordering::Relaxed)
    }
}

fn keep(days: Option<u64>, entries: Option<u64>) -> Keep {
    let age_max = days.map(|days| Duration::from_secs(days.saturating_mul(DAY_SECONDS)));
    Keep { age_max, count_max: entries }
}

/// What a room wants, if it is less than what the server keeps; 0 is everything. A server that has
/// come to keep less since then goes before what the room was allowed to choose.
pub(crate) fn less(room: Option<u64>, server: u64) -> Option<u64> {
    let server = NonZeroU64::new(server).map(NonZeroU64::get);
    [room, server].into_iter().flatten().min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_less_is_kept() {
        for (room, server, kept) in [
            (None, 0, None),
            (None, 7, Some(7)),
            (Some(3), 0, Some(3)),
            (Some(3), 7, Some(3)),
            (Some(9), 7, Some(7)),
        ] {
            assert_eq!(less(room, server), kept);
        }
    }
}
