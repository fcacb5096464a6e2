//! Whom and what the server turns away, counted by why.

use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident = $reason:literal,)*) => {
        /// Why somebody or something is refused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Refusal {
            $($(#[$doc])* $name,)*
        }

        impl Refusal {
            pub(crate) const ALL: &[Self] = &[$(Self::$name,)*];

            /// As the metric has it.
            pub(crate) const fn reason(self) -> &'static str {
                match self {
                    $(Self::$name => $reason,)*
                }
            }
        }

        /// How often, for each reason.
        #[derive(Debug, Default)]
        pub(crate) struct Refusals([AtomicU64; Refusal::ALL.len()]);
    };
}

refusals! {
    /// There are as many connections as there may be.
    ServerFull = "server_full",
    /// An address is banned.
    BannedAddress = "banned_address",
    /// TLS is not spoken where it was tried.
    NoTls = "no_tls",
    /// TLS could not be agreed on.
    TlsHandshake = "tls_handshake",
    /// A connection came without TLS where it has to be.
    Plaintext = "plaintext",
    /// A connection came where only proxies may, and did not begin as theirs do.
    Proxy = "proxy",
    /// HTTP is not spoken where it was tried.
    NoHttp = "no_http",
    /// An address has too many connections.
    AddressConnections = "address_connections",
    /// An address has too many connections that have not registered.
    AddressUnregistered = "address_unregistered",
    /// An address makes connections too fast.
    AddressRate = "address_rate",
    /// All addresses together have too many connections that have not registered.
    Unregistered = "unregistered",
    /// Who speaks as a gateway is none.
    Webirc = "webirc",
    /// A client said too much for too long.
    Flood = "flood",
    /// No thread could be started for a connection.
    OutOfThreads = "out_of_threads",
    /// A connection did not register in time.
    RegistrationTimeout = "registration_timeout",
    /// A client read more slowly than it was sent to.
    SendQueue = "send_queue",
    /// The store did not take a message.
    Unstored = "unstored",
    /// An HTTP request was not understood.
    HttpMalformed = "http_malformed",
    /// An HTTP request did not come in time.
    HttpTimeout = "http_timeout",
    /// An HTTP request was for a name that is not this server's.
    HttpHost = "http_host",
    /// A page of another site wanted a WebSocket.
    HttpOrigin = "http_origin",
    /// Metrics were asked for without the right to.
    HttpUnauthorized = "http_unauthorized",
    /// A WebSocket client did not keep to the protocol.
    WebSocketProtocol = "websocket_protocol",
}

impl Refusals {
    pub(crate) fn count(&self, refusal: Refusal) {
        self.0[refusal as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn of(&self, refusal: Refusal) -> u64 {
        self.0[refusal as usize].load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_a_number_of_its_own() {
        let refusals = Refusals::default();
        for (times, refusal) in Refusal::ALL.iter().enumerate() {
            (0..times).for_each(|_| refusals.count(*refusal));
        }
        let counted: Vec<u64> = Refusal::ALL.iter().map(|refusal| refusals.of(*refusal)).collect();
        assert!(counted.iter().copied().eq(0..Refusal::ALL.len() as u64));
    }
}
