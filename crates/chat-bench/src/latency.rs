//! How long things took.

use std::time::Duration;

use hdrhistogram::Histogram;

use crate::report::Report;

/// Digits that are kept of every value.
const DIGITS: u8 = 3;

/// A distribution of durations.
pub(crate) struct Latencies(Histogram<u64>);

/// What a distribution is called in a report.
pub(crate) struct Named {
    pub(crate) p50: &'static str,
    pub(crate) p99: &'static str,
    pub(crate) max: &'static str,
}

impl Latencies {
    pub(crate) fn new() -> Self {
        Self(Histogram::new(DIGITS).expect("three digits are possible"))
    }

    pub(crate) fn record(&mut self, latency: Duration) {
        self.0 += u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX);
    }

    /// Adds what others took.
    pub(crate) fn add(&mut self, others: &Self) {
        self.0 += &others.0;
    }

    pub(crate) fn clear(&mut self) {
        // What is called clear there keeps the largest.
        self.0.reset();
    }

    pub(crate) fn quantile(&self, quantile: f64) -> Duration {
        Duration::from_nanos(self.0.value_at_quantile(quantile))
    }

    pub(crate) fn report(&self, report: &mut Report, named: &Named) {
        report.micros(named.p50, self.quantile(0.50));
        report.micros(named.p99, self.quantile(0.99));
        report.micros(named.max, Duration::from_nanos(self.0.max()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_keep_three_digits() {
        let mut latencies = Latencies::new();
        for micros in 1..=1000 {
            latencies.record(Duration::from_micros(micros));
        }
        let p99 = latencies.quantile(0.99).as_secs_f64() * 1e6;
        assert!((989.0..992.0).contains(&p99), "{p99}");
        latencies.clear();
        assert_eq!(latencies.quantile(0.99), Duration::ZERO);
    }

    #[test]
    fn what_is_cleared_leaves_no_maximum() {
        let (mut one, mut other) = (Latencies::new(), Latencies::new());
        one.record(Duration::from_secs(9));
        one.clear();
        other.record(Duration::from_millis(1));
        one.add(&other);
        assert_eq!(one.0.len(), 1);
        assert!(one.0.max() < 2_000_000, "{}", one.0.max());
    }
}
