//! What happened, as data. The same value changes a room and is shown to everyone in it.

use std::sync::Arc;

use chat_protocol::{Membership, MembershipSet};

use super::registration::RegistrationChange;
use super::room_modes::ModeChange;
use super::user::UserId;

/// When something happened, and its name: no two events of a server share one.
///
/// Microseconds since the Unix epoch, strictly increasing. The `time` and the `msgid` that
/// clients see are both made of it, so sorting by either gives the same order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct EventId(pub(crate) u64);

impl EventId {
    /// Seconds since the Unix epoch.
    pub(crate) fn seconds(self) -> u64 {
        self.0 / 1_000_000
    }
}

/// What was said while none of a user's sessions was there to be shown it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Missed {
    /// The last that was shown before.
    pub(crate) after: EventId,
    /// The last that is not shown as it happens.
    pub(crate) upto: EventId,
}

/// Something that happened.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) id: EventId,
    /// `nickname!username@hostname`, or the server's name.
    pub(crate) source: Arc<str>,
    pub(crate) account: Option<Arc<str>>,
    pub(crate) is_bot: bool,
    pub(crate) kind: EventKind,
}

/// What happened. In a room, or to a user.
#[derive(Debug, Clone)]
pub(crate) enum EventKind {
    Message(Message),
    Joined {
        room: Arc<str>,
        realname: Arc<str>,
        status: MembershipSet,
        /// The source of who gives the status, in a room where that is not who makes the room.
        given_by: Option<Arc<str>>,
        away: Option<Arc<str>>,
    },
    Parted {
        room: Arc<str>,
        reason: Option<String>,
    },
    TopicSet {
        room: Arc<str>,
        text: String,
    },
    ModesChanged {
        room: Arc<str>,
        changes: Vec<ModeChange>,
    },
    /// Something that nobody sees but in what it allows.
    RegistrationChanged(RegistrationChange),
    Kicked {
        room: Arc<str>,
        user: UserId,
        nickname: String,
        reason: String,
    },
    /// `opens`: the invited may join whatever else would keep them out.
    Invited {
        room: Arc<str>,
        user: UserId,
        nickname: String,
        opens: bool,
    },
    /// A message was taken away. `target` is a room, or the nickname of who it was said to.
    Redacted {
        target: Arc<str>,
        message: EventId,
        reason: Option<String>,
    },
    /// The room has another name; it is filed under the new one.
    Renamed {
        from: Arc<str>,
        to: Arc<str>,
        reason: String,
    },
    Quit {
        reason: String,
    },
    NickChanged {
        nickname: String,
    },
    AwayChanged {
        message: Option<Arc<str>>,
    },
    RealnameChanged {
        realname: Arc<str>,
    },
    /// Logged in to an account, or out.
    AccountChanged {
        account: Option<Arc<str>>,
    },
    Wallops {
        text: String,
    },
}

/// A message to a room or to a user.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) verb: Verb,
    /// As recipients see it: a room with its status prefix if it has one, or a nickname.
    pub(crate) target: Arc<str>,
    /// Only members of at least this status get it.
    pub(crate) status_min: Option<Membership>,
    /// Client-only tags as they stand on the wire.
    pub(crate) tags: String,
    /// What its author's client calls it.
    pub(crate) resend_id: Option<Arc<str>>,
    /// Empty for TAGMSG.
    pub(crate) text: String,
}

/// The command a message came by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Privmsg,
    Notice,
    Tagmsg,
}

impl Verb {
    pub(crate) const fn command(self) -> &'static str {
        match self {
            Self::Privmsg => "PRIVMSG",
            Self::Notice => "NOTICE",
            Self::Tagmsg => "TAGMSG",
        }
    }
}
