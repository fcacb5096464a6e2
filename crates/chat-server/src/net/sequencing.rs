//! The thread that stores what happens and then lets it be seen.

use std::sync::Arc;
use std::thread::Builder;

use anyhow::Context as _;

use crate::outbound::Delivery;
use crate::server::Server;

use super::Sending;

const STACK_BYTES: usize = 512 * 1024;

/// Starts it.
pub(super) fn start(server: &Arc<Server>, sending: &Sending) -> anyhow::Result<()> {
    let (server, flusher) = (server.clone(), sending.flusher.clone());
    let run = move || server.sequencer.run(&server, || Delivery::new(flusher.clone()));
    Builder::new()
        .name("sequencer".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(run)
        .context("can't start a thread")?;
    Ok(())
}
