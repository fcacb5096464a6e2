//! What the kernel says of a process: `/proc/PID`.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, ensure};

/// Fields of `/proc/PID/stat` behind the name: proc(5) counts from 1 and the third comes first.
const UTIME: usize = 14 - 3;
const STIME: usize = 15 - 3;

/// A process that is looked at.
#[derive(Debug, Clone)]
pub(crate) struct Process {
    folder: PathBuf,
}

/// What a process takes, in KiB and in numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    pub(crate) rss_kib: u64,
    pub(crate) pss_kib: u64,
    pub(crate) threads: u64,
    pub(crate) descriptors: u64,
}

impl Process {
    pub(crate) fn new(pid: u32) -> anyhow::Result<Self> {
        let process = Self { folder: PathBuf::from(format!("/proc/{pid}")) };
        ensure!(process.folder.is_dir(), "there is no process {pid}");
        Ok(process)
    }

    pub(crate) fn own() -> Self {
        Self { folder: PathBuf::from("/proc/self") }
    }

    /// The time all its threads have run, those that have ended included.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        let ticks = cpu_ticks(&self.read("stat")?).context("/proc/PID/stat can't be read")?;
        let per_second = rustix::param::clock_ticks_per_second();
        Ok(Duration::from_secs(ticks) / u32::try_from(per_second)?)
    }

    pub(crate) fn usage(&self) -> anyhow::Result<Usage> {
        let status = self.read("status")?;
        // Only for the owner of the process; without it, shared pages count as its own.
        let shares = self.read("smaps_rollup").unwrap_or_default();
        let rss_kib = rss_kib(&status)?;
        let descriptors = fs::read_dir(self.folder.join("fd")).map_or(0, Iterator::count);
        Ok(Usage {
            rss_kib,
            pss_kib: number(&shares, "Pss:").unwrap_or(rss_kib),
            threads: number(&status, "Threads:").unwrap_or_default(),
            descriptors: descriptors as u64,
        })
    }

    /// Cheaper than all of its usage.
    pub(crate) fn rss_kib(&self) -> anyhow::Result<u64> {
        rss_kib(&self.read("status")?)
    }

    fn read(&self, name: &str) -> anyhow::Result<String> {
        let path = self.folder.join(name);
        fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))
    }
}

/// utime and stime of `/proc/PID/stat`. The name in it may have spaces and parentheses.
fn cpu_ticks(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let fields: Vec<_> = fields.split(' ').collect();
    let ticks = |field: usize| fields.get(field)?.parse::<u64>().ok();
    Some(ticks(UTIME)? + ticks(STIME)?)
}

fn rss_kib(status: &str) -> anyhow::Result<u64> {
    number(status, "VmRSS:").context("the process has ended")
}

/// The number behind a key at the beginning of a line.
fn number(text: &str, key: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_and_system_time_are_found_behind_any_name() {
        let stat = "42 (a ) b) S 1 42 42 0 -1 4194368 54 0 0 0 86 7 1 2 20 0 1 0 466836";
        assert_eq!(cpu_ticks(stat), Some(93));
    }

    #[test]
    fn numbers_of_status() {
        let status = "Name:\tx\nVmRSS:\t    1234 kB\nThreads:\t7\n";
        assert_eq!(number(status, "VmRSS:"), Some(1234));
        assert_eq!(number(status, "Threads:"), Some(7));
        assert_eq!(number(status, "Pss:"), None);
    }

    #[test]
    fn this_process_can_be_looked_at() {
        let process = Process::own();
        assert!(process.cpu().unwrap() < Duration::from_secs(3600));
        let usage = process.usage().unwrap();
        assert!(usage.rss_kib > 0 && usage.pss_kib > 0 && usage.threads > 0);
        assert!(usage.descriptors > 0);
    }
}
