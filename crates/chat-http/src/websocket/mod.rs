//! IRC over WebSocket. RFC 6455; IRCv3, "WebSocket support".
//!
//! A message holds one line without its ending. No compression: it needs memory for each connection,
//! and secrets beside text that others choose leak by its length.

pub mod handshake;
pub mod receiver;
pub mod sender;

pub use handshake::{is_upgrade, upgrade};
pub use receiver::{Close, Receiver};
pub use sender::Sender;

/// How lines are put into messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Subprotocol {
    /// `text.ircv3.net`: messages of UTF-8.
    #[default]
    Text,
    /// `binary.ircv3.net`: messages of bytes.
    Binary,
}

impl Subprotocol {
    const ALL: [Self; 2] = [Self::Text, Self::Binary];

    /// As the handshake has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text.ircv3.net",
            Self::Binary => "binary.ircv3.net",
        }
    }
}
