//! How the server ends: goodbye to everybody, and what was said is stored.

use std::time::{Duration, Instant};

use crate::server::Server;

/// How long all connections together may take to end.
const GOODBYE_MAX: Duration = Duration::from_millis(2500);
/// How long it may take after that to store what waits to be stored.
const STORING_MAX: Duration = Duration::from_millis(1500);
/// How often it is looked whether all are gone.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Lets nobody in any more, says goodbye to every client and waits until they have heard it and
/// until what has happened is stored, for a bounded time.
pub(super) fn stop(server: &Server) {
    server.close_all("Server shutting down");
    if !wait_until(GOODBYE_MAX, || server.session_count() == 0) {
        log::warn!("{} connections did not end in time", server.session_count());
    }
    // What is not stored was shown to nobody.
    if !wait_until(STORING_MAX, || server.sequencer.is_idle()) {
        log::error!(
            "not all could be stored in time; what was not is lost, and was shown to nobody"
        );
    }
}

fn wait_until(most: Duration, is_over: impl Fn() -> bool) -> bool {
    let until = Instant::now() + most;
    while !is_over() {
        if Instant::now() >= until {
            return false;
        }
        std::thread::sleep(LOOK_EVERY);
    }
    true
}
