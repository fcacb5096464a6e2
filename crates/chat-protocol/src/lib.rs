//! The IRC line protocol as values: bytes become lines, lines become messages, and back.
//!
//! The protocol is the one the [Modern IRC] document describes, with the [IRCv3] extensions, over
//! UTF-8. Nothing here opens a socket, starts a thread or reads a clock, and no input panics.
//!
//! [Modern IRC]: https://modern.ircdocs.horse/
//! [IRCv3]: https://ircv3.net/irc/

pub mod capability;
pub mod casemapping;
pub mod isupport;
pub mod line;
pub mod mask;
pub mod membership;
pub mod message;
pub mod mode;
pub mod name;
pub mod numeric;
pub mod opaque_string;
pub mod proxy_header;
pub mod source;
pub mod tags;
pub mod writer;

pub use capability::{Capability, CapabilitySet};
pub use line::{LineBuffer, LineError, LineLimits};
pub use mask::Mask;
pub use membership::{Membership, MembershipSet};
pub use message::{Message, Params, ParseError};
pub use name::{ChannelKey, ChannelName, NameError, NickKey, Nickname};
pub use numeric::Numeric;
pub use opaque_string::opaque_string;
pub use proxy_header::{ProxyHeader, ProxyHeaderError};
pub use source::Source;
pub use tags::{Tag, Tags, TagsBuf};
pub use writer::LineWriter;
