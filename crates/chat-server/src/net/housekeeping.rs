//! What has to be looked after now and then.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;

use crate::outbound::Delivery;
use crate::server::Server;

use super::Sending;

const STACK_BYTES: usize = 128 * 1024;
/// How long what another process has changed may go unnoticed.
const TICK: Duration = Duration::from_secs(1);

/// Looks after the server in a thread of its own, until the process ends.
pub(super) fn start(server: Arc<Server>, sending: Sending) -> anyhow::Result<()> {
    std::thread::Builder::new()
        .name("housekeeping".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(move || follow_store(&server, &sending))
        .context("can't start a thread")?;
    Ok(())
}

/// Looks again at who is logged in whenever another process has changed the store.
fn follow_store(server: &Server, sending: &Sending) {
    let (mut seen, mut failing) = (None, false);
    loop {
        std::thread::sleep(TICK);
        let reviewed = server.store.version().and_then(|version| {
            if seen != Some(version) {
                let mut delivery = Delivery::new(sending.flusher.clone());
                server.review_names()?;
                server.review_logins(&mut delivery)?;
                server.review_always_on(&mut delivery)?;
                server.review_roles(&mut delivery)?;
                seen = Some(version);
            }
            Ok(())
        });
        match reviewed {
            Ok(()) => failing = false,
            Err(error) if !std::mem::replace(&mut failing, true) => {
                log::error!("can't see what has changed in the store: {error}");
            }
            Err(_) => {}
        }
    }
}
