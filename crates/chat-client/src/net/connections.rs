//! One connection after the other, for as long as the session wants another.

use std::io;
use std::sync::Arc;
use std::thread;

use super::wire::Wire;
use super::{Dialer, NotConnected, read_lines};
use crate::core::{Client, Event, Link};
use crate::session::Session;
use crate::threads;

/// Takes a connection into use, and starts the thread that reads it and makes the next one. After
/// that the session lives by itself.
pub(crate) fn start(dialer: Dialer, wire: Wire, session: Arc<Session>) -> io::Result<()> {
    let mut wire = Some(take_into_use(wire, &dialer, &session)?);
    threads::start("reader", move || {
        let _ending = Ending(&session);
        let mut dialer = dialer;
        while let Some(connected) = wire.take() {
            read(&connected, &dialer, &session);
            wire = next(&mut dialer, &session);
        }
    })
}

/// Tells the session that it is over when the thread panics.
struct Ending<'a>(&'a Session);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.update(Event::GivenUp("the client failed"));
        }
    }
}

fn take_into_use(wire: Wire, dialer: &Dialer, session: &Session) -> io::Result<Arc<Wire>> {
    let link = Link {
        is_encrypted: wire.is_encrypted(),
        is_local: wire.is_local(),
        is_named: dialer.address().is_named(),
    };
    let wire = Arc::new(wire);
    session.connected(&wire, link)?;
    Ok(wire)
}

/// Reads until the connection ends, and says why it has.
fn read(wire: &Wire, dialer: &Dialer, session: &Session) {
    let mut policy = None;
    let ended = read_lines(wire, session, || {
        let said = session.look(Client::sts_duration);
        if said != policy {
            policy = said;
            said.into_iter().for_each(|seconds| dialer.keep_to_tls(seconds));
        }
    });
    wire.close();
    // From the end of the connection on, as the specification wants it.
    policy.into_iter().for_each(|seconds| dialer.keep_to_tls(seconds));
    let reason = match ended {
        Ok(()) => "the server closed it".to_owned(),
        Err(error) => error.to_string(),
    };
    session.update(Event::Closed(&reason));
}

/// Makes another connection, however long it takes; `None` if none is wanted.
fn next(dialer: &mut Dialer, session: &Session) -> Option<Arc<Wire>> {
    loop {
        let attempt = session.look(Client::attempt)?;
        session.wait(attempt.wait, |client| client.is_attempt_due().then_some(()));
        // The user may have left meanwhile.
        session.look(Client::attempt)?;
        if let Some(port) = attempt.tls_port
            && let Err(error) = dialer.go_to_tls(port)
        {
            session.update(Event::GivenUp(&format!("{error:#}")));
            return None;
        }
        match dialer.connect().map(|wire| take_into_use(wire, dialer, session)) {
            Ok(Ok(wire)) => return Some(wire),
            Ok(Err(error)) => session.update(Event::NotConnected(&error.to_string())),
            Err(NotConnected::Failed(why)) => session.update(Event::NotConnected(&why)),
            Err(NotConnected::Refused(why)) => session.update(Event::GivenUp(&why)),
            // Nobody can be asked now, and whoever is in between would like to be accepted.
            Err(NotConnected::Stranger(stranger)) => {
                session.update(Event::GivenUp(&stranger.refusal(dialer.address())));
            }
        }
    }
}
