//! The default engine: SQLite, in one file.
//!
//! One connection writes, a few read, and SQLite's write-ahead log keeps them out of each other's
//! way: who reads never waits for who writes. All SQL is in here.

mod accounts;
mod commit;
mod connection;
mod error;
mod history;
mod index;
mod names;
mod readers;
mod rename;
mod rooms;
mod row;
mod schema;
mod search;
mod writer;

use std::path::Path;
use std::sync::Mutex;

use crate::lock::lock;
use crate::{
    Account, AccountChange, AccountName, Conversation, Durability, Entry, EntryId, Invitation,
    Outcome, Page, Record, Retention, RoomRecord, Search, Store, StoreError, TargetKey,
};
use readers::Readers;
use writer::{Change, Writer};

/// Connections for reads that take a moment.
const READERS_MAX: usize = 4;

/// Searches at the same time, on connections of their own: they never keep others from reading.
const SEARCHES_MAX: usize = 2;

/// A store in one file, `chat.db` in a data directory.
#[derive(Debug)]
pub struct SqliteStore {
    writer: Mutex<Writer>,
    readers: Readers,
    searchers: Readers,
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
        let readers = Readers::new(file.clone(), READERS_MAX);
        readers.open_all()?;
        Ok(Self {
            writer: Mutex::new(writer),
            readers,
            searchers: Readers::new(file, SEARCHES_MAX),
        })
    }

    fn change<T>(
        &self,
        run: impl FnOnce(&mut Change<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        lock(&self.writer).change(run)
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
        self.change(|change| index::index(change, step))
    }

    fn prune(&self, _retention: &Retention, _step: usize) -> Result<usize, StoreError> {
        Ok(0)
    }

    fn erase_author(
        &self,
        _account: &AccountName,
        _keep_text: bool,
        _step: usize,
    ) -> Result<usize, StoreError> {
        Ok(0)
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
    ) -> Result<(), StoreError> {
        self.change(|change| accounts::create(change, account, invitation))
    }

    fn change_account(
        &self,
        name: &AccountName,
        rev: u64,
        change: &AccountChange,
    ) -> Result<(), StoreError> {
        self.change(|it| accounts::change(it, name, rev, change))
    }

    fn drop_account(&self, name: &AccountName) -> Result<(), StoreError> {
        self.change(|change| accounts::drop_account(change, name))
    }

    fn invite(&self, invitation: &Invitation) -> Result<(), StoreError> {
        self.change(|change| accounts::invite(change, invitation))
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

    fn version(&self) -> Result<u64, StoreError> {
        lock(&self.writer).version()
    }
}
