//! From bytes that nobody else can read to bytes that can be looked at.

use std::sync::Arc;
use std::{io, mem};

use rustls::ServerConfig;
use rustls::server::Acceptor;

use crate::config::TlsUse;
use crate::net::stream::Stream;
use crate::net::tls_stream::TlsStream;
use crate::server::Server;
use crate::tls::{Identity, fingerprint};

use super::{Refusal, Visitor};

/// Bytes of a handshake read at one time.
const READ_BYTES_MAX: usize = 4096;

/// The longest first message of a handshake. A client has sent less than two kilobytes, as a rule.
const HELLO_BYTES_MAX: usize = 64 * 1024;

impl Visitor {
    /// Shakes hands. What follows is encrypted.
    #[inline(never)]
    pub(super) fn start_tls(&mut self, server: &Server) -> Result<(), Refusal> {
        let identity = server.tls.identity();
        let identity = identity.filter(|_| self.entrance.tls != TlsUse::Never);
        let identity = identity.ok_or(Refusal::NoTls)?;
        let tcp = self.stream.tcp().try_clone().map_err(Refusal::NoHandshake)?;
        let config = self.server_config(&identity).map_err(Refusal::NoHandshake)?;
        let tls = TlsStream::new(tcp, config).map_err(Refusal::NoHandshake)?;
        self.stream = Stream::Tls(Box::new(tls));
        self.shake_hands().map_err(|error| {
            // Whoever is told why has something to look for.
            let _ = self.stream.flush_until(self.until);
            Refusal::NoHandshake(error)
        })
    }

    /// How to speak with the client, by what it begins with, of which it keeps every byte.
    fn server_config(&mut self, identity: &Identity) -> io::Result<Arc<ServerConfig>> {
        let mut acceptor = Acceptor::default();
        let mut looked_at = 0;
        loop {
            looked_at += acceptor.read_tls(&mut &self.said[looked_at..])?;
            match acceptor.accept() {
                Ok(Some(accepted)) => {
                    return Ok(identity.server_config(Some(&accepted.client_hello())));
                }
                // Whoever shakes hands finds the same, and tells the client.
                Err(_) => return Ok(identity.server_config(None)),
                Ok(None) if self.said.len() > HELLO_BYTES_MAX => {
                    return Err(io::Error::other("what TLS begins with has no end"));
                }
                Ok(None) if looked_at == self.said.len() => self.hear_ciphertext()?,
                Ok(None) => {}
            }
        }
    }

    fn shake_hands(&mut self) -> io::Result<()> {
        loop {
            let Stream::Tls(tls) = &self.stream else { return Ok(()) };
            tls.take_in(&mem::take(&mut self.said))?;
            self.stream.flush_until(self.until)?;
            if !tls.is_handshaking() {
                self.peer.is_secure = true;
                let certificate = tls.peer_certificate();
                self.peer.certificate = certificate.map(|certificate| fingerprint(&certificate));
                return Ok(());
            }
            self.hear_ciphertext()?;
        }
    }

    /// Reads on, behind what it has said.
    fn hear_ciphertext(&mut self) -> io::Result<()> {
        let heard = self.said.len();
        self.said.resize(heard + READ_BYTES_MAX, 0);
        let read = self.stream.read_ciphertext_until(&mut self.said[heard..], self.until);
        self.said.truncate(heard + *read.as_ref().unwrap_or(&0));
        if read? == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }
}
