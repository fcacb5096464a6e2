//! Who is turned away is counted, and the log says so now and then.

use std::fmt;
use std::time::Instant;

use log::Level;

use crate::limits::refusal_log::PAUSE;
use crate::metrics::Refusal;

use super::Server;

impl Server {
    /// Counts a refusal, and logs it unless one for this reason was logged a moment ago.
    pub(crate) fn refused(
        &self,
        refusal: Refusal,
        whom: &dyn fmt::Display,
        why: &dyn fmt::Display,
    ) {
        self.metrics.refusals.count(refusal);
        if self.refusal_log.may_say(refusal, Instant::now()) {
            log::log!(level(refusal), "{whom} refused: {why}");
        }
    }

    /// Logs how many were not.
    pub(crate) fn tell_left_out(&self) {
        for (refusal, count) in self.refusal_log.take_left_out(Instant::now()) {
            let (seconds, reason) = (PAUSE.as_secs(), refusal.reason());
            log::log!(level(refusal), "{count} more refused in {seconds} seconds: {reason}");
        }
    }
}

/// What an administrator may have to do something about is a warning.
const fn level(refusal: Refusal) -> Level {
    match refusal {
        Refusal::ServerFull | Refusal::OutOfThreads | Refusal::Proxy | Refusal::Webirc => {
            Level::Warn
        }
        _ => Level::Info,
    }
}
