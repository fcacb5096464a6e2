//! Slowing down who says too much at once.

use std::time::{Duration, Instant};

use crate::commands::cost;
use crate::limits::bucket::Bucket;
use crate::server::Server;
use crate::state::session::Session;

use super::transport::Came;

/// Bytes that count as much as a line.
const LINE_BYTES: usize = 1024;

/// How fast one connection goes.
#[derive(Default)]
pub(super) struct Flood {
    bucket: Bucket,
    /// Since when it has been too fast without a break.
    since: Option<Instant>,
    /// Bytes that have come and that no line was counted for: the rest of long lines, lines without an
    /// end, and what WebSocket adds.
    loose_bytes: usize,
    control_frames: u32,
}

/// What a line has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    GoOn,
    Wait(Duration),
    /// It has gone on for too long.
    End,
}

impl Flood {
    /// Takes note of what has come, lines or not.
    pub(super) fn came(&mut self, came: &Came) {
        self.loose_bytes = self.loose_bytes.saturating_add(came.all);
        self.control_frames = self.control_frames.saturating_add(came.control_frames);
    }

    /// Whether it may be as fast as it likes. What it has sent so far is then forgiven: it may be limited
    /// again after another look at the configuration.
    pub(super) fn is_free(&mut self, server: &Server, session: &Session) -> bool {
        let is_free = server.config().throttle.is_exempt(session.peer().ip())
            || session.user().is_some_and(|user| user.profile().modes.oper);
        if is_free {
            *self = Self::default();
        }
        is_free
    }

    /// Before a line is handled.
    pub(super) fn meet(&mut self, line: &str, server: &Server) -> Verdict {
        let counted = (line.len() + "\r\n".len()).min(LINE_BYTES - 1);
        self.loose_bytes = self.loose_bytes.saturating_sub(counted);
        self.charge(cost(line), server)
    }

    /// When the lines that have come are handled: what came besides counts as well.
    pub(super) fn meet_rest(&mut self, server: &Server) -> Verdict {
        let lines = u32::try_from(self.loose_bytes / LINE_BYTES).unwrap_or(u32::MAX);
        self.loose_bytes %= LINE_BYTES;
        let lines = lines.saturating_add(std::mem::take(&mut self.control_frames));
        if lines == 0 { Verdict::GoOn } else { self.charge(lines, server) }
    }

    fn charge(&mut self, lines: u32, server: &Server) -> Verdict {
        let config = server.config();
        let Some(rate) = config.throttle.of_lines() else { return Verdict::GoOn };
        let now = Instant::now();
        let wait = self.bucket.charge(lines, rate, now);
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
