//! A socket with a deadline for all that is said in a while, however slowly.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Instant;

/// Reads and writes until a point in time.
pub(super) struct Patient<'a> {
    pub(super) stream: &'a TcpStream,
    pub(super) end: Instant,
}

impl Patient<'_> {
    fn left(&self) -> io::Result<std::time::Duration> {
        let left = self.end.checked_duration_since(Instant::now());
        left.filter(|left| !left.is_zero()).ok_or_else(|| ErrorKind::TimedOut.into())
    }
}

impl Read for Patient<'_> {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(self.left()?))?;
        self.stream.read(space).map_err(late)
    }
}

impl Write for Patient<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(Some(self.left()?))?;
        self.stream.write(bytes).map_err(late)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Unix calls it by another name.
fn late(error: io::Error) -> io::Error {
    if error.kind() == ErrorKind::WouldBlock { ErrorKind::TimedOut.into() } else { error }
}
