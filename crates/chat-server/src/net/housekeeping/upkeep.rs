//! What the store has to do when it has time: a little, then a pause for those who write.

use std::time::{Duration, Instant};

use chat_store::{Retention, StoreError};

use crate::outbound::Delivery;
use crate::server::Server;

/// So many entries at a time.
const STEP: usize = 200;
/// The shortest pause. It is as long as the step before it: half of the time is left to who writes.
const PAUSE_MIN: Duration = Duration::from_millis(5);
/// How long it rests when nothing is to be done.
const REST: Duration = Duration::from_secs(1);
/// How long what is no longer kept may stay.
const PRUNE_AGAIN: Duration = Duration::from_secs(60 * 60);

/// How far it has come.
#[derive(Debug, Default)]
pub(super) struct Upkeep {
    /// The search index has seen what an older version has left to it.
    is_caught_up: bool,
    /// When it was last found that nothing is to be deleted.
    pruned: Option<Instant>,
    /// What is kept, while what is not is being deleted; and how much that was so far.
    retention: Option<Retention>,
    deleted: usize,
}

impl Upkeep {
    /// Does a little; says how long nothing more is to be done.
    pub(super) fn step(
        &mut self,
        server: &Server,
        delivery: &mut Delivery,
    ) -> Result<Duration, StoreError> {
        let start = Instant::now();
        if server.retention_has_changed() {
            (self.pruned, self.retention) = (None, None);
        }
        if server.erase_some(STEP, delivery)? {
            return Ok(start.elapsed().max(PAUSE_MIN));
        }
        if !self.is_caught_up {
            self.is_caught_up = server.store.catch_up(STEP)? == 0;
        } else if self.pruned.is_none_or(|pruned| pruned.elapsed() >= PRUNE_AGAIN) {
            self.prune(server)?;
        } else {
            return Ok(REST);
        }
        Ok(start.elapsed().max(PAUSE_MIN))
    }

    fn prune(&mut self, server: &Server) -> Result<(), StoreError> {
        let retention = self.retention.get_or_insert_with(|| server.retention());
        let deleted = match server.expire_audit(STEP)? {
            0 => server.store.prune(retention, STEP)?,
            expired => expired,
        };
        self.deleted += deleted;
        if deleted == 0 {
            (self.pruned, self.retention) = (Some(Instant::now()), None);
            let total = std::mem::take(&mut self.deleted);
            if total > 0 {
                log::info!("Deleted {total} entries that are no longer kept");
            }
        }
        Ok(())
    }
}
