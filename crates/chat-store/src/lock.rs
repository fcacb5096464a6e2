//! How a lock is taken.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks. What a panic left behind is put right by who takes the lock next.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
