//! A proxy says for whom it speaks. HAProxy, "The PROXY protocol".

use std::net::IpAddr;

use chat_protocol::ProxyHeader;

use crate::config::ProxyUse;
use crate::server::Server;

use super::{Refusal, Visitor};

impl Visitor {
    /// Hears for whom a proxy speaks: from then on that is who is at the other end. Only those that are
    /// known are believed; the specification forbids to guess whether there is a header.
    #[inline(never)]
    pub(super) fn be_introduced(&mut self, server: &Server) -> Result<(), Refusal> {
        let proxy = self.peer.address.ip().to_canonical();
        if !is_proxy(server, proxy) {
            return Err(Refusal::UnknownProxy);
        }
        let header = self.proxy_header()?;
        let Some(source) = header.source else { return Ok(()) };
        self.peer.address = source;
        self.peer.is_secure = header.is_secure || self.entrance.proxy == ProxyUse::Tls;
        log::debug!("{source} comes by way of the proxy {proxy}");
        server.count_address(&mut self.place, source.ip()).map_err(Refusal::TooMany)
    }

    fn proxy_header(&mut self) -> Result<ProxyHeader, Refusal> {
        loop {
            let parsed = ProxyHeader::parse(&self.said).map_err(Refusal::NoProxyHeader)?;
            if let Some((header, length)) = parsed {
                self.said.drain(..length);
                return Ok(header);
            }
            self.hear_more()?;
        }
    }
}

fn is_proxy(server: &Server, address: IpAddr) -> bool {
    server.config().server.proxies.iter().any(|network| network.contains(&address))
}
