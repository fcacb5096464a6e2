//! The default engine: SQLite, in one file.
//!
//! One connection writes, a few read, and SQLite's write-ahead log keeps them out of each other's
//! way: who reads never waits for who writes. All SQL is in here.

mod accounts;
mod audit;
mod backup;
mod bans;
mod checkpointer;
mod commit;
mod connection;
mod erase;
mod error;
mod history;
mod index;
mod names;
mod places;
mod prune;
mod readers;
mod rename;
mod rooms;
mod row;
mod schema;
mod search;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::lock::lock;
use crate::{
    Account, AccountChange, AccountName, AuditEntry, AuditQuery, Ban, BanKind, BanList,
    Conversation, Durability, Entry, EntryId, Invitation, Outcome, Page, Record, Retention,
    RoomRecord, Search, Size, Store, StoreError, TargetKey,
};
use checkpointer::Checkpointer;
use readers::Readers;
use writer::{Change, Writer};

/// Connections for reads that take a moment.
const READERS_MAX: usize = 4;

/// Searches at the same time, on connections of their own: they never keep others from reading.
const SEARCHES_MAX: usize = 2;

/// A store in one file, `chat.db` in a data directory.
#[derive(Debug)]
pub struct SqliteStore {
    file: PathBuf,
    readers: Readers,
    searchers: Readers,
    /// Taken before the writer.
    pruning: Mutex<Pruning>,
    /// Before the writer: its connection has to be closed by then.
    _checkpointer: Checkpointer,
    /// Closed last: that empties the log.
    writer: Arc<Mutex<Writer>>,
}

/// Where pruning goes on.
#[derive(Debug, Default)]
struct Pruning {
    place: prune::Place,
    /// What was deleted still stands in the log, and its authors may have nothing left.
    has_deleted: bool,
}

impl SqliteStore {
    /// Opens the store of a directory; makes both if they are not there, for nobody but their owner
    /// to read. A file of an older version becomes one of this version.
    ///
    /// [`StoreError::Unusable`] if the file is another program's, damaged, or of a newer version. It
    /// is left as it is.
    pub fn open(dir: &Path, durability: Durability) -> Result<Self, StoreError> {
        let file = dir.join(connection::FILE_NAME);
        let mut writer = Writer::new(connection::open_writer(&file, durability)?);
        writer.change(index::check_version)?;
        // What was taken away just before a crash is to leave the log as well.
        writer.wipe()?;
        let readers = Readers::new(file.clone(), READERS_MAX);
        readers.open_all()?;
        let searchers = Readers::new(file.clone(), SEARCHES_MAX);
        searchers.open_all()?;
        let writer = Arc::new(Mutex::new(writer));
        let connection = connection::open_checkpointer(&file)?;
        let _checkpointer = Checkpointer::start(connection, &writer)?;
        let pruning = Mutex::default();
        Ok(Self { file, readers, searchers, pruning, _checkpointer, writer })
    }

    /// Whether a directory has a store, or something in its place.
    pub fn is_in(dir: &Path) -> bool {
        dir.join(connection::FILE_NAME).exists()
    }

    /// Makes the store of a directory from a backup. One that is there is kept, with
    /// [`StoreError::Failed`], unless `replaces` is set. [`StoreError::Unusable`] if it is no backup,
    /// or a server uses the directory.
    pub fn restore(backup: &Path, dir: &Path, replaces: bool) -> Result<(), StoreError> {
        backup::restore(backup, dir, replaces)
    }

    /// After the entries, their authors; at last the log is emptied. Says how many authors went.
    fn finish_pruning(&self, pruning: &mut Pruning) -> Result<usize, StoreError> {
        if !pruning.has_deleted {
            return Ok(0);
        }
        let authors = self.searchers.read(|tx| prune::authors_of_nothing(tx))?;
        pruning.has_deleted = !authors.is_empty();
        self.change(|change| {
            change.wipes = authors.is_empty();
            prune::delete_authors(change, &authors)
        })
    }

    fn change<T>(
        &self,
        run: impl FnOnce(&mut Change<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        lock(&self.writer).change(run)
    }

    /// Does something and writes that in the audit log, or neither.
    fn audited<T>(
        &self,
        entry: Option<&AuditEntry>,
        run: impl FnOnce(&mut Change<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.change(|change| {
            let done = run(change)?;
            entry.map_or(Ok(()), |entry| audit::write(change, entry))?;
            Ok(done)
        })
    }
}

impl Store for SqliteStore {
    fn commit(&self, records: &[Record]) -> Result<Vec<Outcome>, StoreError> {
        self.change(|change| commit::commit(change, records))
    }

    fn last_entry(&self) -> Result<Option<EntryId>, StoreError> {
        self.readers.read(|tx| writer::last_entry(tx))
    }

    fn page(&self, page: &Page) -> Result<Vec<Entry>, StoreError> {
        self.readers.read(|tx| history::page(tx, page))
    }

    fn entry(&self, target: &TargetKey, id: EntryId) -> Result<Option<Entry>, StoreError> {
        self.readers.read(|tx| history::entry(tx, target, id))
    }

    fn conversations(
        &self,
        account: Option<&AccountName>,
        rooms: &[TargetKey],
        after: EntryId,
        before: EntryId,
        limit: usize,
    ) -> Result<Vec<Conversation>, StoreError> {
        let between = (after, before);
        self.readers.read(|tx| history::conversations(tx, account, rooms, between, limit))
    }

    fn search(&self, search: &Search) -> Result<Vec<Entry>, StoreError> {
        self.searchers.read(|tx| search::search(tx, search))
    }

    fn search_lag(&self) -> Result<usize, StoreError> {
        self.searchers.read(|tx| index::lag(tx))
    }

    fn catch_up(&self, step: usize) -> Result<usize, StoreError> {
        self.change(|change| {
            places::catch_up(change)?;
            index::index(change, step)
        })
    }

    fn prune(&self, retention: &Retention, step: usize) -> Result<usize, StoreError> {
        let mut pruning = lock(&self.pruning);
        self.change(places::catch_up)?;
        // What is to go is found while others write.
        let (expired, place) = self
            .searchers
            .read(|tx| prune::expired(tx, retention, pruning.place, step.min(prune::STEP_MAX)))?;
        if expired.is_empty() {
            return self.finish_pruning(&mut pruning);
        }
        let mut writer = lock(&self.writer);
        let deleted = writer.change(|change| prune::delete(change, &expired))?;
        prune::shrink(&writer.connection)?;
        *pruning = Pruning { place, has_deleted: true };
        Ok(deleted)
    }

    fn erase_author(
        &self,
        account: &AccountName,
        keep_text: bool,
        step: usize,
    ) -> Result<usize, StoreError> {
        self.change(|change| erase::erase(change, account, keep_text, step))
    }

    fn backup(&self, to: &Path) -> Result<(), StoreError> {
        backup::back_up(&self.file, to)
    }

    fn account(&self, name: &AccountName) -> Result<Option<Account>, StoreError> {
        self.readers.read(|tx| accounts::account(tx, name))
    }

    fn account_of_certificate(&self, fingerprint: &str) -> Result<Option<Account>, StoreError> {
        self.readers.read(|tx| accounts::of_certificate(tx, fingerprint))
    }

    fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        self.readers.read(|tx| accounts::accounts(tx))
    }

    fn create_account(
        &self,
        account: &Account,
        invitation: Option<&str>,
        audit: Option<&AuditEntry>,
    ) -> Result<(), StoreError> {
        self.audited(audit, |change| accounts::create(change, account, invitation))
    }

    fn change_account(
        &self,
        name: &AccountName,
        rev: u64,
        change: &AccountChange,
        audit: Option<&AuditEntry>,
    ) -> Result<(), StoreError> {
        self.audited(audit, |it| accounts::change(it, name, rev, change))
    }

    fn drop_account(
        &self,
        name: &AccountName,
        audit: Option<&AuditEntry>,
    ) -> Result<(), StoreError> {
        self.audited(audit, |change| accounts::drop_account(change, name))
    }

    fn invite(
        &self,
        invitation: &Invitation,
        audit: Option<&AuditEntry>,
    ) -> Result<(), StoreError> {
        self.audited(audit, |change| accounts::invite(change, invitation))
    }

    fn bans(&self) -> Result<BanList, StoreError> {
        self.readers.read(|tx| bans::bans(tx))
    }

    fn ban(&self, ban: &Ban, audit: &AuditEntry) -> Result<(), StoreError> {
        self.change(|change| bans::set(change, ban, audit))
    }

    fn lift_ban(&self, kind: BanKind, mask: &str, audit: &AuditEntry) -> Result<(), StoreError> {
        self.change(|change| bans::lift(change, kind, mask, audit))
    }

    fn expire_bans(&self, now: u64) -> Result<usize, StoreError> {
        self.change(|change| bans::expire(change, now))
    }

    fn audit(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        self.change(|change| audit::write(change, entry))
    }

    fn audit_log(&self, query: &AuditQuery) -> Result<Vec<AuditEntry>, StoreError> {
        self.searchers.read(|tx| audit::read(tx, query))
    }

    fn expire_audit(&self, before: u64, step: usize) -> Result<usize, StoreError> {
        self.change(|change| audit::expire(change, before, step))
    }

    fn rooms(&self) -> Result<Vec<RoomRecord>, StoreError> {
        self.readers.read(|tx| rooms::rooms(tx))
    }

    fn read_marker(
        &self,
        account: &AccountName,
        target: &TargetKey,
    ) -> Result<Option<EntryId>, StoreError> {
        self.readers.read(|tx| rooms::read_marker(tx, account, target))
    }

    fn move_read_marker(
        &self,
        account: &AccountName,
        target: &TargetKey,
        id: EntryId,
    ) -> Result<EntryId, StoreError> {
        self.change(|change| rooms::move_read_marker(change, account, target, id))
    }

    fn joined_rooms(&self, account: &AccountName) -> Result<Vec<String>, StoreError> {
        self.readers.read(|tx| rooms::joined(tx, account))
    }

    fn set_joined_rooms(&self, account: &AccountName, rooms: &[String]) -> Result<(), StoreError> {
        self.change(|change| rooms::set_joined(change, account, rooms))
    }

    fn size(&self) -> Result<Size, StoreError> {
        let entries = self.searchers.read(|tx| history::count(tx))?;
        Ok(Size { entries, bytes: connection::bytes_on_disk(&self.file) })
    }

    fn check(&self) -> Result<(), StoreError> {
        self.change(|change| writer::note_check(change))
    }

    fn version(&self) -> Result<u64, StoreError> {
        lock(&self.writer).version()
    }
}

#[cfg(test)]
mod tests;
