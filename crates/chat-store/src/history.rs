//! What was said and what happened, as it is stored and read.

use std::sync::Arc;
use std::time::Duration;

use crate::{AccountName, AuditEntry, RoomRecord};

/// When something happened and its name, unique in a store: microseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId(pub u64);

/// What entries are filed under: a room, or the two accounts of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TargetKey(Arc<str>);

impl TargetKey {
    /// A room, by its folded name, which starts with `#`.
    pub fn room(folded: &str) -> Self {
        Self(folded.into())
    }

    /// What two accounts say to each other, whichever is named first.
    pub fn direct(one: &AccountName, other: &AccountName) -> Self {
        let (first, second) = if one.key() <= other.key() { (one, other) } else { (other, one) };
        Self(format!("{},{}", first.key(), second.key()).into())
    }

    /// As it is stored: a folded room name, or two folded account names in order with a comma.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The two accounts of a conversation, folded.
    pub fn accounts(&self) -> Option<(&str, &str)> {
        if self.0.starts_with('#') { None } else { self.0.split_once(',') }
    }
}

impl From<&str> for TargetKey {
    fn from(stored: &str) -> Self {
        Self(stored.into())
    }
}

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum EntryKind {
    /// A message to be read by people. Found by search.
    Privmsg = 0,
    /// A message that nothing answers by itself. Found by search.
    Notice = 1,
    /// Tags without a text.
    Tagmsg = 2,
    /// Somebody came.
    Join = 3,
    /// Somebody left.
    Part = 4,
    /// Somebody disconnected.
    Quit = 5,
    /// Somebody was removed.
    Kick = 6,
    /// Somebody took another nickname.
    Nick = 7,
    /// The topic changed.
    Topic = 8,
    /// Modes changed.
    Mode = 9,
    /// The room got another name.
    Rename = 10,
    /// A message was redacted.
    Redact = 11,
}

/// One thing that was said or happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name and time.
    pub id: EntryId,
    /// What it is filed under.
    pub target: TargetKey,
    /// What kind of thing it is.
    pub kind: EntryKind,
    /// `nickname!username@hostname`, or a server's name.
    pub source: Arc<str>,
    /// The account of the source, if it was logged in.
    pub account: Option<Arc<str>>,
    /// Whether the source was a bot.
    pub is_bot: bool,
    /// The least status of those who may see it, as a number that grows with it; 0 for everybody.
    pub rank_min: u8,
    /// The target as it was shown: a nickname, or a room with its status prefix if it had one.
    pub shown_target: String,
    /// Client-only tags as they stood on the wire.
    pub tags: String,
    /// The text of a message; for other kinds what the server makes of it.
    pub body: String,
}

/// Something to be stored.
#[derive(Debug, Clone)]
pub enum Record {
    /// An entry. `resend_id` names it among all that its account or source has sent to its target: a
    /// second one of the same name is a [`Outcome::Duplicate`]. At most 64 bytes, kept for a day at
    /// least.
    Entry {
        /// What happened.
        entry: Arc<Entry>,
        /// What the client calls it.
        resend_id: Option<String>,
    },
    /// A message is to be gone, with its text in the index and on the disk, and this entry to stand
    /// for it.
    Redaction(Redaction),
    /// A room that lasts has become this. Replaces what was stored under its name.
    Room(RoomRecord),
    /// A room no longer lasts, by folded name. Its history stays until it is pruned.
    RoomDropped(String),
    /// A room has another name: its row, its history and those in it move. Both folded; a record of
    /// the room with its shown name follows. What was stored under the new name is no longer read.
    RoomRenamed {
        /// What it was called.
        from: String,
        /// What it is called now.
        to: String,
    },
    /// Who did what the other records are about, for the audit log.
    Audit(AuditEntry),
}

/// Takes a message away.
#[derive(Debug, Clone)]
pub struct Redaction {
    /// The message.
    pub id: EntryId,
    /// What says that it is gone.
    pub entry: Arc<Entry>,
}

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is stored.
    Stored,
    /// It was stored before, under this id; nothing was changed.
    Duplicate(EntryId),
    /// What it refers to is not there.
    Missing,
}

/// Which entries of one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Of what.
    pub target: TargetKey,
    /// Later than this.
    pub after: EntryId,
    /// Earlier than this.
    pub before: EntryId,
    /// The newest of them, or the oldest.
    pub newest: bool,
    /// At most so many.
    pub limit: usize,
    /// Also what is no message.
    pub with_events: bool,
    /// The rank of who asks.
    pub rank: u8,
}

/// What to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// In these, one at least.
    pub targets: Vec<Searched>,
    /// Words, all of which have to be there. Anything, if there are none.
    pub text: String,
    /// A nickname or account that said it.
    pub from: Option<String>,
    /// Later than this.
    pub after: EntryId,
    /// Earlier than this.
    pub before: EntryId,
    /// At most so many.
    pub limit: usize,
}

/// A target, and what of it whoever searches may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Searched {
    /// The target.
    pub target: TargetKey,
    /// Only what is later than this.
    pub after: EntryId,
    /// The rank of who asks.
    pub rank: u8,
}

impl From<TargetKey> for Searched {
    /// All that everybody may see.
    fn from(target: TargetKey) -> Self {
        Self { target, after: EntryId(0), rank: 0 }
    }
}

/// How long entries are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Retention {
    /// For targets that have no policy of their own.
    pub default: Keep,
    /// Policies of their own, by target.
    pub targets: Vec<(TargetKey, Keep)>,
    /// The present, in microseconds since the Unix epoch.
    pub now: u64,
}

/// What is kept of a target.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Keep {
    /// Not older than this.
    pub age_max: Option<Duration>,
    /// The newest so many.
    pub count_max: Option<u64>,
}

/// A room or a conversation, and its newest message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// Which.
    pub target: TargetKey,
    /// The newest message.
    pub last: EntryId,
}
