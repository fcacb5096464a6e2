//! Numbers about the server that would be slow to count each time.

use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(Debug, Default)]
pub(crate) struct Counters {
    invisible: AtomicUsize,
    opers: AtomicUsize,
    users_max: AtomicUsize,
}

impl Counters {
    pub(crate) fn invisible(&self) -> usize {
        self.invisible.load(Ordering::Relaxed)
    }

    pub(crate) fn opers(&self) -> usize {
        self.opers.load(Ordering::Relaxed)
    }

    /// The most users there were at one time.
    pub(crate) fn users_max(&self) -> usize {
        self.users_max.load(Ordering::Relaxed)
    }

    pub(crate) fn users_are(&self, count: usize) {
        self.users_max.fetch_max(count, Ordering::Relaxed);
    }

    pub(crate) fn invisible_changed(&self, before: bool, after: bool) {
        change(&self.invisible, before, after);
    }

    pub(crate) fn oper_changed(&self, before: bool, after: bool) {
        change(&self.opers, before, after);
    }
}

fn change(counter: &AtomicUsize, before: bool, after: bool) {
    match (before, after) {
        (false, true) => counter.fetch_add(1, Ordering::Relaxed),
        (true, false) => counter.fetch_sub(1, Ordering::Relaxed),
        _ => return,
    };
}
