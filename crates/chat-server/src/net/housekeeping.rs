//! What has to be looked after now and then.

mod upkeep;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use chat_store::StoreError;

use crate::outbound::Delivery;
use crate::server::Server;

use super::Sending;
use upkeep::Upkeep;

const STACK_BYTES: usize = 256 * 1024;
/// How long what another process has changed may go unnoticed.
const TICK: Duration = Duration::from_secs(1);

/// Looks after the server in a thread of its own, until the process ends.
pub(super) fn start(server: Arc<Server>, sending: Sending) -> anyhow::Result<()> {
    std::thread::Builder::new()
        .name("housekeeping".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(move || run(&server, &sending))
        .context("can't start a thread")?;
    Ok(())
}

fn run(server: &Server, sending: &Sending) {
    let mut following = Complaint::about("can't see what has changed in the store");
    let mut keeping_up = Complaint::about("can't delete what is not to be kept");
    let mut expiring = Complaint::about("can't take away bans that are over");
    let (mut seen, mut upkeep, mut next) = (None, Upkeep::default(), Instant::now() + TICK);
    let mut pause = TICK;
    loop {
        std::thread::sleep(pause.min(next.saturating_duration_since(Instant::now())));
        if Instant::now() >= next {
            following.hear(follow_store(server, sending, &mut seen));
            expiring.hear(server.expire_bans());
            next = Instant::now() + TICK;
        }
        let mut delivery = Delivery::new(sending.flusher.clone());
        pause = keeping_up.hear(upkeep.step(server, &mut delivery)).unwrap_or(TICK);
    }
}

/// Looks again at who is logged in whenever another process has changed the store.
fn follow_store(
    server: &Server,
    sending: &Sending,
    seen: &mut Option<u64>,
) -> Result<(), StoreError> {
    let version = server.store.version()?;
    if *seen == Some(version) {
        return Ok(());
    }
    let mut delivery = Delivery::new(sending.flusher.clone());
    server.review_bans(&mut delivery)?;
    server.review_names()?;
    server.review_nicknames(&mut delivery)?;
    server.review_logins(&mut delivery)?;
    server.review_always_on(&mut delivery)?;
    server.review_roles(&mut delivery)?;
    *seen = Some(version);
    Ok(())
}

/// What goes wrong again and again is logged once.
struct Complaint {
    what: &'static str,
    is_made: bool,
}

impl Complaint {
    const fn about(what: &'static str) -> Self {
        Self { what, is_made: false }
    }

    fn hear<T>(&mut self, outcome: Result<T, StoreError>) -> Option<T> {
        match outcome {
            Ok(done) => {
                self.is_made = false;
                Some(done)
            }
            Err(error) => {
                if !std::mem::replace(&mut self.is_made, true) {
                    log::error!("{}: {error}", self.what);
                }
                None
            }
        }
    }
}
