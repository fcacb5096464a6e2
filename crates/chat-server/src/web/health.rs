//! GET /healthz: whether the server does its work, for what watches over it.

use std::time::Duration;

use chat_http::Status;

use super::{Answer, Visit, text};

/// How long the store may take. What watches over servers waits not much longer.
const STORE_TIMEOUT: Duration = Duration::from_secs(1);

pub(super) fn health(visit: &Visit<'_>) -> Answer {
    // Why is for the log: anybody may ask.
    match visit.server.sequencer.check(STORE_TIMEOUT) {
        Ok(()) => text(Status::OK, "ok"),
        Err(_) => text(Status::SERVICE_UNAVAILABLE, "The store takes nothing at present"),
    }
}
