//! What becomes of panics: each is logged with its place, and counted.

use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicU64, Ordering};

static COUNT: AtomicU64 = AtomicU64::new(0);

/// From now on panics are logged and counted. What a thread was doing ends with it, and no more.
pub(crate) fn watch() {
    std::panic::set_hook(Box::new(note));
}

/// How many there were since the start.
pub(crate) fn count() -> u64 {
    COUNT.load(Ordering::Relaxed)
}

fn note(panic: &PanicHookInfo<'_>) {
    COUNT.fetch_add(1, Ordering::Relaxed);
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("unnamed");
    let message = panic.payload_as_str().unwrap_or("no reason given");
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    log::error!("The thread {name} panicked at {place}: {message:?}");
}
