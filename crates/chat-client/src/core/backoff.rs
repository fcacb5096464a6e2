//! How long to wait before the next attempt to connect: longer each time, and by chance, so that the
//! clients of a server that comes back do not come all at once.

use std::time::Duration;

use jiff::SignedDuration;

/// The bound of the first wait. Each one after it is twice as high.
const FIRST_MAX: Duration = Duration::from_secs(1);
/// The highest bound.
const MAX: Duration = Duration::from_secs(60);
/// A connection that held for so long was a good one.
const HELD: SignedDuration = SignedDuration::from_secs(60);

/// Exponential backoff with full jitter.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    attempts: u32,
}

impl Backoff {
    /// The next wait, between nothing and the bound. `chance` is any number, as likely as any other.
    pub(super) fn wait(&mut self, chance: u32) -> Duration {
        let bound = self.bound();
        self.attempts = self.attempts.saturating_add(1);
        bound.mul_f64(f64::from(chance) / f64::from(u32::MAX))
    }

    /// A connection has ended after this time: the waits start anew if it was a good one.
    pub(super) fn ended_after(&mut self, time: SignedDuration) {
        if time >= HELD {
            self.attempts = 0;
        }
    }

    /// Whether the waits do not grow any more.
    pub(super) fn is_highest(&self) -> bool {
        self.bound() == MAX
    }

    fn bound(&self) -> Duration {
        2_u32.checked_pow(self.attempts).map_or(MAX, |times| (FIRST_MAX * times).min(MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_double_up_to_a_minute() {
        let mut backoff = Backoff::default();
        let seconds: Vec<u64> = (0..9).map(|_| backoff.wait(u32::MAX).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert!((0..100).all(|_| backoff.wait(0).is_zero()));
        assert!(backoff.is_highest());
    }

    #[test]
    fn chance_decides_how_much_of_the_bound_is_waited() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.wait(0), Duration::ZERO);
        let half = backoff.wait(u32::MAX / 2).as_secs_f64();
        assert!((half - 1.0).abs() < 0.01, "{half}");
        let quarter = backoff.wait(u32::MAX / 4).as_secs_f64();
        assert!((quarter - 1.0).abs() < 0.01, "{quarter}");
    }

    #[test]
    fn only_a_connection_that_held_starts_anew() {
        let mut backoff = Backoff::default();
        assert!((0..3).all(|_| backoff.wait(0).is_zero()));
        backoff.ended_after(HELD - SignedDuration::from_millis(1));
        assert_eq!(backoff.wait(u32::MAX).as_secs(), 8);
        backoff.ended_after(HELD);
        assert_eq!(backoff.wait(u32::MAX).as_secs(), 1);
    }
}
