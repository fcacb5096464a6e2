//! How a connection is made: to where, and with what.

use std::io::ErrorKind;
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use super::TICK;
use super::tls::{Options, Stranger, Tls};
use super::wire::Wire;
use crate::address::Address;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Knows where the server is and how it is reached.
#[derive(Debug)]
pub(crate) struct Dialer {
    address: Address,
    tls: Option<Tls>,
}

/// Why there is no connection.
#[derive(Debug)]
pub(crate) enum NotConnected {
    /// The text says.
    Failed(String),
    /// The user has to say whether the certificate is the right one.
    Stranger(Stranger),
}

impl Dialer {
    /// For this server, by TLS if there are options for it. Files that they name are read now.
    pub(crate) fn new(address: Address, tls: Option<&Options>) -> anyhow::Result<Self> {
        Ok(Self { address, tls: tls.map(Tls::new).transpose()? })
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
        Wire::new(stream, connection, TICK).map_err(failed)
    }

    /// The user says that the certificate is the right one.
    pub(crate) fn accept(&self, stranger: &Stranger) -> anyhow::Result<()> {
        self.tls.as_ref().map_or(Ok(()), |tls| tls.accept(&self.address, stranger))
    }

    fn reach(&self) -> std::io::Result<TcpStream> {
        let mut last_error = None;
        for socket in (self.address.host.as_str(), self.address.port).to_socket_addrs()? {
            match TcpStream::connect_timeout(&socket, CONNECT_TIMEOUT) {
                Ok(stream) => return Ok(stream),
                Err(error) => last_error = Some(error),
            }
        }
        Err(last_error.unwrap_or_else(|| ErrorKind::AddrNotAvailable.into()))
    }
}
