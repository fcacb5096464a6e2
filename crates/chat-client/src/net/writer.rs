//! The thread that writes.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};

use super::wire::Wire;
use crate::threads;

/// Lines on their way to the server. Sending never blocks.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing(Sender<Job>);

#[derive(Debug)]
enum Job {
    Line(String),
    /// TLS itself has something to say.
    Protocol,
}

impl Outgoing {
    /// Starts the thread. It ends with the last of these, or with the connection.
    pub(crate) fn start(wire: &Arc<Wire>) -> io::Result<Self> {
        let (sender, jobs) = mpsc::channel();
        let wire = wire.clone();
        threads::start("writer", move || {
            if let Err(error) = write(&wire, &jobs) {
                log::debug!("cannot write: {error}");
            }
            // The reader notices, and says that the connection is gone.
            wire.close();
        })?;
        Ok(Self(sender))
    }

    /// Queues a line, which has no line ending yet.
    pub(crate) fn send(&self, line: String) {
        if log::log_enabled!(log::Level::Debug) {
            log::debug!("> {}", without_secret(&line).escape_debug());
        }
        self.push(Job::Line(line));
    }

    /// Has sent what TLS itself has to say.
    pub(crate) fn send_protocol(&self) {
        self.push(Job::Protocol);
    }

    fn push(&self, job: Job) {
        if self.0.send(job).is_err() {
            log::debug!("not sent: the connection is gone");
        }
    }
}

fn write(wire: &Wire, jobs: &Receiver<Job>) -> io::Result<()> {
    let mut bytes = Vec::new();
    while let Ok(first) = jobs.recv() {
        bytes.clear();
        for job in [first].into_iter().chain(jobs.try_iter()) {
            if let Job::Line(line) = job {
                bytes.extend_from_slice(line.as_bytes());
                bytes.extend_from_slice(b"\r\n");
            }
        }
        wire.write(&bytes)?;
    }
    wire.finish()
}

/// What of a line may be in a log: of those that may hold a password or a code only the command.
pub(super) fn without_secret(line: &str) -> String {
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
