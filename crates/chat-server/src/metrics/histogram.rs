//! How long something takes, in classes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The upper ends of the classes, in seconds and as they are written. What takes longer is in a
/// class without an end.
pub(crate) const BOUNDS: [(f64, &str); 14] = [
    (0.000_1, "0.0001"),
    (0.000_25, "0.00025"),
    (0.000_5, "0.0005"),
    (0.001, "0.001"),
    (0.002_5, "0.0025"),
    (0.005, "0.005"),
    (0.01, "0.01"),
    (0.025, "0.025"),
    (0.05, "0.05"),
    (0.1, "0.1"),
    (0.25, "0.25"),
    (0.5, "0.5"),
    (1.0, "1"),
    (5.0, "5"),
];

/// Durations, counted by class.
#[derive(Debug, Default)]
pub(crate) struct Histogram {
    classes: [AtomicU64; BOUNDS.len() + 1],
    sum_micros: AtomicU64,
}

impl Histogram {
    pub(crate) fn observe(&self, duration: Duration) {
        let seconds = duration.as_secs_f64();
        let class = BOUNDS.partition_point(|(bound, _)| *bound < seconds);
        self.classes[class].fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        self.sum_micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// How many took so long at the most, for each of [`BOUNDS`] and at last for any duration.
    pub(crate) fn cumulative(&self) -> [u64; BOUNDS.len() + 1] {
        let mut sum = 0;
        self.classes.each_ref().map(|class| {
            sum += class.load(Ordering::Relaxed);
            sum
        })
    }

    pub(crate) fn sum_seconds(&self) -> f64 {
        Duration::from_micros(self.sum_micros.load(Ordering::Relaxed)).as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_belongs_to_its_class() {
        let histogram = Histogram::default();
        for micros in [100, 101, 250, 7_000_000] {
            histogram.observe(Duration::from_micros(micros));
        }
        let cumulative = histogram.cumulative();
        assert_eq!(cumulative[..3], [1, 3, 3]);
        assert_eq!(cumulative[13..], [3, 4]);
        assert!((histogram.sum_seconds() - 7.000_451).abs() < 1e-9);
    }

    #[test]
    fn bounds_are_written_as_they_are() {
        for (bound, text) in BOUNDS {
            assert!((text.parse::<f64>().unwrap() - bound).abs() < f64::EPSILON);
        }
        assert!(BOUNDS.is_sorted_by(|one, next| one.0 < next.0));
    }
}
