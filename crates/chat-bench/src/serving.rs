//! Waiting for a server that is being started.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::Context as _;

/// How long it may take to become quiet after it has served.
const SETTLE: Duration = Duration::from_millis(100);

/// A server listens before it has all its threads, files and memory. One that says goodbye has them.
pub(crate) fn wait_until_it_serves(address: SocketAddr, deadline: Instant) -> anyhow::Result<()> {
    let mut visitor = TcpStream::connect(address).context("can't connect")?;
    let left = deadline.saturating_duration_since(Instant::now()).max(SETTLE);
    visitor.set_read_timeout(Some(left))?;
    visitor.write_all(b"QUIT\r\n")?;
    // Some reset the connection: they serve as well.
    let _ = visitor.read_to_end(&mut Vec::new());
    std::thread::sleep(SETTLE);
    Ok(())
}
