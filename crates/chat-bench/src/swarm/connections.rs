//! The sockets and what waits to be sent on them.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::time::Duration;

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use rustix::net::sockopt;

use super::dial::Dialer;

/// Every connection has a number, which is its token as well.
pub(crate) struct Connections {
    registry: Registry,
    dialer: Dialer,
    slots: Vec<Option<Connection>>,
    /// System calls that moved bytes.
    pub(crate) reads: u64,
    pub(crate) writes: u64,
}

struct Connection {
    stream: TcpStream,
    is_connected: bool,
    is_read: bool,
    /// The beginning of a line whose end has not come yet.
    partial: Vec<u8>,
    unsent: Vec<u8>,
}

impl Connections {
    pub(super) fn new(registry: Registry, target: SocketAddr) -> Self {
        Self { registry, dialer: Dialer::new(target), slots: Vec::new(), reads: 0, writes: 0 }
    }

    /// Starts to connect. The number may be that of a connection that is gone.
    pub(crate) fn dial(&mut self, id: usize) -> io::Result<()> {
        let mut stream = self.dialer.dial()?;
        let both = Interest::READABLE | Interest::WRITABLE;
        self.registry.register(&mut stream, Token(id), both)?;
        if self.slots.len() <= id {
            self.slots.resize_with(id + 1, || None);
        }
        let (partial, unsent) = (Vec::new(), Vec::new());
        let connection = Connection { stream, is_connected: false, is_read: true, partial, unsent };
        self.slots[id] = Some(connection);
        Ok(())
    }

    /// Whether it has just become connected.
    pub(super) fn finish_connecting(&mut self, id: usize) -> io::Result<bool> {
        let Some(connection) = self.slot(id).filter(|connection| !connection.is_connected) else {
            return Ok(false);
        };
        if let Some(error) = connection.stream.take_error()? {
            return Err(error);
        }
        connection.is_connected = true;
        Ok(true)
    }

    /// Sends one line, or as much of it as the socket takes now.
    pub(crate) fn say(&mut self, id: usize, line: &str) {
        self.queue(id, line.as_bytes());
        self.queue(id, b"\r\n");
        self.flush(id);
    }

    /// Keeps bytes for the next [`Connections::flush`].
    pub(crate) fn queue(&mut self, id: usize, bytes: &[u8]) {
        if let Some(connection) = self.slot(id) {
            connection.unsent.extend_from_slice(bytes);
        }
    }

    /// Sends what the socket takes now; the rest follows when it takes more.
    pub(crate) fn flush(&mut self, id: usize) {
        let Some(connection) = self.slot(id) else { return };
        if connection.unsent.is_empty() || !connection.is_connected {
            return;
        }
        let mut calls = 0;
        let mut sent = 0;
        while sent < connection.unsent.len() {
            match connection.stream.write(&connection.unsent[sent..]) {
                Ok(count) => sent += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // Reading will say so.
                Err(_) => sent = connection.unsent.len(),
            }
            calls += 1;
        }
        connection.unsent.drain(..sent);
        self.writes += calls;
    }

    /// Never reads from it again, like a client that hangs. Its buffer is made small, so that the
    /// server soon notices.
    pub(crate) fn stop_reading(&mut self, id: usize) -> io::Result<()> {
        let Some(connection) = self.slot(id) else { return Ok(()) };
        connection.is_read = false;
        Ok(sockopt::set_socket_recv_buffer_size(&connection.stream, 1)?)
    }

    /// Closes without a goodbye: the server gets a reset instead of an end.
    pub(crate) fn reset(&mut self, id: usize) {
        self.drop_one(id);
    }

    pub(super) fn is_read(&self, id: usize) -> bool {
        self.slots.get(id).and_then(Option::as_ref).is_some_and(|connection| connection.is_read)
    }

    pub(super) fn reading(&mut self, id: usize) -> Option<(&mut TcpStream, &mut Vec<u8>)> {
        self.slot(id).map(|connection| (&mut connection.stream, &mut connection.partial))
    }

    pub(super) fn keep(&mut self, id: usize, bytes: &[u8]) {
        if let Some(connection) = self.slot(id) {
            connection.partial.extend_from_slice(bytes);
        }
    }

    pub(super) fn drop_one(&mut self, id: usize) {
        self.slots[id] = None;
    }

    fn slot(&mut self, id: usize) -> Option<&mut Connection> {
        self.slots.get_mut(id)?.as_mut()
    }
}

impl Drop for Connection {
    /// Resets instead of closing: thousands of ports must not linger in TIME_WAIT for the next run.
    fn drop(&mut self) {
        let _ = sockopt::set_socket_linger(&self.stream, Some(Duration::ZERO));
    }
}
