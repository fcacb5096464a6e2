//! A token bucket: so much at one time, and so much in the long run.

use std::time::{Duration, Instant};

/// How much a bucket holds, and how fast it fills up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    /// How long a token takes to come.
    token: Duration,
    /// How long it takes from empty to full.
    all: Duration,
}

impl Rate {
    /// `tokens` in each `period`, and up to `burst` at one time.
    pub(crate) fn new(tokens: u32, period: Duration, burst: u32) -> Self {
        let token = period / tokens.max(1);
        Self { token, all: token.saturating_mul(burst) }
    }

    /// So many in each period, which may all come at one time.
    pub(crate) fn within(tokens: u32, period: Duration) -> Self {
        Self::new(tokens, period, tokens)
    }
}

/// One bucket, full at first. It takes the time it needs to be full again for what is missing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Bucket {
    full_at: Option<Instant>,
}

impl Bucket {
    /// Takes one token. If there is none, nothing is taken, and the error says how long it takes until
    /// there is one.
    pub(crate) fn take(&mut self, rate: Rate, now: Instant) -> Result<(), Duration> {
        let missing = self.missing(now).saturating_add(rate.token);
        let wait = missing.saturating_sub(rate.all);
        // A bucket that holds less than a token gives one when it is full.
        if !wait.is_zero() && missing > rate.token {
            return Err(wait);
        }
        self.full_at = now.checked_add(missing);
        Ok(())
    }

    /// Takes tokens that may not have come yet; says how long it takes until they have.
    pub(crate) fn charge(&mut self, tokens: u32, rate: Rate, now: Instant) -> Duration {
        let missing = self.missing(now).saturating_add(rate.token.saturating_mul(tokens));
        self.full_at = now.checked_add(missing);
        missing.saturating_sub(rate.all)
    }

    /// Whether it is as if nothing had ever been taken.
    pub(crate) fn is_full(self, now: Instant) -> bool {
        self.missing(now).is_zero()
    }

    fn missing(self, now: Instant) -> Duration {
        self.full_at.map_or(Duration::ZERO, |at| at.saturating_duration_since(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_burst_and_then_one_after_the_other() {
        let (rate, start) = (Rate::new(2, SECOND, 3), Instant::now());
        let mut bucket = Bucket::default();
        assert!((0..3).all(|_| bucket.take(rate, start).is_ok()));
        assert_eq!(bucket.take(rate, start), Err(SECOND / 2));
        assert_eq!(bucket.take(rate, start + SECOND / 4), Err(SECOND / 4));
        assert_eq!(bucket.take(rate, start + SECOND / 2), Ok(()));
        assert!(!bucket.is_full(start + SECOND) && bucket.is_full(start + 2 * SECOND));
    }

    #[test]
    fn what_is_charged_is_waited_for() {
        let (rate, start) = (Rate::new(10, SECOND, 5), Instant::now());
        let mut bucket = Bucket::default();
        assert_eq!(bucket.charge(5, rate, start), Duration::ZERO);
        assert_eq!(bucket.charge(3, rate, start), SECOND * 3 / 10);
        assert_eq!(bucket.charge(1, rate, start + SECOND * 3 / 10), SECOND / 10);
    }

    #[test]
    fn what_never_comes_is_no_panic() {
        let rate = Rate::new(1, Duration::MAX, u32::MAX);
        let mut bucket = Bucket::default();
        bucket.charge(u32::MAX, rate, Instant::now());
        let empty = Rate::new(0, SECOND, 0);
        assert!(Bucket::default().take(empty, Instant::now()).is_ok());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn never_more_than_the_burst_and_what_has_come_since(
            tokens in 1_u32..50,
            period in 1_u64..10_000,
            burst in 1_u32..50,
            pauses in prop::collection::vec(0_u64..3000, 1..200),
        ) {
            let rate = Rate::new(tokens, Duration::from_millis(period), burst);
            let (mut bucket, mut now) = (Bucket::default(), Instant::now());
            let mut taken = Vec::new();
            for pause in pauses {
                now += Duration::from_millis(pause);
                match bucket.take(rate, now) {
                    Ok(()) => taken.push(now),
                    Err(wait) => {
                        let mut later = bucket;
                        prop_assert!(later.take(rate, now + wait).is_ok());
                    }
                }
            }
            for (at, first) in taken.iter().enumerate() {
                for (count, last) in (1_u32..).zip(&taken[at..]) {
                    let came = (*last - *first).as_nanos() / rate.token.as_nanos().max(1);
                    prop_assert!(u128::from(count) <= u128::from(burst) + came + 1);
                }
            }
        }

        #[test]
        fn who_waits_as_long_as_it_is_told_is_never_faster(
            costs in prop::collection::vec(1_u32..40, 1..200),
            burst in 1_u32..60,
        ) {
            let rate = Rate::new(20, SECOND, burst);
            let (mut bucket, start) = (Bucket::default(), Instant::now());
            let (mut now, mut spent) = (start, 0);
            for cost in costs {
                now += bucket.charge(cost, rate, now);
                spent += cost;
                let come = burst + u32::try_from((now - start).as_millis() / 50).unwrap();
                prop_assert!(spent <= come + 1);
            }
        }
    }
}
