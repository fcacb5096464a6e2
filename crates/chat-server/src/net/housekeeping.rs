//! What has to be looked after now and then.

mod reminder;
mod upkeep;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use chat_store::StoreError;

use crate::fault;
use crate::outbound::Delivery;
use crate::server::Server;

use super::Sending;
use reminder::Reminder;
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
    let mut work = Work::default();
    let mut pause = TICK;
    loop {
        std::thread::sleep(pause);
        // What has failed once may not fail the next time.
        let step = || work.step(server, sending);
        pause = catch_unwind(AssertUnwindSafe(step)).unwrap_or(TICK);
    }
}

/// How far it has come.
struct Work {
    following: Complaint,
    keeping_up: Complaint,
    expiring: Complaint,
    certificate: Reminder,
    seen: Option<u64>,
    upkeep: Upkeep,
    /// When the store is looked at again.
    next: Instant,
}

impl Default for Work {
    fn default() -> Self {
        Self {
            following: Complaint::about("can't see what has changed in the store"),
            keeping_up: Complaint::about("can't delete what is not to be kept"),
            expiring: Complaint::about("can't take away bans that are over"),
            certificate: Reminder::default(),
            seen: None,
            upkeep: Upkeep::default(),
            next: Instant::now() + TICK,
        }
    }
}

impl Work {
    /// Does what is due, and says how long nothing more is.
    fn step(&mut self, server: &Server, sending: &Sending) -> Duration {
        fault::point("housekeeping");
        let mut delivery = Delivery::new(sending.flusher.clone());
        if Instant::now() >= self.next {
            self.following.hear(follow_store(server, sending, &mut self.seen));
            self.expiring.hear(server.expire_bans(&mut delivery));
            follow_certificate(server);
            self.certificate.look(server.tls.not_after(), server.now());
            server.tell_left_out();
            self.next = Instant::now() + TICK;
        }
        let done = self.upkeep.step(server, &mut delivery);
        let pause = self.keeping_up.hear(done).unwrap_or(TICK);
        pause.min(self.next.saturating_duration_since(Instant::now()))
    }
}

/// Shows another certificate from now on, if the files have changed.
fn follow_certificate(server: &Server) {
    match server.tls.follow_files() {
        Ok(false) => {}
        Ok(true) => log::info!("The certificate has changed and is in use"),
        Err(error) => log::error!("The certificate before stays in use: {error}"),
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
