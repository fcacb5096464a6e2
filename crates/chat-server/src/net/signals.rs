//! Being told to stop.

use anyhow::Context as _;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// Waits for SIGINT or SIGTERM and says which came.
pub(super) fn wait() -> anyhow::Result<&'static str> {
    let mut signals = Signals::new([SIGINT, SIGTERM]).context("can't listen for signals")?;
    let signal = signals.forever().next();
    Ok(if signal == Some(SIGINT) { "SIGINT" } else { "SIGTERM" })
}
