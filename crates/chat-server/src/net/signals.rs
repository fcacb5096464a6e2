//! Being told to stop.

use anyhow::Context as _;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// From now on SIGINT and SIGTERM are kept for [`wait`].
pub(super) fn listen() -> anyhow::Result<Signals> {
    Signals::new([SIGINT, SIGTERM]).context("can't listen for signals")
}

/// Waits for SIGINT or SIGTERM and says which came.
pub(super) fn wait(mut signals: Signals) -> &'static str {
    let signal = signals.forever().next();
    if signal == Some(SIGINT) { "SIGINT" } else { "SIGTERM" }
}
