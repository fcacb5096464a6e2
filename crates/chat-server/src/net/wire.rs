//! How bytes leave over plain TCP, and how a connection ends.

use std::io::{self, IoSlice, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chat_protocol::LineWriter;
use rustix::net::{SendAncillaryBuffer, SendFlags, send, sendmsg};

use crate::outbound::{Outbound, Wire};
use crate::server::Server;

use super::drainer::Drainer;

/// How long the last words to a peer may take.
const FAREWELL_TIMEOUT: Duration = Duration::from_secs(1);
/// What a peer may still send after the last words, in bytes.
const LINGER_BYTES_MAX: usize = 64 * 1024;

/// Nobody waits for a peer, and one that is gone is no signal.
const FLAGS: SendFlags = SendFlags::DONTWAIT.union(SendFlags::NOSIGNAL);

/// A plain TCP connection.
pub(super) struct TcpWire {
    pub(super) stream: TcpStream,
    pub(super) drainer: Arc<Drainer>,
}

impl Wire for TcpWire {
    fn send(&self, bytes: &[IoSlice<'_>]) -> io::Result<usize> {
        Ok(match bytes {
            [bytes] => send(&self.stream, bytes, FLAGS)?,
            pieces => sendmsg(&self.stream, pieces, &mut SendAncillaryBuffer::default(), FLAGS)?,
        })
    }

    fn park(&self, outbound: Arc<Outbound>) {
        if let Err(error) = self.drainer.park(&self.stream, outbound) {
            log::warn!("a slow client can't be waited for: {error}");
            self.wake_reader();
        }
    }

    fn wake_reader(&self) {
        let _ = self.stream.shutdown(Shutdown::Read);
    }
}

/// Writes the last bytes, then reads until the peer closes: closing with bytes unread would make
/// the kernel throw away what was just written.
pub(super) fn linger(mut stream: &TcpStream, last: &[u8]) -> io::Result<()> {
    let until = Instant::now() + FAREWELL_TIMEOUT;
    write_until(stream, last, until)?;
    stream.shutdown(Shutdown::Write)?;
    let mut scratch = [0; 1024];
    let mut left = LINGER_BYTES_MAX;
    while left > 0 {
        let wait = until.saturating_duration_since(Instant::now());
        if wait.is_zero() {
            break;
        }
        stream.set_read_timeout(Some(wait.max(Duration::from_millis(1))))?;
        match stream.read(&mut scratch)? {
            0 => break,
            count => left = left.saturating_sub(count),
        }
    }
    Ok(())
}

fn write_until(mut stream: &TcpStream, mut bytes: &[u8], until: Instant) -> io::Result<()> {
    while !bytes.is_empty() {
        let wait = until.saturating_duration_since(Instant::now());
        stream.set_write_timeout(Some(wait.max(Duration::from_millis(1))))?;
        bytes = &bytes[stream.write(bytes)?..];
        if wait.is_zero() && !bytes.is_empty() {
            return Err(io::ErrorKind::TimedOut.into());
        }
    }
    Ok(())
}

/// Tells a peer why it is not let in, as far as that needs no waiting.
pub(super) fn refuse(stream: &TcpStream, server: &Server, reason: &str) {
    let line = error_line(&format!("Closing Link: {} ({reason})", server.name()), None);
    // The listener does not wait for whom it refuses.
    let _ = send(stream, line.as_bytes(), FLAGS);
    let _ = stream.shutdown(Shutdown::Write);
}

/// `ERROR :text`, with the label of the command it answers.
pub(super) fn error_line(text: &str, label: Option<&str>) -> String {
    let mut line = String::new();
    let mut writer = LineWriter::new(&mut line);
    if label.is_some() {
        writer.tag("label", label);
    }
    writer.command("ERROR").trailing(text).end();
    line
}
