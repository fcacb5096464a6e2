//! Lines over WebSocket.

use std::io::{self, IoSlice};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use chat_http::websocket::{Close, Receiver, Sender, Subprotocol};
use chat_protocol::LineLimits;
use memchr::{memchr, memrchr};

use crate::lock::lock;
use crate::outbound::{Outbound, Wire};

use super::stream::Stream;
use super::transport::{Came, FAREWELL_TIMEOUT, StreamWire, Transport};

/// The least that a message may hold, in bytes, before it ends the connection. What is too long for
/// a line and not for this is answered, as over TCP.
const MESSAGE_BYTES_MAX: usize = 16 * 1024;
/// Bytes of lines that become frames at one time.
const LINES_BYTES_MAX: usize = 64 * 1024;
/// Room for the headers of a few frames more than the line endings leave.
const HEADERS_BYTES: usize = 64;
/// Answers to pings that a client does not read, in bytes. RFC 6455 wants the last of them only.
const REPLIES_BYTES_MAX: usize = 1024;

/// Each line a frame, over a stream.
pub(super) struct WebSocketWire {
    inner: StreamWire,
    sender: Sender,
    outgoing: Mutex<Outgoing>,
}

/// Frames on their way.
#[derive(Default)]
struct Outgoing {
    /// What the peer has not taken yet. The first frame may be half sent.
    unsent: Vec<u8>,
    /// What the protocol itself has to say: whole frames.
    replies: Vec<u8>,
}

impl WebSocketWire {
    pub(super) fn new(inner: StreamWire, subprotocol: Subprotocol) -> Self {
        let sender = Sender::new(subprotocol);
        Self { inner, sender, outgoing: Mutex::default() }
    }

    /// Takes out everything that is on its way.
    fn take(&self) -> Vec<u8> {
        let mut outgoing = lock(&self.outgoing);
        let mut frames = std::mem::take(&mut outgoing.unsent);
        frames.append(&mut outgoing.replies);
        frames
    }

    /// Sends frames, and keeps what the peer does not take. Whether it took all.
    fn send_or_keep(&self, mut frames: Vec<u8>) -> io::Result<bool> {
        let mut sent = 0;
        while sent < frames.len() {
            match self.inner.send(&[IoSlice::new(&frames[sent..])]) {
                Ok(count) => sent += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        frames.drain(..sent);
        let took_all = frames.is_empty();
        if !took_all {
            lock(&self.outgoing).unsent = frames;
        }
        Ok(took_all)
    }

    /// Sends what was kept, replies last; `WouldBlock` if the peer does not take all of it.
    fn send_kept(&self) -> io::Result<()> {
        if self.send_or_keep(self.take())? { Ok(()) } else { Err(io::ErrorKind::WouldBlock.into()) }
    }
}

impl Wire for WebSocketWire {
    /// Takes whole lines only, so that no line is ever half sent as far as the queue knows.
    fn send(&self, bytes: &[IoSlice<'_>]) -> io::Result<usize> {
        self.send_kept()?;
        let bytes_waiting: usize = bytes.iter().map(|lines| lines.len()).sum();
        let bytes_max = bytes_waiting.min(LINES_BYTES_MAX) + HEADERS_BYTES;
        let (mut frames, mut taken) = (Vec::with_capacity(bytes_max), 0);
        for lines in bytes {
            let whole = whole_lines(lines, LINES_BYTES_MAX.saturating_sub(taken), taken == 0);
            self.sender.push(&lines[..whole], &mut frames);
            taken += whole;
            if whole < lines.len() {
                break;
            }
        }
        self.send_or_keep(frames)?;
        Ok(taken)
    }

    fn flush(&self) -> io::Result<()> {
        self.send_kept()?;
        self.inner.flush()
    }

    fn park(&self, outbound: Arc<Outbound>) {
        self.inner.park(outbound);
    }

    fn wake_reader(&self) {
        self.inner.wake_reader();
    }
}

/// How many bytes are whole lines within `bytes_max`; the first line in any case, if `at_least_one`.
fn whole_lines(lines: &[u8], bytes_max: usize, at_least_one: bool) -> usize {
    let within = lines.get(..bytes_max).unwrap_or(lines);
    let end = memrchr(b'\n', within);
    end.or_else(|| memchr(b'\n', lines).filter(|_| at_least_one)).map_or(0, |end| end + 1)
}

/// What a connection's own thread reads.
pub(super) struct WebSocketTransport {
    outbound: Arc<Outbound<WebSocketWire>>,
    receiver: Receiver,
    /// Lines that have come and are not read yet, from `read` on.
    lines: Vec<u8>,
    read: usize,
    /// Why nothing more comes.
    end: Option<Close>,
    /// The last replies, which nothing may follow.
    last_replies: Vec<u8>,
}

impl WebSocketTransport {
    pub(super) fn new(outbound: Arc<Outbound<WebSocketWire>>, limits: LineLimits) -> Self {
        let receiver = Receiver::new(limits.total().max(MESSAGE_BYTES_MAX));
        let (lines, last_replies) = (Vec::new(), Vec::new());
        Self { outbound, receiver, lines, read: 0, end: None, last_replies }
    }

    /// Takes in what the client has sent.
    pub(super) fn receive(&mut self, bytes: &[u8]) {
        let mut replies = Vec::new();
        match self.receiver.receive(bytes, &mut self.lines, &mut replies) {
            Ok(()) if replies.is_empty() => {}
            Ok(()) => self.reply(&replies),
            Err(end) => (self.end, self.last_replies) = (Some(end), replies),
        }
    }

    fn reply(&self, replies: &[u8]) {
        let mut outgoing = lock(&self.outbound.wire().outgoing);
        if outgoing.replies.len() > REPLIES_BYTES_MAX {
            outgoing.replies.clear();
        }
        outgoing.replies.extend_from_slice(replies);
        drop(outgoing);
        self.flush_wire();
    }

    fn flush_wire(&self) {
        let outbound: Arc<Outbound> = self.outbound.clone();
        outbound.flush_wire();
    }

    fn take_lines(&mut self, space: &mut [u8]) -> usize {
        let rest = &self.lines[self.read..];
        let count = rest.len().min(space.len());
        space[..count].copy_from_slice(&rest[..count]);
        self.read += count;
        if self.read == self.lines.len() {
            (self.lines, self.read) = (Vec::new(), 0);
        }
        count
    }
}

impl Transport for WebSocketTransport {
    fn stream(&self) -> &Stream {
        self.outbound.wire().inner.stream()
    }

    fn read(&mut self, space: &mut [u8]) -> io::Result<Option<Came>> {
        let mut came = Came::default();
        if self.lines.is_empty() && self.end.is_none() {
            let read = self.stream().read(space);
            if self.stream().has_output() {
                self.flush_wire();
            }
            let count = read?;
            if count == 0 {
                return Ok(None);
            }
            came.all = count;
            self.receive(&space[..count]);
            came.control_frames = self.receiver.take_control_frames();
        }
        match self.end {
            _ if !self.lines.is_empty() => came.lines = self.take_lines(space),
            None => {}
            Some(Close::ByPeer) => return Ok(None),
            Some(end) => return Err(io::Error::new(io::ErrorKind::InvalidData, end)),
        }
        Ok(Some(came))
    }

    fn has_input(&self) -> bool {
        !self.lines.is_empty() || self.stream().has_input()
    }

    fn close(&mut self, lines: &[u8]) -> io::Result<()> {
        let until = Instant::now() + FAREWELL_TIMEOUT;
        let wire = self.outbound.wire();
        let mut frames = wire.take();
        let end = self.end.unwrap_or(Close::Ended);
        if end != Close::ByPeer {
            wire.sender.push(lines, &mut frames);
        }
        frames.append(&mut self.last_replies);
        frames.extend_from_slice(&end.frame());
        self.stream().write_until(&frames, until)?;
        self.stream().close(until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_lines_become_frames() {
        for (lines, max, at_least_one, expected) in [
            (&b"one\ntwo\n"[..], 100, true, 8),
            (b"one\ntwo\n", 7, true, 4),
            (b"one\ntwo\n", 3, true, 4),
            (b"one\ntwo\n", 3, false, 0),
            (b"one\ntwo\n", 8, false, 8),
            (b"", 8, true, 0),
        ] {
            assert_eq!(whole_lines(lines, max, at_least_one), expected, "{max}");
        }
    }
}
