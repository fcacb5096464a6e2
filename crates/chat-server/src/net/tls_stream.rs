//! TLS over TCP.
//!
//! The state of the connection is behind a lock that nothing waits under: the connection's own thread
//! waits for bytes before it takes it, and what is sent under it is what the socket takes at once.
//! Ciphertext leaves in the order in which it was made, whoever sends it.

use std::io::{self, IoSlice, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use rustls::{ServerConfig, ServerConnection};

use crate::lock::lock;

use super::stream::{is_timeout, send_plain};

/// A TCP connection and what encrypts it.
pub(super) struct TlsStream {
    tcp: TcpStream,
    state: Mutex<State>,
}

struct State {
    session: ServerConnection,
    /// What was decrypted and did not fit where it was wanted, from `read` on.
    plaintext: Vec<u8>,
    read: usize,
}

impl TlsStream {
    /// Nothing has been said yet.
    pub(super) fn new(tcp: TcpStream, config: Arc<ServerConfig>) -> io::Result<Self> {
        let session = ServerConnection::new(config).map_err(io::Error::other)?;
        Ok(Self { tcp, state: Mutex::new(State { session, plaintext: Vec::new(), read: 0 }) })
    }

    pub(super) const fn tcp(&self) -> &TcpStream {
        &self.tcp
    }

    /// Takes in bytes that have come already. Who is to answer calls [`TlsStream::flush`].
    pub(super) fn take_in(&self, bytes: &[u8]) -> io::Result<()> {
        lock(&self.state).take_in(bytes)
    }

    pub(super) fn is_handshaking(&self) -> bool {
        lock(&self.state).session.is_handshaking()
    }

    /// The certificate of the peer, if it has shown one.
    pub(super) fn peer_certificate(&self) -> Option<Vec<u8>> {
        let state = lock(&self.state);
        let certificates = state.session.peer_certificates()?;
        certificates.first().map(|certificate| certificate.to_vec())
    }

    /// Plaintext. The ciphertext goes through the same space: what comes out of it is never longer.
    pub(super) fn read(&self, space: &mut [u8]) -> io::Result<usize> {
        match lock(&self.state).plaintext(space) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            outcome => return outcome,
        }
        let count = (&self.tcp).read(space)?;
        if count == 0 {
            return Ok(0);
        }
        let mut state = lock(&self.state);
        state.take_in(&space[..count])?;
        state.plaintext(space)
    }

    /// Whether plaintext can be read without waiting.
    pub(super) fn has_plaintext(&self) -> bool {
        !lock(&self.state).plaintext.is_empty()
    }

    /// Whether there is something to send: what the socket did not take, or an answer of TLS itself.
    pub(super) fn has_output(&self) -> bool {
        lock(&self.state).session.wants_write()
    }

    /// Encrypts as much as there is room for, and sends what the socket takes of it. Nothing more is
    /// encrypted before the rest has left.
    pub(super) fn send(&self, bytes: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut state = lock(&self.state);
        state.flush(&self.tcp)?;
        let taken = state.session.writer().write_vectored(bytes)?;
        match state.flush(&self.tcp) {
            Err(error) if !is_timeout(&error) => Err(error),
            _ => Ok(taken),
        }
    }

    /// Sends what is encrypted and has not left; `WouldBlock` if the socket does not take all of it.
    pub(super) fn flush(&self) -> io::Result<()> {
        lock(&self.state).flush(&self.tcp)
    }

    /// Says that nothing more comes, in what [`TlsStream::flush`] sends.
    pub(super) fn end(&self) {
        lock(&self.state).session.send_close_notify();
    }
}

impl State {
    fn take_in(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            // The session keeps no more than a record or so.
            self.keep_plaintext()?;
            if self.session.read_tls(&mut bytes)? == 0 {
                break;
            }
            let processed = self.session.process_new_packets();
            processed.map_err(io::Error::other)?;
        }
        Ok(())
    }

    /// Takes over what is decrypted.
    fn keep_plaintext(&mut self) -> io::Result<()> {
        let mut chunk = [0; 1024];
        loop {
            match self.session.reader().read(&mut chunk) {
                Ok(0) => return Ok(()),
                Ok(count) => self.plaintext.extend_from_slice(&chunk[..count]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    /// What is decrypted; 0 if the peer has said that nothing more comes.
    fn plaintext(&mut self, space: &mut [u8]) -> io::Result<usize> {
        if self.plaintext.is_empty() {
            return self.session.reader().read(space);
        }
        let rest = &self.plaintext[self.read..];
        let count = rest.len().min(space.len());
        space[..count].copy_from_slice(&rest[..count]);
        self.read += count;
        if self.read == self.plaintext.len() {
            (self.plaintext, self.read) = (Vec::new(), 0);
        }
        Ok(count)
    }

    fn flush(&mut self, tcp: &TcpStream) -> io::Result<()> {
        while self.session.wants_write() {
            self.session.write_tls(&mut AtOnce(tcp))?;
        }
        Ok(())
    }
}

/// Writes what the socket takes at once.
struct AtOnce<'a>(&'a TcpStream);

impl Write for AtOnce<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        send_plain(self.0, &[IoSlice::new(bytes)])
    }

    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        send_plain(self.0, pieces)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
