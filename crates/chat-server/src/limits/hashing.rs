//! How many passwords are hashed at one time.

use std::sync::{Condvar, Mutex, PoisonError};

use crate::fault;
use crate::lock::lock;

/// Lets a few hash at a time and the others wait for their turn, so that logins leave cores to
/// those who talk.
pub(crate) struct HashingGate {
    free: Mutex<usize>,
    freed: Condvar,
}

impl HashingGate {
    pub(crate) fn new(at_one_time: usize) -> Self {
        Self { free: Mutex::new(at_one_time.max(1)), freed: Condvar::new() }
    }

    /// Does the work when it is its turn. Nothing is locked meanwhile.
    pub(crate) fn hash<T>(&self, work: impl FnOnce() -> T) -> T {
        let waiting = self.freed.wait_while(lock(&self.free), |free| *free == 0);
        *waiting.unwrap_or_else(PoisonError::into_inner) -= 1;
        let _turn = Turn(self);
        fault::point("hash");
        work()
    }
}

/// Given back however the work ends.
struct Turn<'a>(&'a HashingGate);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *lock(&self.0.free) += 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn no_more_than_allowed_work_at_one_time() {
        let (gate, now, most) = (HashingGate::new(2), AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    gate.hash(|| {
                        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        std::thread::yield_now();
                        now.fetch_sub(1, Ordering::SeqCst);
                    });
                });
            }
        });
        assert!((1..=2).contains(&most.into_inner()));
        assert_eq!(gate.hash(|| 7), 7);
    }
}
