//! The bytes of a connection, whether they are encrypted or not.
//!
//! One thread reads from a stream, its connection's own. One at a time sends: the connection's own
//! before there is an `Outbound` and after it is closed, and who has the writer's role in between.

use std::io::{self, IoSlice, Read};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::ioctl_fionread;
use rustix::net::{RecvFlags, SendAncillaryBuffer, SendFlags, recv, send, sendmsg};

use super::tls_stream::TlsStream;

/// What a peer may still send after the last words, in bytes.
const LINGER_BYTES_MAX: usize = 64 * 1024;
/// The kernel takes no timeout of zero for one.
const TIMEOUT_MIN: Duration = Duration::from_millis(1);

/// Nobody waits for a peer, and one that is gone is no signal.
const FLAGS: SendFlags = SendFlags::DONTWAIT.union(SendFlags::NOSIGNAL);

/// How bytes come and go.
pub(super) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream>),
}

impl Stream {
    pub(super) const fn tcp(&self) -> &TcpStream {
        match self {
            Self::Plain(tcp) => tcp,
            Self::Tls(tls) => tls.tcp(),
        }
    }

    /// Waits for bytes as long as the socket's read timeout says. 0 is the end; an error that
    /// [`is_timeout`] knows means that there are none yet.
    pub(super) fn read(&self, space: &mut [u8]) -> io::Result<usize> {
        match self {
            // The C library's way asks at every call whether the thread is to be cancelled.
            Self::Plain(tcp) => Ok(recv(tcp, space, RecvFlags::empty())?.0),
            Self::Tls(tls) => tls.read(space),
        }
    }

    /// Whether the peer has sent something that is not read yet.
    pub(super) fn has_input(&self) -> bool {
        let has_plaintext = match self {
            Self::Plain(_) => false,
            Self::Tls(tls) => tls.has_plaintext(),
        };
        has_plaintext || ioctl_fionread(self.tcp()).is_ok_and(|bytes| bytes > 0)
    }

    /// Whether there is something to [`Stream::flush`].
    pub(super) fn has_output(&self) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::Tls(tls) => tls.has_output(),
        }
    }

    /// Sends what can be sent without waiting; `WouldBlock` if that is nothing.
    pub(super) fn send(&self, bytes: &[IoSlice<'_>]) -> io::Result<usize> {
        match self {
            Self::Plain(tcp) => send_plain(tcp, bytes),
            Self::Tls(tls) => tls.send(bytes),
        }
    }

    /// Sends what [`Stream::send`] has taken and keeps; `WouldBlock` if the peer does not take it all.
    pub(super) fn flush(&self) -> io::Result<()> {
        match self {
            Self::Plain(_) => Ok(()),
            Self::Tls(tls) => tls.flush(),
        }
    }

    /// Waits for bytes until then.
    pub(super) fn read_until(&self, space: &mut [u8], until: Instant) -> io::Result<usize> {
        self.until(until, || self.read(space))
    }

    /// Waits until then for bytes as they are on the way.
    pub(super) fn read_ciphertext_until(
        &self,
        space: &mut [u8],
        until: Instant,
    ) -> io::Result<usize> {
        self.until(until, || self.tcp().read(space))
    }

    fn until(
        &self,
        until: Instant,
        mut read: impl FnMut() -> io::Result<usize>,
    ) -> io::Result<usize> {
        loop {
            let left = time_left(until)?;
            self.tcp().set_read_timeout(Some(left.max(TIMEOUT_MIN)))?;
            match read() {
                Err(error) if is_timeout(&error) => {}
                outcome => return outcome,
            }
        }
    }

    /// Writes everything, and waits for the peer until then.
    pub(super) fn write_until(&self, mut bytes: &[u8], until: Instant) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.send(&[IoSlice::new(bytes)]) {
                Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
                Err(error) if is_timeout(&error) => self.wait_for_room(until)?,
                Err(error) => return Err(error),
            }
        }
        self.flush_until(until)
    }

    /// Sends what was kept, and waits for the peer until then.
    pub(super) fn flush_until(&self, until: Instant) -> io::Result<()> {
        loop {
            match self.flush() {
                Err(error) if is_timeout(&error) => self.wait_for_room(until)?,
                outcome => return outcome,
            }
        }
    }

    /// Says that nothing more comes, then reads until the peer closes: closing with bytes unread
    /// would make the kernel throw away what was just written.
    pub(super) fn close(&self, until: Instant) -> io::Result<()> {
        if let Self::Tls(tls) = self {
            tls.end();
            self.flush_until(until)?;
        }
        self.tcp().shutdown(Shutdown::Write)?;
        let mut scratch = [0; 1024];
        let mut left = LINGER_BYTES_MAX;
        while left > 0 {
            self.tcp().set_read_timeout(Some(time_left(until)?.max(TIMEOUT_MIN)))?;
            match (&mut self.tcp()).read(&mut scratch)? {
                0 => break,
                count => left = left.saturating_sub(count),
            }
        }
        Ok(())
    }

    fn wait_for_room(&self, until: Instant) -> io::Result<()> {
        let left = Timespec::try_from(time_left(until)?).ok();
        poll(&mut [PollFd::new(self.tcp(), PollFlags::OUT)], left.as_ref())?;
        Ok(())
    }
}

/// Sends plain bytes as far as the socket takes them.
pub(super) fn send_plain(tcp: &TcpStream, bytes: &[IoSlice<'_>]) -> io::Result<usize> {
    Ok(match bytes {
        [bytes] => send(tcp, bytes, FLAGS)?,
        pieces => sendmsg(tcp, pieces, &mut SendAncillaryBuffer::default(), FLAGS)?,
    })
}

/// Whether nothing went wrong but that it would have to be waited.
pub(super) fn is_timeout(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted
    )
}

fn time_left(until: Instant) -> io::Result<Duration> {
    let left = until.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
}
