//! How a lock is taken, decided once.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks. A panic in another thread ended that thread's connection and nothing else: what the lock
/// guards is used further.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
