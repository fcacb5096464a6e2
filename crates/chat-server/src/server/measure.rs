//! How much there is of what would be slow to count each time.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use chat_store::Size;

use crate::lock::lock;

use super::Server;

/// Counting may take so much of the time: a thousandth.
const SHARE: u32 = 1000;

/// The size of the history as it was counted last.
#[derive(Debug, Default)]
pub(super) struct Measured {
    counted: Mutex<Counted>,
}

#[derive(Debug, Default)]
struct Counted {
    size: Option<Size>,
    /// When it is worth the time again.
    again: Option<Instant>,
    /// Somebody counts at present.
    is_on: bool,
}

impl Server {
    /// How much history there is; a little older the longer it takes to count. Nothing if it can't
    /// be told at present.
    pub(crate) fn history_size(&self) -> Option<Size> {
        {
            let mut counted = lock(&self.measured.counted);
            let is_fresh = counted.again.is_some_and(|again| Instant::now() < again);
            if is_fresh || std::mem::replace(&mut counted.is_on, true) {
                return counted.size;
            }
        }
        let start = Instant::now();
        let size = self.store.size().ok();
        let again = Instant::now() + start.elapsed() * SHARE;
        *lock(&self.measured.counted) = Counted { size, again: Some(again), is_on: false };
        size
    }

    /// How long the server has been running.
    pub(crate) fn uptime(&self) -> Duration {
        self.since.elapsed()
    }
}
