//! Why somebody goes no further than the door, and what it is told.

use std::fmt;
use std::io;
use std::time::{Duration, Instant};

use chat_http::{Response, Status};
use chat_protocol::ProxyHeaderError;

use crate::config::TlsUse;
use crate::limits::addresses::TooMany;
use crate::metrics;
use crate::net::connection::error_line;
use crate::server::Server;
use crate::web;

use super::{Purpose, Visitor};

/// How long the last words may take.
const FAREWELL_TIMEOUT: Duration = Duration::from_secs(1);
const USE_TLS: &str = "This server takes no connections without TLS from other machines";

/// Why a visitor goes no further.
#[derive(Debug)]
pub(in crate::net) enum Refusal {
    /// It said nothing in time, or its network failed.
    Gone(io::Error),
    /// It left without a word.
    Silent,
    /// It comes without TLS, and everybody on the way can read along.
    Plaintext(Purpose),
    /// It comes without TLS where nothing else is spoken.
    TlsOnly,
    /// It speaks TLS, which is not spoken here.
    NoTls,
    /// It speaks TLS again, within TLS.
    TlsInTls,
    NoHandshake(io::Error),
    /// It sends a request where none is answered.
    NoHttp,
    /// It came where only proxies may, and is none.
    UnknownProxy,
    NoProxyHeader(ProxyHeaderError),
    /// A proxy speaks for it, and it may not come.
    Banned(Purpose, String),
    /// There are too many from its address.
    TooMany(TooMany),
}

impl Refusal {
    /// Logs it, and tells the visitor if it speaks something in which it can be told.
    pub(in crate::net) fn explain(&self, visitor: &Visitor, server: &Server) {
        let peer = visitor.peer.address;
        match self.counted() {
            Some(counted) => server.refused(counted, &peer, self),
            None => log::debug!("{peer} refused: {self}"),
        }
        let until = visitor.until.min(Instant::now() + FAREWELL_TIMEOUT);
        let words = self.last_words(visitor, server);
        let sent = visitor.stream.write_until(words.as_deref().unwrap_or_default(), until);
        let _ = sent.and_then(|()| visitor.stream.close(until));
    }

    /// As what it is counted.
    fn counted(&self) -> Option<metrics::Refusal> {
        Some(match self {
            Self::Gone(_) | Self::Silent => return None,
            Self::Plaintext(_) | Self::TlsOnly => metrics::Refusal::Plaintext,
            Self::NoTls => metrics::Refusal::NoTls,
            Self::NoHandshake(_) | Self::TlsInTls => metrics::Refusal::TlsHandshake,
            Self::NoHttp => metrics::Refusal::NoHttp,
            Self::UnknownProxy | Self::NoProxyHeader(_) => metrics::Refusal::Proxy,
            Self::Banned(..) => metrics::Refusal::BannedAddress,
            Self::TooMany(why) => why.counted(),
        })
    }

    fn last_words(&self, visitor: &Visitor, server: &Server) -> Option<Vec<u8>> {
        let irc = |why: &str| {
            error_line(&format!("Closing Link: {} ({why})", server.name()), None).into_bytes()
        };
        let http =
            |why: String| Response::text(Status::FORBIDDEN, why).into_bytes(&web::date(), false);
        match self {
            Self::Plaintext(Purpose::Http) => Some(http(format!("{USE_TLS}: use https"))),
            Self::Plaintext(Purpose::Irc) => Some(irc(&format!("{USE_TLS}: connect by TLS"))),
            Self::Banned(Purpose::Http, why) => Some(http(why.clone())),
            Self::Banned(Purpose::Irc, why) => Some(irc(why)),
            // Nobody knows yet what it speaks.
            Self::TooMany(why) if visitor.entrance.tls != TlsUse::Only => Some(irc(why.text())),
            _ => None,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone(error) => write!(f, "it said nothing that could be understood: {error}"),
            Self::Silent => f.write_str("it left without a word"),
            Self::Plaintext(_) => f.write_str(
                "it comes without TLS and not from this machine (tls.plaintext would let it in)",
            ),
            Self::TlsOnly => f.write_str("it comes without TLS where only TLS is spoken"),
            Self::NoTls => f.write_str("it speaks TLS, which is not spoken here"),
            Self::TlsInTls => f.write_str("it speaks TLS within TLS"),
            Self::NoHandshake(error) => write!(f, "TLS could not be agreed on: {error}"),
            Self::NoHttp => f.write_str("it sends an HTTP request where none is answered"),
            Self::UnknownProxy => {
                f.write_str("only proxies may come here, and it is not among server.proxies")
            }
            Self::NoProxyHeader(error) => write!(f, "{error}"),
            Self::Banned(_, why) => f.write_str(why),
            Self::TooMany(why) => f.write_str(why.text()),
        }
    }
}
