//! The process, by the names that Prometheus' own libraries use.

use std::fs;

use rustix::process::{Resource, getrlimit};
use rustix::time::{ClockId, clock_gettime};

use crate::metrics::{Exposition, Kind};

/// Adds what the system tells; what it does not tell is left out.
pub(super) fn write(out: &mut Exposition) {
    let mut gauge = |name: &str, help: &str, value: Option<u64>| {
        if let Some(value) = value {
            out.value(Kind::Gauge, name, help, value);
        }
    };
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let resident = kibibytes(&status, "VmRSS");
    gauge("process_resident_memory_bytes", "Memory in use.", resident);
    let virtual_size = kibibytes(&status, "VmSize");
    gauge("process_virtual_memory_bytes", "Memory that is reserved.", virtual_size);
    gauge("process_threads", "Threads.", number(&status, "Threads"));
    let descriptors = fs::read_dir("/proc/self/fd").ok().map(|folder| folder.count() as u64);
    gauge("process_open_fds", "Open file descriptors.", descriptors);
    let descriptors_max = getrlimit(Resource::Nofile).current;
    gauge("process_max_fds", "How many file descriptors may be open.", descriptors_max);
    let cpu = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = cpu.tv_sec as f64 + cpu.tv_nsec as f64 / 1e9;
    out.value(Kind::Counter, "process_cpu_seconds_total", "CPU time used.", seconds);
}

fn kibibytes(status: &str, name: &str) -> Option<u64> {
    number(status, name).map(|kibibytes| kibibytes * 1024)
}

/// The first number of a line of `/proc/self/status`.
fn number(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_of_a_process() {
        let status = "Name:\tchat\nVmSize:\t    1234 kB\nVmRSS:\t  5 kB\nThreads:\t7\n";
        assert_eq!(kibibytes(status, "VmRSS"), Some(5120));
        assert_eq!(kibibytes(status, "VmSize"), Some(1234 * 1024));
        assert_eq!(number(status, "Threads"), Some(7));
        assert_eq!(number(status, "Thread"), None);
    }
}
