//! One thread that waits for peers which take no bytes at present, and goes on sending when they do.

use std::collections::HashMap;
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::{Arc, Mutex};

use anyhow::Context as _;
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Registry, Token};

use crate::lock::lock;
use crate::outbound::Outbound;

/// Events taken from the kernel at one time.
const EVENTS_MAX: usize = 256;
const STACK_BYTES: usize = 128 * 1024;

/// Where queues are parked.
pub(super) struct Drainer {
    registry: Registry,
    parked: Mutex<HashMap<RawFd, Arc<Outbound>>>,
}

pub(super) fn start() -> anyhow::Result<Arc<Drainer>> {
    let poll = Poll::new().context("can't watch sockets")?;
    let registry = poll.registry().try_clone().context("can't watch sockets")?;
    let drainer = Arc::new(Drainer { registry, parked: Mutex::default() });
    let shared = drainer.clone();
    std::thread::Builder::new()
        .name("drainer".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(move || shared.run(poll))
        .context("can't start a thread")?;
    Ok(drainer)
}

impl Drainer {
    /// Resumes the queue once its socket takes bytes again.
    pub(super) fn park(&self, socket: &impl AsRawFd, outbound: Arc<Outbound>) -> io::Result<()> {
        let fd = socket.as_raw_fd();
        // Held over both, or an event left over from an earlier socket could come in between.
        let mut parked = lock(&self.parked);
        parked.insert(fd, outbound);
        self.registry.register(&mut SourceFd(&fd), token(fd), Interest::WRITABLE)
    }

    /// Forgets a socket that is about to be closed.
    pub(super) fn forget(&self, socket: &impl AsRawFd) {
        self.take(socket.as_raw_fd());
    }

    fn take(&self, fd: RawFd) -> Option<Arc<Outbound>> {
        let mut parked = lock(&self.parked);
        let outbound = parked.remove(&fd)?;
        if let Err(error) = self.registry.deregister(&mut SourceFd(&fd)) {
            log::debug!("a socket could not be taken from the watch: {error}");
        }
        Some(outbound)
    }

    fn run(&self, mut poll: Poll) {
        let mut events = Events::with_capacity(EVENTS_MAX);
        loop {
            match poll.poll(&mut events, None) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return log::error!("can't watch slow sockets any more: {error}"),
            }
            let ready = events.iter().filter_map(|event| RawFd::try_from(event.token().0).ok());
            // The lock is not held while sending: a queue that fills up again is parked anew.
            ready.filter_map(|fd| self.take(fd)).for_each(|outbound| outbound.resume());
        }
    }
}

fn token(fd: RawFd) -> Token {
    Token(usize::try_from(fd).expect("an open descriptor is not negative"))
}
