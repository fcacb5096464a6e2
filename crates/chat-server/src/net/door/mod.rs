//! The front door: one port for everything. A connection speaks first, and what it says decides what
//! it is. Until it has registered, or been answered, it has one deadline, whatever trickles in.

mod sniff;

use std::io;
use std::time::Instant;

use crate::server::Place;
use crate::state::session::{Peer, SessionId};

use super::stream::Stream;
use sniff::{Protocol, protocol};

/// Bytes read at one time while it is not known what they are.
const READ_BYTES_MAX: usize = 512;

/// A connection that is neither a session yet nor a request.
pub(super) struct Visitor {
    pub(super) id: SessionId,
    pub(super) peer: Peer,
    pub(super) stream: Stream,
    /// What it has said so far and nobody has looked at.
    pub(super) said: Vec<u8>,
    /// By when it has to have registered, or been answered.
    pub(super) until: Instant,
    /// Its place among the connections there may be, which it keeps to its end.
    pub(super) place: Place,
}

/// What a visitor has come for.
pub(super) enum Purpose {
    Irc,
    Http,
}

/// Why a visitor goes no further.
#[derive(Debug)]
pub(super) enum Refusal {
    /// It left, said nothing in time, or its network failed.
    Gone(io::Error),
    /// It left without a word.
    Silent,
    /// It speaks TLS, which is not spoken here.
    NoTls,
}

impl Visitor {
    /// Finds out what it wants.
    pub(super) fn purpose(&mut self) -> Result<Purpose, Refusal> {
        match self.protocol()? {
            Protocol::Irc => Ok(Purpose::Irc),
            Protocol::Http => Ok(Purpose::Http),
            Protocol::Tls => Err(Refusal::NoTls),
        }
    }

    /// Waits for bytes until its deadline: first those it has said already. 0 is the end.
    pub(super) fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        if self.said.is_empty() {
            return self.stream.read_until(space, self.until);
        }
        let count = self.said.len().min(space.len());
        space[..count].copy_from_slice(&self.said[..count]);
        self.said.drain(..count);
        Ok(count)
    }

    fn protocol(&mut self) -> Result<Protocol, Refusal> {
        loop {
            if let Some(protocol) = protocol(&self.said) {
                return Ok(protocol);
            }
            self.hear_more()?;
        }
    }

    /// Reads on, behind what it has said.
    fn hear_more(&mut self) -> Result<(), Refusal> {
        let heard = self.said.len();
        self.said.resize(heard + READ_BYTES_MAX, 0);
        let read = self.stream.read_until(&mut self.said[heard..], self.until);
        self.said.truncate(heard + *read.as_ref().unwrap_or(&0));
        match read {
            Ok(0) => Err(Refusal::Silent),
            Ok(_) => Ok(()),
            Err(error) => Err(Refusal::Gone(error)),
        }
    }
}
