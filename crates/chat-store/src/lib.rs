//! What lasts: history, accounts, rooms and read markers, behind the trait [`Store`].
//!
//! Values in, values out: this crate knows nothing of connections. Every method blocks until it is
//! done and may be called from any thread; none is called with a room locked.

#![warn(missing_docs)]

mod account;
mod audit;
mod ban;
mod data_lock;
mod error;
mod export;
mod history;
mod lock;
mod room;
mod sqlite;
mod words;

use std::ops::ControlFlow;
use std::path::Path;

pub use account::{Account, AccountChange, AccountName, Invitation, Suspension, Verifier};
pub use audit::{AuditEntry, AuditQuery};
pub use ban::{Ban, BanKind, BanList};
pub use data_lock::DataLock;
pub use error::StoreError;
pub use history::{
    Conversation, Entry, EntryId, EntryKind, Keep, Outcome, Page, Record, Redaction, Retention,
    Search, Searched, TargetKey,
};
pub use room::RoomRecord;
pub use sqlite::SqliteStore;

/// A place where things last. Another engine than SQLite goes behind this trait.
pub trait Store: Send + Sync {
    /// Stores all of the records, or none: in one transaction, in their order. Once it returns, they
    /// survive what [`Durability`] says. One outcome for each record.
    fn commit(&self, records: &[Record]) -> Result<Vec<Outcome>, StoreError>;

    /// The newest entry of all: later ones have greater ids. `None` in an empty store.
    fn last_entry(&self) -> Result<Option<EntryId>, StoreError>;

    /// Entries of one target, in ascending order.
    fn page(&self, page: &Page) -> Result<Vec<Entry>, StoreError>;

    /// One entry, if it is there and has not been redacted.
    fn entry(&self, target: &TargetKey, id: EntryId) -> Result<Option<Entry>, StoreError>;

    /// Which of the rooms and of the account's direct conversations have their newest message
    /// strictly between two ids, those that fell silent first first, at most `limit`.
    fn conversations(
        &self,
        account: Option<&AccountName>,
        rooms: &[TargetKey],
        after: EntryId,
        before: EntryId,
        limit: usize,
    ) -> Result<Vec<Conversation>, StoreError>;

    /// Messages with all the words, newest first.
    fn search(&self, search: &Search) -> Result<Vec<Entry>, StoreError>;

    /// How many entries the search index has not seen. The newest of them are found without it, as
    /// long as they are not thousands.
    fn search_lag(&self) -> Result<usize, StoreError>;

    /// Lets the search index see at most `step` entries; says how many that were. Commits do it by
    /// themselves: this is for after an upgrade, to be called until it is none.
    fn catch_up(&self, step: usize) -> Result<usize, StoreError>;

    /// Deletes what a policy no longer keeps, in one short transaction of at most `step` entries, and
    /// in the end those who have said nothing of what is left; says how many that were. To be called again until it is none. The step ends early rather than
    /// keep those who write waiting.
    fn prune(&self, retention: &Retention, step: usize) -> Result<usize, StoreError>;

    /// Messages of an account lose their author, or go; that it came and left goes in any case. In
    /// short steps like [`Store::prune`].
    fn erase_author(
        &self,
        account: &AccountName,
        keep_text: bool,
        step: usize,
    ) -> Result<usize, StoreError>;

    /// Hands over all that happened in a target after an id, oldest first, a part at a time, until
    /// it is told to stop.
    fn export(
        &self,
        target: &TargetKey,
        after: EntryId,
        each: &mut dyn FnMut(Entry) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        export::export(self, target, after, each)
    }

    /// Copies everything to a file that is not there yet, as it is at one moment, while others write.
    fn backup(&self, to: &Path) -> Result<(), StoreError>;

    /// An account by name, in whatever case.
    fn account(&self, name: &AccountName) -> Result<Option<Account>, StoreError>;

    /// The account that a certificate logs in to, by the lower-case hex of its SHA-256.
    fn account_of_certificate(&self, fingerprint: &str) -> Result<Option<Account>, StoreError>;

    /// All accounts in the order of their names.
    fn accounts(&self) -> Result<Vec<Account>, StoreError>;

    /// Makes an account; [`StoreError::Exists`] if the name is taken. With an invitation, uses it up
    /// in the same transaction: [`StoreError::Missing`] if it is unknown, used or expired at
    /// `account.created`.
    ///
    /// This and other changes are written in the audit log in the same transaction, where an entry is
    /// given: what can't be written there is not done.
    fn create_account(
        &self,
        account: &Account,
        invitation: Option<&str>,
        audit: Option<&AuditEntry>,
    ) -> Result<(), StoreError>;

    /// Changes an account that still has revision `rev` and makes it `rev + 1`;
    /// [`StoreError::Conflict`] if it has another, [`StoreError::Missing`] if it is gone.
    fn change_account(
        &self,
        name: &AccountName,
        rev: u64,
        change: &AccountChange,
        audit: Option<&AuditEntry>,
    ) -> Result<(), StoreError>;

    /// Removes an account, its certificates and read markers. Its rooms stay, and its messages, which
    /// are no account's any more; nobody reads its direct conversations: the next to take the name is
    /// somebody else.
    fn drop_account(
        &self,
        name: &AccountName,
        audit: Option<&AuditEntry>,
    ) -> Result<(), StoreError>;

    /// Makes an invitation.
    fn invite(&self, invitation: &Invitation, audit: Option<&AuditEntry>)
    -> Result<(), StoreError>;

    /// Bans from the server, also those that are over and have not been taken away yet.
    fn bans(&self) -> Result<BanList, StoreError>;

    /// Sets a ban, in place of one of the same kind and mask.
    fn ban(&self, ban: &Ban, audit: &AuditEntry) -> Result<(), StoreError>;

    /// Takes a ban away; [`StoreError::Missing`] if there is none.
    fn lift_ban(&self, kind: BanKind, mask: &str, audit: &AuditEntry) -> Result<(), StoreError>;

    /// Takes away the bans that are over at `now`, in microseconds since the Unix epoch; says how
    /// many.
    fn expire_bans(&self, now: u64) -> Result<usize, StoreError>;

    /// Writes in the audit log. What stands there is never changed.
    fn audit(&self, entry: &AuditEntry) -> Result<(), StoreError>;

    /// Reads the audit log, newest first.
    fn audit_log(&self, query: &AuditQuery) -> Result<Vec<AuditEntry>, StoreError>;

    /// Deletes the entries of the audit log that are older than this, at most `step` of them; says how
    /// many that were.
    fn expire_audit(&self, before: u64, step: usize) -> Result<usize, StoreError>;

    /// Rooms that last.
    fn rooms(&self) -> Result<Vec<RoomRecord>, StoreError>;

    /// How far an account has read a target.
    fn read_marker(
        &self,
        account: &AccountName,
        target: &TargetKey,
    ) -> Result<Option<EntryId>, StoreError>;

    /// Moves a read marker forward, never back; returns where it is now. An account has 2000 at most;
    /// past that, no more are kept.
    fn move_read_marker(
        &self,
        account: &AccountName,
        target: &TargetKey,
        id: EntryId,
    ) -> Result<EntryId, StoreError>;

    /// The rooms an account is in while no device of it is connected, by folded name.
    fn joined_rooms(&self, account: &AccountName) -> Result<Vec<String>, StoreError>;

    /// Every account and the rooms it is in, for those that stay with no device connected.
    fn set_joined_rooms(&self, account: &AccountName, rooms: &[String]) -> Result<(), StoreError>;

    /// How much there is. Counting takes a fifth of a second for ten million entries.
    fn size(&self) -> Result<Size, StoreError>;

    /// Writes something of no account, as lastingly as everything: fails if nothing can be stored.
    fn check(&self) -> Result<(), StoreError>;

    /// A number that changes whenever another process has changed the store, and with nothing that
    /// this one does.
    fn version(&self) -> Result<u64, StoreError>;
}

/// How much a store holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// What happened, and is kept.
    pub entries: u64,
    /// On the disk.
    pub bytes: u64,
}

/// What a commit survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// The loss of power.
    #[default]
    Power,
    /// The end of the process, however it ends.
    Process,
}
