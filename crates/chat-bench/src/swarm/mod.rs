//! Many clients in one thread: non-blocking sockets over epoll.

mod alarm;
mod connections;
mod dial;
mod entry;
mod names;
mod refusal;
mod stamp;

use std::io::{self, Read as _};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use chat_protocol::Message;
use memchr::memchr;
use mio::event::Event;
use mio::{Events, Poll, Token};

use crate::stop;

use alarm::Alarm;
pub(crate) use connections::Connections;
pub(crate) use entry::{Entry, Newcomer, enter};
pub(crate) use names::Names;
pub(crate) use refusal::{closed, reject};
pub(crate) use stamp::Stamp;

/// Events taken from the kernel at one time.
const EVENTS_MAX: usize = 1024;
/// Read at one time; shared by all connections, none of which keeps more than part of a line.
const INBOX_BYTES: usize = 64 * 1024;
/// More without an end is no line.
const LINE_BYTES_MAX: usize = 16 * 1024;
const ALARM: Token = Token(usize::MAX);

/// What happened to a connection. A PING has been answered already.
pub(crate) enum Incoming<'l> {
    Connected,
    /// One of the generator's own messages.
    Stamped(Stamp),
    Message(&'l Message<'l>),
    /// All that had come has been handled.
    Drained,
    /// By the server or because of an error.
    Closed(Option<io::Error>),
}

/// All connections of this process and the wait for what happens to them.
pub(crate) struct Swarm {
    poll: Poll,
    events: Events,
    alarm: Alarm,
    inbox: Box<[u8]>,
    pub(crate) connections: Connections,
}

impl Swarm {
    pub(crate) fn new(target: SocketAddr) -> anyhow::Result<Self> {
        let poll = Poll::new().context("can't watch sockets")?;
        let alarm = Alarm::new(poll.registry(), ALARM).context("can't set a timer")?;
        let registry = poll.registry().try_clone().context("can't watch sockets")?;
        Ok(Self {
            poll,
            events: Events::with_capacity(EVENTS_MAX),
            alarm,
            inbox: vec![0; INBOX_BYTES].into(),
            connections: Connections::new(registry, target),
        })
    }

    /// Waits for something to happen, at most `until` then, and handles all that has.
    pub(crate) fn turn(
        &mut self,
        until: Instant,
        mut handle: impl FnMut(&mut Connections, usize, Incoming<'_>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        stop::check()?;
        self.wait(until).context("can't watch sockets any more")?;
        let Self { events, inbox, connections, .. } = self;
        for event in events.iter().filter(|event| event.token() != ALARM) {
            let id = event.token().0;
            let handled = serve(connections, id, event, inbox, &mut handle);
            handled.with_context(|| format!("connection {id}"))?;
        }
        Ok(())
    }

    fn wait(&mut self, until: Instant) -> io::Result<()> {
        let left = until.saturating_duration_since(Instant::now());
        let timeout = left.is_zero().then_some(Duration::ZERO);
        if timeout.is_none() {
            self.alarm.set(until, left)?;
        }
        match self.poll.poll(&mut self.events, timeout) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                self.events.clear();
                Ok(())
            }
            result => result,
        }
    }
}

fn serve(
    connections: &mut Connections,
    id: usize,
    event: &Event,
    inbox: &mut [u8],
    handle: &mut impl FnMut(&mut Connections, usize, Incoming<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    if event.is_writable() {
        become_writable(connections, id, handle)?;
    }
    let is_readable = event.is_readable() || event.is_read_closed() || event.is_error();
    if is_readable && connections.is_read(id) {
        read(connections, id, inbox, event.is_read_closed(), handle)?;
        handle(connections, id, Incoming::Drained)?;
    }
    Ok(())
}

fn become_writable(
    connections: &mut Connections,
    id: usize,
    handle: &mut impl FnMut(&mut Connections, usize, Incoming<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    match connections.finish_connecting(id) {
        Ok(false) => {}
        Ok(true) => handle(connections, id, Incoming::Connected)?,
        Err(error) => {
            connections.drop_one(id);
            return handle(connections, id, Incoming::Closed(Some(error)));
        }
    }
    connections.flush(id);
    Ok(())
}

/// Reads all there is. Readiness is told once (edge-triggered): a read that fills less than the
/// inbox has emptied the socket, unless its end is behind it.
fn read(
    connections: &mut Connections,
    id: usize,
    inbox: &mut [u8],
    read_closed: bool,
    handle: &mut impl FnMut(&mut Connections, usize, Incoming<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    loop {
        let Some((stream, partial)) = connections.reading(id) else { return Ok(()) };
        let kept = partial.len();
        inbox[..kept].copy_from_slice(partial);
        let count = match stream.read(&mut inbox[kept..]) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                connections.drop_one(id);
                return handle(connections, id, Incoming::Closed(Some(error)));
            }
        };
        partial.clear();
        if count == 0 {
            connections.drop_one(id);
            return handle(connections, id, Incoming::Closed(None));
        }
        connections.reads += 1;
        let filled = kept + count;
        let rest = lines(connections, id, &inbox[..filled], handle)?;
        anyhow::ensure!(rest.len() <= LINE_BYTES_MAX, "an endless line");
        connections.keep(id, rest);
        if filled < inbox.len() && !read_closed {
            return Ok(());
        }
    }
}

/// Handles whole lines; returns what is behind the last.
fn lines<'b>(
    connections: &mut Connections,
    id: usize,
    mut bytes: &'b [u8],
    handle: &mut impl FnMut(&mut Connections, usize, Incoming<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<&'b [u8]> {
    while let Some(end) = memchr(b'\n', bytes) {
        let line = &bytes[..end];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        bytes = &bytes[end + 1..];
        if let Some(stamp) = Stamp::of(line) {
            handle(connections, id, Incoming::Stamped(stamp))?;
            continue;
        }
        let line = String::from_utf8_lossy(line);
        let Ok(message) = Message::parse(&line) else { continue };
        if message.command == "PING" {
            connections.say(id, &format!("PONG :{}", message.params.last().unwrap_or(&"")));
            continue;
        }
        handle(connections, id, Incoming::Message(&message))?;
    }
    Ok(bytes)
}
