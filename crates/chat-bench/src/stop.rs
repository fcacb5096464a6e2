//! Ctrl-C ends a run as an error, so that whatever was started is ended as well.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use anyhow::Context as _;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

static ASKED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

pub(crate) fn listen() -> anyhow::Result<()> {
    let asked = ASKED.get_or_init(Arc::default);
    for signal in [SIGHUP, SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, asked.clone()).context("can't handle signals")?;
    }
    Ok(())
}

/// An error if somebody asked to stop.
pub(crate) fn check() -> anyhow::Result<()> {
    let asked = ASKED.get().is_some_and(|asked| asked.load(Ordering::Relaxed));
    anyhow::ensure!(!asked, "interrupted");
    Ok(())
}
