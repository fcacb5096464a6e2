//! Faults on purpose, in builds for tests: what happens if a thread panics here, if the clock jumps?
//!
//! Only with the feature `fault-injection`, which no release has. A test names a folder in
//! `CHAT_SERVER_FAULTS` and puts a file into it that is called as the point: who passes there next takes
//! the file away and panics.

#[cfg(feature = "fault-injection")]
mod on_purpose {
    use std::fs;
    use std::path::PathBuf;

    const FOLDER: &str = "CHAT_SERVER_FAULTS";

    fn file(name: &str) -> Option<PathBuf> {
        std::env::var_os(FOLDER).map(|folder| PathBuf::from(folder).join(name))
    }

    /// Panics if a test wants it.
    #[track_caller]
    pub(crate) fn point(name: &str) {
        let is_wanted = file(name).is_some_and(|file| fs::remove_file(file).is_ok());
        assert!(!is_wanted, "the fault {name:?} was asked for");
    }

    /// By how many microseconds the clock is ahead of the system's, or behind it.
    pub(crate) fn clock_offset() -> i64 {
        let text = file("clock").and_then(|file| fs::read_to_string(file).ok());
        text.and_then(|text| text.trim().parse().ok()).unwrap_or(0)
    }
}

#[cfg(not(feature = "fault-injection"))]
mod on_purpose {
    #[inline(always)]
    pub(crate) const fn point(_: &str) {}

    #[inline(always)]
    pub(crate) const fn clock_offset() -> i64 {
        0
    }
}

pub(crate) use on_purpose::{clock_offset, point};
