//! A number that many threads add to and hardly anybody reads.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Parts of a counter. Threads beyond that share.
const PARTS: usize = 16;

/// The sum of parts, each on cache lines of its own: threads that add at the same time do not take
/// the memory away from each other.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    parts: [Part; PARTS],
}

// Two lines of 64 bytes: processors fetch them in pairs.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Part(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, count: usize) {
        self.parts[PART.with(|part| *part)].0.fetch_add(count as u64, Ordering::Relaxed);
    }

    pub(crate) fn sum(&self) -> u64 {
        self.parts.iter().map(|part| part.0.load(Ordering::Relaxed)).sum()
    }
}

static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// Threads take turns.
    static PART: usize = THREADS.fetch_add(1, Ordering::Relaxed) % PARTS;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn nothing_is_lost_between_threads() {
        let counter = Counter::default();
        thread::scope(|scope| {
            for _ in 0..2 * PARTS {
                let count = || (0..1000).for_each(|_| counter.add(3));
                thread::Builder::new().spawn_scoped(scope, count).unwrap();
            }
        });
        assert_eq!(counter.sum(), 2 * PARTS as u64 * 3000);
    }
}
