//! Slowing down who says too much at once.

use std::time::{Duration, Instant};

use crate::commands::cost;
use crate::limits::bucket::Bucket;
use crate::server::Server;
use crate::state::session::Session;

/// How fast one connection goes.
pub(super) struct Flood {
    bucket: Bucket,
    /// Since when it has been too fast without a break.
    since: Option<Instant>,
}

/// What a line has to do.
pub(super) enum Verdict {
    GoOn,
    Wait(Duration),
    /// It has gone on for too long.
    End,
}

impl Flood {
    /// None for who may be as fast as it likes.
    pub(super) fn new(server: &Server, session: &Session) -> Option<Self> {
        let config = server.config();
        if config.throttle.is_exempt(session.peer().ip()) {
            return None;
        }
        Some(Self { bucket: Bucket::default(), since: None })
    }

    /// Before a line is handled.
    pub(super) fn meet(&mut self, line: &str, server: &Server, session: &Session) -> Verdict {
        let config = server.config();
        if session.user().is_some_and(|user| user.profile().modes.oper) {
            return Verdict::GoOn;
        }
        let Some(rate) = config.throttle.of_lines() else { return Verdict::GoOn };
        let now = Instant::now();
        let wait = self.bucket.charge(cost(line), rate, now);
        if wait.is_zero() {
            self.since = None;
            return Verdict::GoOn;
        }
        let since = *self.since.get_or_insert(now);
        if now.saturating_duration_since(since) > config.throttle.flood {
            return Verdict::End;
        }
        Verdict::Wait(wait)
    }
}
