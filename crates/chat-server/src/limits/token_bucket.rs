//! How fast somebody may go on after a burst.

use std::time::{Duration, Instant};

/// Holds tokens up to a burst, and gets new ones all the time. What is taken beyond them has to be waited
/// for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TokenBucket {
    /// Tokens; less than none while what was taken is waited for.
    tokens: f64,
    counted: Instant,
}

/// A burst and a rate, in tokens and tokens a second. No limit, if the rate is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pace {
    pub(crate) burst: u32,
    pub(crate) per_second: u32,
}

impl TokenBucket {
    /// A full one.
    pub(crate) fn new(pace: Pace, now: Instant) -> Self {
        Self { tokens: f64::from(pace.burst), counted: now }
    }

    /// Takes tokens, and says how long that has to be waited for.
    pub(crate) fn take(&mut self, tokens: u32, pace: Pace, now: Instant) -> Duration {
        if pace.per_second == 0 {
            return Duration::ZERO;
        }
        let rate = f64::from(pace.per_second);
        let gained = now.saturating_duration_since(self.counted).as_secs_f64() * rate;
        self.counted = self.counted.max(now);
        self.tokens = (self.tokens + gained).min(f64::from(pace.burst)) - f64::from(tokens);
        Duration::from_secs_f64((-self.tokens / rate).max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{ProptestConfig, prop_assert, proptest};

    const PACE: Pace = Pace { burst: 3, per_second: 2 };

    #[test]
    fn a_burst_is_free_and_what_comes_after_it_is_not() {
        let start = Instant::now();
        let mut bucket = TokenBucket::new(PACE, start);
        let waits: Vec<_> = (0..5).map(|_| bucket.take(1, PACE, start).as_millis()).collect();
        assert_eq!(waits, [0, 0, 0, 500, 1000]);
        let later = start + Duration::from_secs(60);
        let waits: Vec<_> = (0..4).map(|_| bucket.take(1, PACE, later).as_millis()).collect();
        assert_eq!(waits, [0, 0, 0, 500]);
        let free = Pace { burst: 0, per_second: 0 };
        assert_eq!(bucket.take(1000, free, later), Duration::ZERO);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn who_waits_is_never_faster_than_allowed(
            steps in proptest::collection::vec((1..5_u32, 0..2000_u64), 1..60),
        ) {
            let start = Instant::now();
            let mut bucket = TokenBucket::new(PACE, start);
            let (mut now, mut taken) = (start, 0);
            for (tokens, pause) in steps {
                now += bucket.take(tokens, PACE, now);
                taken += tokens;
                let allowed = f64::from(PACE.burst)
                    + (now - start).as_secs_f64() * f64::from(PACE.per_second);
                prop_assert!(f64::from(taken) <= allowed + 1e-6);
                now += Duration::from_millis(pause);
            }
        }
    }
}
