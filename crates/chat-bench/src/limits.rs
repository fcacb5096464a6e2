//! A connection takes a descriptor.

use anyhow::{Context as _, ensure};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors besides those of connections.
const OTHERS: usize = 32;

/// Raises the soft limit to the hard one, and checks that it is enough.
pub(crate) fn raise_descriptors(connections: usize) -> anyhow::Result<()> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })
        .context("can't raise the limit of open files")?;
    let enough = maximum.is_none_or(|maximum| (connections + OTHERS) as u64 <= maximum);
    ensure!(enough, "{connections} connections need a higher limit of open files (ulimit -Hn)");
    Ok(())
}
