//! The client's state, shared by the thread that reads the server and the one that reads the user.
//!
//! Whatever happens goes through [`Session::update`], which does under one lock what the state says
//! is to be done. Nothing there waits for the network: lines to be sent are queued for the writer.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::core::entry::Entry;
use crate::core::{Action, Client, Event, Link, Phase};
use crate::net::{Outgoing, Wire};

/// Where entries are shown.
pub(crate) trait Output: Send + Sync {
    /// Shows one.
    fn show(&self, entry: &Entry);

    /// The connection is gone.
    fn ended(&self);
}

/// One conversation, over one connection after the other.
pub(crate) struct Session {
    client: Mutex<Client>,
    changed: Condvar,
    /// Where lines leave, once there is a connection. Locked after the client, if both are.
    outgoing: Mutex<Option<Outgoing>>,
    output: Arc<dyn Output>,
}

impl Session {
    /// A session that has no connection yet.
    pub(crate) fn new(client: Client, output: Arc<dyn Output>) -> Self {
        let (client, outgoing) = (Mutex::new(client), Mutex::default());
        Self { client, changed: Condvar::new(), outgoing, output }
    }

    /// From now on lines leave by this connection.
    pub(crate) fn connected(&self, wire: &Arc<Wire>, link: Link) -> io::Result<()> {
        *self.outgoing() = Some(Outgoing::start(wire)?);
        self.update(Event::Connected(link));
        Ok(())
    }

    /// Has sent what TLS itself has to say.
    pub(crate) fn send_protocol(&self) {
        self.outgoing().iter().for_each(Outgoing::send_protocol);
    }

    /// Takes in what happened and does what follows from it.
    pub(crate) fn update(&self, event: Event<'_>) {
        let mut client = self.lock();
        for action in client.update(event, Timestamp::now()) {
            match action {
                Action::Send(line) => {
                    self.outgoing().iter().for_each(|outgoing| outgoing.send(line.clone()));
                }
                Action::Show(entry) => self.output.show(&entry),
            }
        }
        self.changed.notify_all();
        let is_over = matches!(client.phase(), Phase::Closed(_));
        drop(client);
        if is_over {
            self.output.ended();
        }
    }

    /// Looks at the state.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Client) -> T) -> T {
        look(&self.lock())
    }

    /// Waits until the state answers the question, but no longer than this.
    pub(crate) fn wait<T>(
        &self,
        at_most: Duration,
        mut question: impl FnMut(&Client) -> Option<T>,
    ) -> Option<T> {
        let end = Instant::now() + at_most;
        let mut client = self.lock();
        loop {
            if let Some(answer) = question(&client) {
                return Some(answer);
            }
            let left = end.checked_duration_since(Instant::now())?;
            let waited = self.changed.wait_timeout(client, left);
            client = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits for as long as it takes.
    pub(crate) fn wait_for<T>(&self, mut question: impl FnMut(&Client) -> Option<T>) -> T {
        loop {
            if let Some(answer) = self.wait(Duration::from_secs(3600), &mut question) {
                return answer;
            }
        }
    }

    /// Says goodbye, and gives the server a moment to confirm what it has got and to close the
    /// connection.
    pub(crate) fn quit(&self, at_most: Duration) {
        self.update(Event::Quit);
        self.wait(at_most, |client| matches!(client.phase(), Phase::Closed(_)).then_some(()));
        self.update(Event::GivenUp("the server did not say goodbye"));
    }

    fn outgoing(&self) -> MutexGuard<'_, Option<Outgoing>> {
        self.outgoing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A thread that panicked ends the connection ([`crate::net`]), so the state is still read
    /// afterwards, to say goodbye.
    fn lock(&self) -> MutexGuard<'_, Client> {
        self.client.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
