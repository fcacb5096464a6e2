//! What the system allows this process.

use std::fs::read_to_string;
use std::path::{Path, PathBuf};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::limits::capacity::{Bound, tightest};

/// How many connections the system allows. Says so if it is not what the configuration asks for.
pub(super) fn connections_allowed(configured: Option<usize>) -> usize {
    let Some(bound) = tightest(bounds()) else {
        return configured.map_or(UNKNOWN_SYSTEM_MAX, |_| usize::MAX);
    };
    let allowed = usize::try_from(bound.connections).unwrap_or(usize::MAX);
    match configured {
        _ if allowed == 0 => log::error!("{} allows no connections: raise it", bound.name),
        Some(configured) if configured > allowed => log::warn!(
            "{} allows {allowed} connections, not {configured}: raise it for more",
            bound.name
        ),
        Some(_) => {}
        None => log::info!("Up to {allowed} connections ({} allows no more)", bound.name),
    }
    allowed
}

/// Where the system tells nothing.
const UNKNOWN_SYSTEM_MAX: usize = 4096;

fn bounds() -> Vec<Bound> {
    let sysctl = |path: &str| number(&PathBuf::from("/proc/sys").join(path));
    let files = raise_descriptor_limit();
    let mappings = sysctl("vm/max_map_count").map(Bound::mappings);
    let pids = sysctl("kernel/pid_max").map(|max| Bound::threads("kernel.pid_max", max));
    let threads = sysctl("kernel/threads-max").map(|max| Bound::threads("kernel.threads-max", max));
    let processes = getrlimit(Resource::Nproc).current;
    let processes = processes.map(|max| Bound::threads("RLIMIT_NPROC (ulimit -u)", max));
    let cgroup = cgroup_pids_max().map(|max| Bound::threads("the control group's pids.max", max));
    let files = files.map(|max| Bound::descriptors("RLIMIT_NOFILE (ulimit -n)", max));
    [mappings, pids, threads, processes, cgroup, files].into_iter().flatten().collect()
}

/// Every client takes a descriptor: the soft limit is raised to the hard one.
fn raise_descriptor_limit() -> Option<u64> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current == maximum {
        return current;
    }
    match setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        Ok(()) => maximum,
        Err(error) => {
            log::warn!("the limit of open files can't be raised: {error}");
            current
        }
    }
}

/// The tightest `pids.max` of the control group and those above it, in either version.
fn cgroup_pids_max() -> Option<u64> {
    let groups = read_to_string("/proc/self/cgroup").ok()?;
    let folder = |line: &str| {
        let mut parts = line.splitn(3, ':').skip(1);
        let (controllers, group) = (parts.next()?, parts.next()?.trim_start_matches('/'));
        match controllers {
            "" => Some(PathBuf::from("/sys/fs/cgroup").join(group)),
            "pids" => Some(PathBuf::from("/sys/fs/cgroup/pids").join(group)),
            _ => None,
        }
    };
    let folders: Vec<PathBuf> = groups.lines().filter_map(folder).collect();
    let files = folders.iter().flat_map(|folder| folder.ancestors());
    files.filter_map(|folder| number(&folder.join("pids.max"))).min()
}

/// The number a file holds; `None` for one that is missing or says `max`.
fn number(path: &Path) -> Option<u64> {
    read_to_string(path).ok()?.trim().parse().ok()
}
