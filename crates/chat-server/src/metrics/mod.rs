//! What is counted, and how it is written for Prometheus.
//!
//! Counting costs next to nothing where much happens: it is done once for a batch of lines, a
//! message to a room, or a `send`, never for each line that is delivered, and threads do not reach
//! for the same memory ([`Counter`]).

mod by_code;
mod connection_kind;
mod counter;
mod exposition;
mod histogram;
mod refusal;

use std::sync::atomic::AtomicU64;

pub(crate) use by_code::ByCode;
pub(crate) use connection_kind::{ByKind, ConnectionKind};
pub(crate) use counter::Counter;
pub(crate) use exposition::{Exposition, Kind};
pub(crate) use histogram::Histogram;
pub(crate) use refusal::{Refusal, Refusals};

/// What has happened since the server was started. What is, is looked up when it is asked for.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    /// Bytes of lines, without what TLS and WebSocket add.
    pub(crate) bytes_in: Counter,
    pub(crate) bytes_out: Counter,
    pub(crate) lines_in: Counter,
    /// PRIVMSG, NOTICE and TAGMSG that were let through, for each target.
    pub(crate) messages: Counter,
    /// Messages, and other things that happen, each for every connection that sees it.
    pub(crate) messages_delivered: Counter,
    pub(crate) events_delivered: Counter,
    pub(crate) registrations: AtomicU64,
    /// Sessions that were begun.
    pub(crate) sessions: ByKind,
    /// By status.
    pub(crate) http_responses: ByCode,
    pub(crate) refusals: Refusals,
    pub(crate) commit_seconds: Histogram,
    pub(crate) records_stored: AtomicU64,
    pub(crate) commits_failed: AtomicU64,
}
