//! The connection: a thread that reads it, and makes another when it is lost, and one that writes.

mod connections;
mod dialer;
mod patient;
mod policies;
mod tls;
mod wire;
mod writer;

use std::io::{self, ErrorKind};

use chat_protocol::{LineBuffer, LineError, LineLimits};

pub(crate) use self::connections::start;
pub(crate) use self::dialer::{Dialer, NotConnected};
pub(crate) use self::policies::Policies;
pub(crate) use self::tls::{Fingerprint, Options, Stranger};
use self::wire::Raw;
pub(crate) use self::wire::Wire;
pub(crate) use self::writer::Outgoing;
use self::writer::without_secret;
use crate::core::{Client, Event};
use crate::session::Session;

/// Servers may send longer lines than they take.
const LIMITS: LineLimits = LineLimits { message_bytes_max: 16 * 1024, tags_bytes_max: 16 * 1024 };

/// Reads until the connection ends, or the session wants no more of it. `taken_in` is called when a
/// line was taken in.
fn read_lines(wire: &Wire, session: &Session, mut taken_in: impl FnMut()) -> io::Result<()> {
    let mut buffer = LineBuffer::new(LIMITS);
    let mut raw = Raw::default();
    while session.look(Client::is_online) {
        match wire.read(&mut raw, buffer.space(), || session.send_protocol()) {
            Ok(0) => return Ok(()),
            Ok(count) => buffer.filled(count),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) if is_timeout(&error) => session.update(Event::Tick),
            Err(error) => return Err(error),
        }
        while let Some(line) = buffer.next_line() {
            match line {
                Ok(line) => take(session, line),
                Err(LineError::NotUtf8(bytes)) => take(session, &String::from_utf8_lossy(bytes)),
                Err(LineError::TooLong) => log::warn!("a line of the server was too long"),
            }
            // The next line may be the last, after which there is no time any more.
            taken_in();
        }
    }
    Ok(())
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
