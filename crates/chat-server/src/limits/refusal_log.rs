//! What is refused is said in the log, and whoever is refused a thousand times does not fill it.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::lock::lock;
use crate::metrics::Refusal;

/// How long nothing more is said about a reason.
pub(crate) const PAUSE: Duration = Duration::from_secs(5);

/// One line about each reason, and then how many more there were, as often as [`PAUSE`] allows.
#[derive(Debug, Default)]
pub(crate) struct RefusalLog(Mutex<[Slot; Refusal::ALL.len()]>);

#[derive(Debug, Default)]
struct Slot {
    /// Nothing is said before.
    until: Option<Instant>,
    left_out: u64,
}

impl RefusalLog {
    /// Whether this one is logged; if not, it is counted.
    pub(crate) fn may_say(&self, refusal: Refusal, now: Instant) -> bool {
        let slot = &mut lock(&self.0)[refusal as usize];
        let is_over = slot.until.is_none_or(|until| until <= now);
        // What was left out is said first.
        if !is_over || slot.left_out > 0 {
            slot.left_out = slot.left_out.saturating_add(1);
            return false;
        }
        slot.until = now.checked_add(PAUSE);
        true
    }

    /// How many were left out, of each reason about which something may be said again.
    pub(crate) fn take_left_out(&self, now: Instant) -> Vec<(Refusal, u64)> {
        let mut slots = lock(&self.0);
        let mut left_out = Vec::new();
        for (slot, refusal) in slots.iter_mut().zip(Refusal::ALL) {
            if slot.left_out > 0 && slot.until.is_none_or(|until| until <= now) {
                left_out.push((*refusal, std::mem::take(&mut slot.left_out)));
                slot.until = now.checked_add(PAUSE);
            }
        }
        left_out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_and_then_how_many_more() {
        let (log, start) = (RefusalLog::default(), Instant::now());
        assert!(log.may_say(Refusal::ServerFull, start));
        assert!((0..1000).all(|_| !log.may_say(Refusal::ServerFull, start)));
        assert!(log.may_say(Refusal::Flood, start), "each reason has its own");
        assert_eq!(log.take_left_out(start), []);
        let later = start + PAUSE;
        assert!(!log.may_say(Refusal::ServerFull, later), "what was left out comes first");
        assert_eq!(log.take_left_out(later), [(Refusal::ServerFull, 1001)]);
        assert!(!log.may_say(Refusal::ServerFull, later));
        assert_eq!(log.take_left_out(later + PAUSE), [(Refusal::ServerFull, 1)]);
        assert!(log.may_say(Refusal::ServerFull, later + 2 * PAUSE));
    }
}
