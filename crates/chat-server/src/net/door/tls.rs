//! From bytes that nobody else can read to bytes that can be looked at.

use std::io;

use crate::config::TlsUse;
use crate::net::stream::Stream;
use crate::net::tls_stream::TlsStream;
use crate::server::Server;
use crate::tls::fingerprint;

use super::{Refusal, Visitor};

/// Bytes of a handshake read at one time.
const READ_BYTES_MAX: usize = 4096;

impl Visitor {
    /// Shakes hands. What follows is encrypted.
    #[inline(never)]
    pub(super) fn start_tls(&mut self, server: &Server) -> Result<(), Refusal> {
        let config = server.tls.server_config();
        let config = config.filter(|_| self.entrance.tls != TlsUse::Never).ok_or(Refusal::NoTls)?;
        let tcp = self.stream.tcp().try_clone().map_err(Refusal::NoHandshake)?;
        let tls = TlsStream::new(tcp, config).map_err(Refusal::NoHandshake)?;
        self.stream = Stream::Tls(Box::new(tls));
        self.shake_hands().map_err(|error| {
            // Whoever is told why has something to look for.
            let _ = self.stream.flush_until(self.until);
            Refusal::NoHandshake(error)
        })
    }

    fn shake_hands(&mut self) -> io::Result<()> {
        let Stream::Tls(tls) = &self.stream else { return Ok(()) };
        tls.take_in(&std::mem::take(&mut self.said))?;
        let mut bytes = vec![0; READ_BYTES_MAX];
        loop {
            self.stream.flush_until(self.until)?;
            if !tls.is_handshaking() {
                break;
            }
            match self.stream.read_ciphertext_until(&mut bytes, self.until)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => tls.take_in(&bytes[..count])?,
            }
        }
        self.peer.is_secure = true;
        self.peer.certificate = tls.peer_certificate().map(|certificate| fingerprint(&certificate));
        Ok(())
    }
}
