//! How the sequencer is doing.

use std::sync::mpsc;
use std::time::Duration;

use crate::lock::lock;
use crate::server::history::Unstored;

use super::{Sequencer, Then};

/// How long it is known that the store takes what it is given.
const CHECK_AGAIN: Duration = Duration::from_secs(1);

/// What waits to be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) records: usize,
    pub(crate) bytes: usize,
}

impl Sequencer {
    /// Whether the store takes what is said, as those who say something find it: in its turn, and
    /// within so long. Asked often, it is not tried each time.
    pub(crate) fn check(&self, timeout: Duration) -> Result<(), Unstored> {
        let is_known = {
            let queue = lock(&self.queue);
            !queue.failing && queue.stored.is_some_and(|stored| stored.elapsed() < CHECK_AGAIN)
        };
        if is_known {
            return Ok(());
        }
        let (tell, told) = mpsc::channel();
        self.put(|| (Vec::new(), Then::Check(tell)))?;
        told.recv_timeout(timeout).map_err(|_| Unstored::late())?
    }

    /// What waits to be stored.
    pub(crate) fn waiting(&self) -> Waiting {
        let queue = lock(&self.queue);
        let records = queue.items.iter().map(|item| item.count).sum();
        Waiting { records, bytes: queue.bytes }
    }
}
