//! What carries the lines of a connection: its thread reads from a [`Transport`], everybody sends by
//! the [`Wire`] in its `Outbound`.

use std::io::{self, IoSlice};
use std::net::Shutdown;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::outbound::{Outbound, Wire};

use super::drainer::Drainer;
use super::stream::Stream;

/// How long the last words to a peer may take.
pub(super) const FAREWELL_TIMEOUT: Duration = Duration::from_secs(1);

/// What a read has brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Came {
    /// Bytes of lines, which are in the space that was given.
    pub(super) lines: usize,
    /// All bytes that have come for it, whether they belong to lines or not; none if they came before.
    pub(super) all: usize,
    /// Frames among them that hold no lines, and that the peer is answered.
    pub(super) control_frames: u32,
}

/// Where a connection's own thread gets lines from, and how the connection ends.
pub(super) trait Transport: Send {
    fn stream(&self) -> &Stream;

    /// Waits for bytes of lines as long as the socket's read timeout says. None is the end; an error
    /// that [`super::stream::is_timeout`] knows means that there are none yet.
    fn read(&mut self, space: &mut [u8]) -> io::Result<Option<Came>>;

    /// Whether [`Transport::read`] has something to do at once.
    fn has_input(&self) -> bool {
        self.stream().has_input()
    }

    /// Sends the last lines, for a bounded time, and closes so that the peer gets them. Nobody else
    /// sends any more.
    fn close(&mut self, lines: &[u8]) -> io::Result<()>;
}

/// Lines as they are, over a stream.
pub(super) struct StreamWire {
    stream: Option<Stream>,
    drainer: Arc<Drainer>,
}

impl StreamWire {
    pub(super) fn new(stream: Stream, drainer: Arc<Drainer>) -> Self {
        Self { stream: Some(stream), drainer }
    }

    /// One that is still to [`StreamWire::connect`].
    pub(super) fn unconnected(drainer: Arc<Drainer>) -> Self {
        Self { stream: None, drainer }
    }

    pub(super) fn connect(&mut self, stream: Stream) {
        self.stream = Some(stream);
    }

    pub(super) fn stream(&self) -> &Stream {
        self.stream.as_ref().expect("it is connected before anybody uses it")
    }
}

impl Wire for StreamWire {
    fn send(&self, bytes: &[IoSlice<'_>]) -> io::Result<usize> {
        self.stream().send(bytes)
    }

    fn flush(&self) -> io::Result<()> {
        self.stream().flush()
    }

    fn park(&self, outbound: Arc<Outbound>) {
        if let Err(error) = self.drainer.park(self.stream().tcp(), outbound) {
            log::warn!("a slow client can't be waited for: {error}");
            self.wake_reader();
        }
    }

    fn wake_reader(&self) {
        let _ = self.stream().tcp().shutdown(Shutdown::Read);
    }
}

impl Transport for Arc<Outbound<StreamWire>> {
    fn stream(&self) -> &Stream {
        self.wire().stream()
    }

    fn read(&mut self, space: &mut [u8]) -> io::Result<Option<Came>> {
        let read = self.stream().read(space);
        if self.stream().has_output() {
            let outbound: Arc<Outbound> = self.clone();
            outbound.flush_wire();
        }
        let bytes = read?;
        Ok((bytes > 0).then_some(Came { lines: bytes, all: bytes, control_frames: 0 }))
    }

    fn close(&mut self, lines: &[u8]) -> io::Result<()> {
        let until = Instant::now() + FAREWELL_TIMEOUT;
        self.stream().write_until(lines, until)?;
        self.stream().close(until)
    }
}
