//! The threads that send what others hand to them.

use std::sync::Arc;
use std::thread::{Builder, available_parallelism};

use anyhow::Context as _;

use crate::metrics::Metrics;
use crate::outbound::Flusher;

const STACK_BYTES: usize = 128 * 1024;

/// Half of the cores send, the others read and render.
pub(super) fn start(metrics: &Arc<Metrics>) -> anyhow::Result<Arc<Flusher>> {
    let cores = available_parallelism().map_or(1, usize::from);
    let threads = (cores / 2).max(1);
    let flusher = Flusher::new(threads, metrics.clone());
    for number in 1..=threads {
        let shared = flusher.clone();
        Builder::new()
            .name(format!("flusher-{number}"))
            .stack_size(STACK_BYTES)
            .spawn(move || shared.run())
            .context("can't start a thread")?;
    }
    Ok(flusher)
}
