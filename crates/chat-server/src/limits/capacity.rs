//! How many connections the machine can hold. Each takes a thread and a descriptor.

/// Memory mappings of one thread: its stack, the guard below it, and as much again for what the
/// standard library does about stack overflows.
const MAPPINGS_PER_THREAD: u64 = 4;
/// Mappings that the process needs for everything else.
const MAPPINGS_RESERVED: u64 = 1000;
/// Threads of the server that are no connections, and a margin.
const THREADS_RESERVED: u64 = 64;
/// Descriptors that are no connections, and a margin.
const DESCRIPTORS_RESERVED: u64 = 64;

/// A bound the system sets, what it is called, and how many connections it leaves room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bound {
    pub(crate) name: &'static str,
    pub(crate) connections: u64,
}

impl Bound {
    /// `vm.max_map_count`: past it, a new thread aborts the process.
    pub(crate) fn mappings(max: u64) -> Self {
        let connections = max.saturating_sub(MAPPINGS_RESERVED) / MAPPINGS_PER_THREAD;
        Self { name: "vm.max_map_count", connections: connections.saturating_sub(THREADS_RESERVED) }
    }

    /// A bound on threads or on processes, which the kernel counts alike.
    pub(crate) fn threads(name: &'static str, max: u64) -> Self {
        Self { name, connections: max.saturating_sub(THREADS_RESERVED) }
    }

    /// A bound on open files.
    pub(crate) fn descriptors(name: &'static str, max: u64) -> Self {
        Self { name, connections: max.saturating_sub(DESCRIPTORS_RESERVED) }
    }
}

/// The tightest of several bounds.
pub(crate) fn tightest(bounds: impl IntoIterator<Item = Bound>) -> Option<Bound> {
    bounds.into_iter().min_by_key(|bound| bound.connections)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_defaults_leave_room_for_some_16_000() {
        let bounds = [
            Bound::mappings(65_530),
            Bound::threads("kernel.pid_max", 4_194_304),
            Bound::descriptors("RLIMIT_NOFILE", 1_048_576),
        ];
        let tightest = tightest(bounds).unwrap();
        assert_eq!((tightest.name, tightest.connections), ("vm.max_map_count", 16_068));
    }

    #[test]
    fn next_to_nothing_is_nothing() {
        assert_eq!(Bound::mappings(100).connections, 0);
        assert_eq!(Bound::descriptors("RLIMIT_NOFILE", 10).connections, 0);
    }
}
