//! How a connection is made: to where, and with what.

use std::io::ErrorKind;
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use jiff::Timestamp;

use super::policies::Policies;
use super::tls::{Options, Stranger, Tls};
use super::wire::Wire;
use crate::address::Address;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Knows where the server is and how it is reached.
#[derive(Debug)]
pub(crate) struct Dialer {
    address: Address,
    tls: Option<Tls>,
    options: Options,
    tick: Duration,
}

/// Why there is no connection.
#[derive(Debug)]
pub(crate) enum NotConnected {
    /// The text says; it may be possible later.
    Failed(String),
    /// The text says what is wrong with the certificate.
    Refused(String),
    /// The user has to say whether the certificate is the right one.
    Stranger(Stranger),
}

impl Dialer {
    /// For this server, by TLS or not. Files that the options name are read now. A read that takes
    /// longer than `tick` is an error.
    pub(crate) fn new(
        address: Address,
        is_secure: bool,
        options: Options,
        tick: Duration,
    ) -> anyhow::Result<Self> {
        let tls = is_secure.then(|| Tls::new(&options)).transpose()?;
        Ok(Self { address, tls, options, tick })
    }

    /// From now on by TLS, at this port of the same host.
    pub(super) fn go_to_tls(&mut self, port: u16) -> anyhow::Result<()> {
        if self.tls.is_none() {
            self.tls = Some(Tls::new(&self.options)?);
            self.address.port = port;
        }
        Ok(())
    }

    /// Notes for how many seconds from now on the server is to be reached by TLS only.
    pub(super) fn keep_to_tls(&self, seconds: u64) {
        let kept = Policies::open().keep(&self.address, seconds, Timestamp::now());
        if let Err(error) = kept {
            log::warn!("cannot note that {} wants TLS: {error:#}", self.address.host);
        }
    }

    /// Where it connects to.
    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    /// Connects to the first of the server's addresses that answers.
    pub(crate) fn connect(&self) -> Result<Wire, NotConnected> {
        let failed = |error: std::io::Error| {
            NotConnected::Failed(format!("cannot connect to {}: {error}", self.address))
        };
        let stream = self.reach().map_err(failed)?;
        let connection = match &self.tls {
            Some(tls) => Some(tls.handshake(&stream, &self.address)?),
            None => None,
        };
        Wire::new(stream, connection, self.tick).map_err(failed)
    }

    /// The user says that the certificate is the right one.
    pub(crate) fn accept(&self, stranger: &Stranger) -> anyhow::Result<()> {
        self.tls.as_ref().map_or(Ok(()), |tls| tls.accept(&self.address, stranger))
    }

    fn reach(&self) -> std::io::Result<TcpStream> {
        let mut last_error = None;
        for socket in (self.address.host.as_str(), self.address.port).to_socket_addrs()? {
            match TcpStream::connect_timeout(&socket, CONNECT_TIMEOUT) {
                Ok(stream) if !is_own_end(&stream) => return Ok(stream),
                Ok(_) => last_error = Some(ErrorKind::ConnectionRefused.into()),
                Err(error) => last_error = Some(error),
            }
        }
        Err(last_error.unwrap_or_else(|| ErrorKind::AddrNotAvailable.into()))
    }
}

/// Where nobody listens, and the system gives the client that very port to connect from, it reaches
/// itself, and would keep the server from coming back.
fn is_own_end(stream: &TcpStream) -> bool {
    stream.local_addr().ok() == stream.peer_addr().ok()
}
