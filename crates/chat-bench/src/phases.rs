//! How a run's time is divided.

use std::time::{Duration, Instant};

use anyhow::ensure;

const WARM_UP_MAX: Duration = Duration::from_secs(1);
const DRAIN_MAX: Duration = Duration::from_secs(3);

/// The moments of a run whose connections are ready.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Phases {
    pub(crate) measure_from: Instant,
    pub(crate) measure_to: Instant,
    /// What has not come by now is lost.
    pub(crate) end: Instant,
}

impl Phases {
    /// Divides what is left: up to a fifth to warm up, up to a fifth to let the last messages
    /// arrive, the rest to measure.
    pub(crate) fn of(now: Instant, end: Instant) -> anyhow::Result<Self> {
        let left = end.saturating_duration_since(now);
        ensure!(!left.is_zero(), "no time left to measure: give it more --seconds");
        let measure_from = now + (left / 5).min(WARM_UP_MAX);
        let measure_to = end - (left / 5).min(DRAIN_MAX);
        Ok(Self { measure_from, measure_to, end })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_run_is_divided() {
        let now = Instant::now();
        let phases = Phases::of(now, now + Duration::from_millis(500)).unwrap();
        assert_eq!(phases.measure_from, now + Duration::from_millis(100));
        assert_eq!(phases.measure_to - phases.measure_from, Duration::from_millis(300));
    }

    #[test]
    fn a_long_run_measures_nearly_all_the_time() {
        let now = Instant::now();
        let phases = Phases::of(now, now + Duration::from_mins(1)).unwrap();
        assert_eq!(phases.measure_to - phases.measure_from, Duration::from_secs(56));
    }

    #[test]
    fn without_time_there_is_no_run() {
        let now = Instant::now();
        assert!(Phases::of(now, now).is_err());
    }
}
