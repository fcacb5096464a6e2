//! Which connections there are, from being let in to goodbye.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::limits::addresses::TooMany;
use crate::lock::lock;
use crate::metrics::Refusal;
use crate::state::session::{Farewell, Session};

use super::Server;

/// Why a connection is not taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotAdmitted {
    Full,
    Closing,
    Address(TooMany),
}

impl NotAdmitted {
    /// What its peer is told.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Full => "This server is full, try again later",
            Self::Closing => "Server shutting down",
            Self::Address(why) => why.text(),
        }
    }

    /// As what it is counted; that a server stops is no refusal.
    pub(crate) const fn counted(self) -> Option<Refusal> {
        match self {
            Self::Full => Some(Refusal::ServerFull),
            Self::Closing => None,
            Self::Address(why) => Some(why.counted()),
        }
    }
}

/// For the log.
impl fmt::Display for NotAdmitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "there are as many connections as there may be",
            Self::Closing => "the server is about to stop",
            Self::Address(why) => why.text(),
        })
    }
}

impl Server {
    /// Takes in a session.
    pub(crate) fn admit(&self, session: &Arc<Session>) {
        let mut sessions = lock(&self.sessions);
        sessions.insert(session.id, session.clone());
        // Who comes after `close_all` is told the same.
        if self.is_closing.load(Ordering::Relaxed) {
            session.close(Farewell::new(NotAdmitted::Closing.text()));
        }
    }

    /// Forgets a session.
    pub(crate) fn dismiss(&self, session: &Session) {
        lock(&self.sessions).remove(&session.id);
    }

    /// Every session, registered or not.
    pub(crate) fn sessions(&self) -> Vec<Arc<Session>> {
        lock(&self.sessions).values().cloned().collect()
    }

    /// How many sessions there are, registered or not.
    pub(crate) fn session_count(&self) -> usize {
        lock(&self.sessions).len()
    }

    /// From now on who connects is told that the server is about to stop.
    pub(crate) fn lets_nobody_in(&self) {
        self.is_closing.store(true, Ordering::Relaxed);
    }

    /// Asks every session to say goodbye, and takes in no other.
    pub(crate) fn close_all(&self, reason: &str) {
        let sessions: Vec<_> = {
            let sessions = lock(&self.sessions);
            // Who was not admitted before this is not after it.
            self.lets_nobody_in();
            sessions.values().cloned().collect()
        };
        for session in sessions {
            session.end(Farewell::new(reason));
        }
    }
}
