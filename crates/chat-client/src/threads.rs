//! Threads of this client have a name and a stack they can do with.

use std::io;
use std::thread::Builder;

const STACK_BYTES: usize = 256 * 1024;

/// Starts one that nobody waits for: it ends with what it serves, or with the process.
pub(crate) fn start(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<()> {
    Builder::new().name(name.to_owned()).stack_size(STACK_BYTES).spawn(run)?;
    Ok(())
}
