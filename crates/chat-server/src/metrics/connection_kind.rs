//! What carries a session.

use std::sync::atomic::{AtomicU64, Ordering};

/// How a client is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConnectionKind {
    Tcp,
    Tls,
    WebSocket,
    WebSocketTls,
}

impl ConnectionKind {
    pub(crate) const ALL: [Self; 4] = [Self::Tcp, Self::Tls, Self::WebSocket, Self::WebSocketTls];

    pub(crate) const fn of(is_websocket: bool, is_secure: bool) -> Self {
        match (is_websocket, is_secure) {
            (false, false) => Self::Tcp,
            (false, true) => Self::Tls,
            (true, false) => Self::WebSocket,
            (true, true) => Self::WebSocketTls,
        }
    }

    /// As the metric has it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::WebSocket => "websocket",
            Self::WebSocketTls => "websocket_tls",
        }
    }
}

/// How many, for each kind.
#[derive(Debug, Default)]
pub(crate) struct ByKind([AtomicU64; ConnectionKind::ALL.len()]);

impl ByKind {
    pub(crate) fn count(&self, kind: ConnectionKind) {
        self.0[kind as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn of(&self, kind: ConnectionKind) -> u64 {
        self.0[kind as usize].load(Ordering::Relaxed)
    }
}
