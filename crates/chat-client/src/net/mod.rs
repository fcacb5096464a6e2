//! The connection: a thread that reads it and one that writes to it.

mod dialer;
mod patient;
mod tls;
mod wire;
mod writer;

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

use chat_protocol::{LineBuffer, LineError, LineLimits};

pub(crate) use self::dialer::{Dialer, NotConnected};
pub(crate) use self::tls::{Fingerprint, Options, Stranger};
use self::wire::Raw;
pub(crate) use self::wire::Wire;
pub(crate) use self::writer::Outgoing;
use self::writer::without_secret;
use crate::core::{Event, Phase};
use crate::session::Session;
use crate::threads;

/// How often the state hears that time has passed.
const TICK: Duration = Duration::from_secs(5);

/// Servers may send longer lines than they take.
const LIMITS: LineLimits = LineLimits { message_bytes_max: 16 * 1024, tags_bytes_max: 16 * 1024 };

/// Starts the thread that reads, after which the session lives by itself.
pub(crate) fn start_reader(wire: Arc<Wire>, session: Arc<Session>) -> io::Result<()> {
    session.update(Event::Connected);
    threads::start("reader", move || {
        let mut ending = Ending { session: &session, reason: "the client failed".to_owned() };
        ending.reason = match read_lines(&wire, &session) {
            Ok(()) => "the server closed it".to_owned(),
            Err(error) => error.to_string(),
        };
    })
}

/// Tells the session that the connection is over, even when the thread panics.
struct Ending<'a> {
    session: &'a Session,
    reason: String,
}

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.session.update(Event::Closed(&self.reason));
    }
}

/// Reads until the connection ends.
fn read_lines(wire: &Wire, session: &Session) -> io::Result<()> {
    let mut buffer = LineBuffer::new(LIMITS);
    let mut raw = Raw::default();
    loop {
        match wire.read(&mut raw, buffer.space(), || session.outgoing().send_protocol()) {
            Ok(0) => return Ok(()),
            Ok(count) => buffer.filled(count),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) if is_timeout(&error) => {
                session.update(Event::Tick);
                if session.look(|client| matches!(client.phase(), Phase::Closed(_))) {
                    wire.close();
                    return Ok(());
                }
            }
            Err(error) => return Err(error),
        }
        while let Some(line) = buffer.next_line() {
            match line {
                Ok(line) => take(session, line),
                Err(LineError::NotUtf8(bytes)) => take(session, &String::from_utf8_lossy(bytes)),
                Err(LineError::TooLong) => log::warn!("a line of the server was too long"),
            }
        }
    }
}

fn take(session: &Session, line: &str) {
    if log::log_enabled!(log::Level::Debug) {
        log::debug!("< {}", without_secret(line).escape_debug());
    }
    session.update(Event::Line(line));
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
