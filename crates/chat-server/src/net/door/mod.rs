//! The front door: one port for everything. A connection speaks first, and what it says decides what
//! it is: for whom it speaks, if it is a proxy; then TLS; then HTTP or IRC. Until it has registered, or
//! been answered, it has one deadline, whatever trickles in.

mod introduction;
mod refusal;
mod sniff;
mod tls;

use std::io;
use std::sync::Arc;
use std::time::Instant;

use crate::config::{ListenConfig, ProxyUse, TlsUse};
use crate::server::{Place, Server};
use crate::state::session::{Peer, SessionId};

use super::stream::Stream;
pub(super) use refusal::Refusal;
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
    /// Where it came in.
    pub(super) entrance: Arc<ListenConfig>,
}

/// What a visitor has come for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Irc,
    Http,
}

impl Visitor {
    /// Finds out who it is and what it wants.
    #[inline(never)]
    pub(super) fn purpose(&mut self, server: &Server) -> Result<Purpose, Refusal> {
        if self.entrance.proxy != ProxyUse::Off {
            self.be_introduced(server)?;
        }
        match self.protocol()? {
            Protocol::Tls => self.start_tls(server)?,
            _ if self.entrance.tls == TlsUse::Only => return Err(Refusal::TlsOnly),
            _ => {}
        }
        let purpose = self.what_for(server)?;
        // It may have been banned while it said nothing, and nobody knew before who it is.
        match server.refusal_of_address(self.peer.address.ip()) {
            None => Ok(purpose),
            Some(why) => Err(Refusal::Banned(purpose, why)),
        }
    }

    /// What it wants, once nobody else can read along or nobody else needs to be kept from it.
    fn what_for(&mut self, server: &Server) -> Result<Purpose, Refusal> {
        let purpose = match self.protocol()? {
            Protocol::Irc => Purpose::Irc,
            Protocol::Http if self.entrance.http => Purpose::Http,
            Protocol::Http => return Err(Refusal::NoHttp),
            Protocol::Tls => return Err(Refusal::TlsInTls),
        };
        let config = server.config();
        if self.peer.is_secure || config.tls.takes_plaintext_from(self.peer.address.ip()) {
            return Ok(purpose);
        }
        // Who can be told where to go instead may come as far as that.
        if purpose == Purpose::Irc && config.sts(false).is_some() {
            self.peer.needs_tls = true;
            return Ok(purpose);
        }
        Err(Refusal::Plaintext(purpose))
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
