//! The bytes of a connection, as they are or by TLS: one thread reads, another one writes.
//!
//! A TLS connection can't be split between threads, so both work on it under one lock. The socket is
//! read and written outside of it. Only the writer takes what is to be sent out of it, so that it
//! reaches the socket in its order; what the protocol itself has to say, the reader leaves to it.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustls::ClientConnection;

/// How long the server may take nothing before the connection counts as broken.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
const RAW_BYTES: usize = 16 * 1024;

/// A connection, for both threads.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: TcpStream,
    tls: Option<Mutex<ClientConnection>>,
}

/// What the reader keeps from one time to the next.
#[derive(Debug)]
pub(super) struct Raw {
    bytes: Box<[u8]>,
    unread: Range<usize>,
}

impl Default for Raw {
    fn default() -> Self {
        Self { bytes: vec![0; RAW_BYTES].into(), unread: 0..0 }
    }
}

impl Wire {
    /// A connection that is there, and by TLS if there is one. A read that takes longer than `tick`
    /// is an error.
    pub(super) fn new(
        stream: TcpStream,
        tls: Option<ClientConnection>,
        tick: Duration,
    ) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(tick))?;
        stream.set_write_timeout(Some(WRITE_TIMEOUT))?;
        Ok(Self { stream, tls: tls.map(Mutex::new) })
    }

    /// Whether others on the way can't read it.
    pub(crate) fn is_encrypted(&self) -> bool {
        self.tls.is_some()
    }

    /// Whether it stays on this machine.
    pub(crate) fn is_local(&self) -> bool {
        self.stream.peer_addr().is_ok_and(|peer| peer.ip().to_canonical().is_loopback())
    }

    /// Reads what the server says; 0 is its end. `protocol` is called when TLS itself has something
    /// to send.
    pub(super) fn read(
        &self,
        raw: &mut Raw,
        space: &mut [u8],
        protocol: impl Fn(),
    ) -> io::Result<usize> {
        let Some(tls) = &self.tls else { return (&self.stream).read(space) };
        loop {
            let (taken, has_more_to_say) = decrypt(&mut lock(tls), raw, space)?;
            if has_more_to_say {
                protocol();
            }
            if let Some(count) = taken {
                return Ok(count);
            }
            let count = (&self.stream).read(&mut raw.bytes)?;
            if count == 0 {
                return Ok(0);
            }
            raw.unread = 0..count;
        }
    }

    /// Sends these bytes, and what TLS itself has to send.
    pub(super) fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let Some(tls) = &self.tls else { return (&self.stream).write_all(bytes) };
        let mut out = Vec::new();
        {
            let mut tls = lock(tls);
            tls.writer().write_all(bytes)?;
            drain(&mut tls, &mut out)?;
        }
        (&self.stream).write_all(&out)
    }

    /// Says that nothing more will be sent. Only for the writer.
    pub(super) fn finish(&self) -> io::Result<()> {
        let Some(tls) = &self.tls else { return Ok(()) };
        let mut out = Vec::new();
        {
            let mut tls = lock(tls);
            tls.send_close_notify();
            drain(&mut tls, &mut out)?;
        }
        (&self.stream).write_all(&out)
    }

    /// Ends it for both threads.
    pub(super) fn close(&self) {
        // It fails where it is over already.
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}

/// Takes text that has come, and says whether something is to be sent. Bytes that were read from the
/// socket are taken as far as there is room for their text; `None` asks for more of them.
fn decrypt(
    tls: &mut ClientConnection,
    raw: &mut Raw,
    space: &mut [u8],
) -> io::Result<(Option<usize>, bool)> {
    loop {
        match tls.reader().read(space) {
            Ok(count) => return Ok((Some(count), tls.wants_write())),
            // Without TLS's own goodbye: IRC servers seldom say it.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok((Some(0), false)),
            Err(error) if error.kind() != ErrorKind::WouldBlock => return Err(error),
            Err(_) if raw.unread.is_empty() => return Ok((None, tls.wants_write())),
            Err(_) => {}
        }
        let mut unread = &raw.bytes[raw.unread.clone()];
        raw.unread.start += tls.read_tls(&mut unread)?;
        tls.process_new_packets().map_err(|error| io::Error::new(ErrorKind::InvalidData, error))?;
    }
}

fn drain(tls: &mut ClientConnection, out: &mut Vec<u8>) -> io::Result<()> {
    while tls.wants_write() {
        tls.write_tls(out)?;
    }
    Ok(())
}

/// A thread that panicked ends the connection, which is all that is done with it then.
fn lock(tls: &Mutex<ClientConnection>) -> MutexGuard<'_, ClientConnection> {
    tls.lock().unwrap_or_else(PoisonError::into_inner)
}
