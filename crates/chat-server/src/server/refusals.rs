//! Who is turned away is counted, and the log says so now and then.

use std::fmt;
use std::time::Instant;

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
            log::warn!("{whom} refused: {why}");
        }
    }

    /// Logs how many were not.
    pub(crate) fn tell_left_out(&self) {
        for (refusal, count) in self.refusal_log.take_left_out(Instant::now()) {
            let (seconds, reason) = (PAUSE.as_secs(), refusal.reason());
            log::warn!("{count} more refused in {seconds} seconds: {reason}");
        }
    }
}
