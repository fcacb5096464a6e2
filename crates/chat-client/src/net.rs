//! The connection: a thread that reads it and one that writes to it.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use anyhow::Context;
use chat_protocol::{LineBuffer, LineError, LineLimits};

use crate::address::Address;
use crate::core::{Event, Phase};
use crate::session::Session;
use crate::threads;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the server may take nothing before the connection counts as broken.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// How often the state hears that time has passed.
const TICK: Duration = Duration::from_secs(5);

/// Servers may send longer lines than they take.
const LIMITS: LineLimits = LineLimits { message_bytes_max: 16 * 1024, tags_bytes_max: 16 * 1024 };

/// Lines on their way to the server. Sending never blocks.
pub(crate) struct Outgoing(Sender<String>);

impl Outgoing {
    /// Queues a line, which has no line ending yet.
    pub(crate) fn send(&self, line: String) {
        if log::log_enabled!(log::Level::Debug) {
            log::debug!("> {}", without_secret(&line).escape_debug());
        }
        if self.0.send(line).is_err() {
            log::debug!("not sent: the connection is gone");
        }
    }
}

/// What of a line may be in a log: of those that may hold a password or a code only the command.
fn without_secret(line: &str) -> String {
    const SECRET: &[&str] =
        &["PASS", "OPER", "AUTHENTICATE", "REGISTER", "VERIFY", "NS", "NICKSERV"];

    let untagged = line.strip_prefix('@').and_then(|line| line.split_once(' '));
    let message = untagged.map_or(line, |(_tags, message)| message).trim_start();
    let sourced = message.strip_prefix(':').and_then(|message| message.split_once(' '));
    let message = sourced.map_or(message, |(_source, message)| message).trim_start();
    let command = message.split(' ').next().unwrap_or_default();
    let is_secret = SECRET.iter().any(|secret| secret.eq_ignore_ascii_case(command))
        || message.to_ascii_lowercase().starts_with("privmsg nickserv");
    if is_secret { format!("{command} …") } else { line.to_owned() }
}

/// Connects to the first of the server's addresses that answers.
pub(crate) fn connect(address: &Address) -> anyhow::Result<TcpStream> {
    let failure = || format!("cannot connect to {address}");
    let mut last_error = None;
    for socket in address.as_pair().to_socket_addrs().with_context(failure)? {
        match TcpStream::connect_timeout(&socket, CONNECT_TIMEOUT) {
            Ok(stream) => return Ok(stream),
            Err(error) => last_error = Some(error),
        }
    }
    let error = last_error.unwrap_or_else(|| ErrorKind::AddrNotAvailable.into());
    Err(error).with_context(failure)
}

/// Whether the connection stays on this machine, where nobody else can read it.
pub(crate) fn is_local(stream: &TcpStream) -> bool {
    stream.peer_addr().is_ok_and(|peer| peer.ip().to_canonical().is_loopback())
}

/// Starts the thread that writes.
pub(crate) fn start_writer(stream: &TcpStream) -> io::Result<Outgoing> {
    let stream = stream.try_clone()?;
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(WRITE_TIMEOUT))?;
    let (sender, lines) = mpsc::channel();
    threads::start("writer", move || {
        if let Err(error) = write_lines(&stream, &lines) {
            log::debug!("cannot write: {error}");
            // The reader notices, and says that the connection is gone.
            let _ = stream.shutdown(Shutdown::Both);
        }
    })?;
    Ok(Outgoing(sender))
}

fn write_lines(mut stream: &TcpStream, lines: &Receiver<String>) -> io::Result<()> {
    let mut bytes = Vec::new();
    while let Ok(first) = lines.recv() {
        bytes.clear();
        for line in [first].into_iter().chain(lines.try_iter()) {
            bytes.extend_from_slice(line.as_bytes());
            bytes.extend_from_slice(b"\r\n");
        }
        stream.write_all(&bytes)?;
    }
    Ok(())
}

/// Starts the thread that reads, after which the session lives by itself.
pub(crate) fn start_reader(stream: TcpStream, session: Arc<Session>) -> io::Result<()> {
    stream.set_read_timeout(Some(TICK))?;
    session.update(Event::Connected);
    threads::start("reader", move || {
        let mut ending = Ending { session: &session, reason: "the client failed".to_owned() };
        ending.reason = match read_lines(&stream, &session) {
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
fn read_lines(mut stream: &TcpStream, session: &Session) -> io::Result<()> {
    let mut buffer = LineBuffer::new(LIMITS);
    loop {
        match stream.read(buffer.space()) {
            Ok(0) => return Ok(()),
            Ok(count) => buffer.filled(count),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) if is_timeout(&error) => {
                session.update(Event::Tick);
                if session.look(|client| matches!(client.phase(), Phase::Closed(_))) {
                    return stream.shutdown(Shutdown::Both);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_logged() {
        for line in [
            "PASS :secret",
            "oper admin secret",
            "AUTHENTICATE secret",
            "REGISTER * * :secret",
            "NS PASSWD secret secret",
            "@label=1 PRIVMSG NickServ :IDENTIFY secret",
            "@label=1 :alice!a@h PRIVMSG NickServ :IDENTIFY secret",
        ] {
            assert!(!without_secret(line).contains("secret"), "{line}");
        }
        assert_eq!(without_secret("@label=1 PRIVMSG #a :secret"), "@label=1 PRIVMSG #a :secret");
    }
}
