//! The one connection that writes.

use std::ffi::c_int;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rusqlite::hooks::Wal;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

use super::connection;
use super::names::Names;
use super::places;
use crate::{EntryId, StoreError};

/// Its connection, and what it remembers of the file.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) connection: Connection,
    names: Names,
    position: Position,
    /// Whether what is remembered is so only as long as nobody else writes. Nothing is remembered
    /// after a transaction that did not come to its end.
    seen: Option<u64>,
    /// Text that was taken away still stands in the log; when it was last tried to empty it.
    wipe_tried: Option<Instant>,
    /// Pages in the log.
    logged: Arc<AtomicUsize>,
}

/// With so many pages in the log, whoever moves them into the file has not come to it: 64 MiB.
const LOG_PAGES_MAX: usize = 16_384;

/// How long an emptying of the log waits for who reads, and how long it is then left alone.
const WIPE_WAIT_MAX: Duration = Duration::from_millis(20);
const WIPE_AGAIN: Duration = Duration::from_secs(1);

/// How far the file has come.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Position {
    /// The newest entry.
    pub(super) last: u64,
    /// The search index.
    pub(super) words: Progress,
    /// Where the entries of targets and authors are.
    pub(super) places: Progress,
}

/// How far something has come that follows the entries.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Progress {
    /// It has seen the entries up to this one.
    pub(super) upto: u64,
    /// How many it has not seen.
    pub(super) behind: usize,
}

impl Progress {
    /// It has seen everything up to the last entry.
    pub(super) fn reached(&mut self, last: u64) {
        *self = Self { upto: last, behind: 0 };
    }

    /// An entry goes; says whether that is all there is to it, because it had not been seen.
    pub(super) fn forgets(&mut self, id: i64) -> bool {
        let is_unseen = id.unsigned_abs() > self.upto;
        self.behind = self.behind.saturating_sub(usize::from(is_unseen));
        is_unseen
    }
}

/// A transaction on the way.
pub(super) struct Change<'w> {
    pub(super) tx: Transaction<'w>,
    pub(super) names: &'w mut Names,
    pub(super) position: Position,
    /// Set when text is taken away: nothing of it is to stay on the disk.
    pub(super) wipes: bool,
}

impl Writer {
    pub(super) fn new(connection: Connection) -> Self {
        Self {
            connection,
            names: Names::default(),
            position: Position::default(),
            seen: None,
            wipe_tried: None,
            logged: Arc::default(),
        }
    }

    /// Tells after each commit how many pages are in the log. From now on somebody else moves them into
    /// the file.
    pub(super) fn watch_log(
        &mut self,
        tell: impl Fn(usize) + Send + 'static,
    ) -> Result<(), StoreError> {
        let logged = self.logged.clone();
        self.connection.wal_hook(Some(move |_: &mut Wal, pages: c_int| {
            let pages = usize::try_from(pages).unwrap_or(0);
            logged.store(pages, Ordering::Relaxed);
            tell(pages);
            Ok(())
        }))?;
        Ok(())
    }

    /// Does all of it or nothing.
    pub(super) fn change<T>(
        &mut self,
        run: impl FnOnce(&mut Change<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let (done, wipes) = self.change_once(run)?;
        if self.logged.load(Ordering::Relaxed) >= LOG_PAGES_MAX {
            // It is stored, whether this can be done or not.
            let _ = connection::checkpoint(&self.connection);
        }
        if wipes || self.wipe_tried.is_some_and(|tried| tried.elapsed() > WIPE_AGAIN) {
            self.wipe()?;
        }
        Ok(done)
    }

    fn change_once<T>(
        &mut self,
        run: impl FnOnce(&mut Change<'_>) -> Result<T, StoreError>,
    ) -> Result<(T, bool), StoreError> {
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let version = data_version(&tx)?;
        if self.seen.take() != Some(version) {
            self.names.clear();
            self.position = position(&tx)?;
        }
        let mut change =
            Change { tx, names: &mut self.names, position: self.position, wipes: false };
        let done = run(&mut change)?;
        let (position, wipes) = (change.position, change.wipes);
        change.tx.commit()?;
        self.position = position;
        self.seen = Some(version);
        Ok((done, wipes))
    }

    /// Empties the log, in which pages stand as they were. Who reads just now can be in its way; it
    /// is then tried again with a later change.
    pub(super) fn wipe(&mut self) -> Result<(), StoreError> {
        self.wipe_tried = Some(Instant::now());
        self.connection.busy_timeout(WIPE_WAIT_MAX)?;
        let is_in_use = connection::empty_log(&self.connection);
        self.connection.busy_timeout(connection::BUSY_MAX)?;
        if matches!(is_in_use, Ok(false)) {
            self.wipe_tried = None;
        }
        Ok(())
    }

    /// Changes when another process has written.
    pub(super) fn version(&self) -> Result<u64, StoreError> {
        data_version(&self.connection)
    }
}

/// Changes a value that nobody reads.
pub(super) fn note_check(change: &Change<'_>) -> Result<(), StoreError> {
    let mut statement = change.tx.prepare_cached(
        "INSERT INTO meta (name, value) VALUES ('checked', 1)
         ON CONFLICT (name) DO UPDATE SET value = value + 1",
    )?;
    statement.execute([])?;
    Ok(())
}

/// SQLite's counter of what other connections have committed; those here only read.
fn data_version(connection: &Connection) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached("PRAGMA data_version")?;
    let version: i64 = statement.query_row([], |row| row.get(0))?;
    Ok(version.unsigned_abs())
}

fn position(connection: &Connection) -> Result<Position, StoreError> {
    let last = last_entry(connection)?.map_or(0, |it| it.0);
    let words = progress(connection, indexed(connection)?)?;
    let places = progress(connection, places::placed(connection)?)?;
    Ok(Position { last, words, places })
}

fn progress(connection: &Connection, upto: u64) -> Result<Progress, StoreError> {
    let mut statement = connection.prepare_cached("SELECT count(*) FROM entries WHERE id > ?")?;
    let behind: i64 = statement.query_row([as_column(EntryId(upto))], |row| row.get(0))?;
    Ok(Progress { upto, behind: usize::try_from(behind).unwrap_or(0) })
}

/// The newest entry.
pub(super) fn last_entry(connection: &Connection) -> Result<Option<EntryId>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT max(id) FROM entries")?;
    let last: Option<i64> = statement.query_row([], |row| row.get(0))?;
    Ok(last.map(as_id))
}

/// The newest entry that the search index has seen.
pub(super) fn indexed(connection: &Connection) -> Result<u64, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT value FROM meta WHERE name = 'indexed'")?;
    let indexed: Option<i64> = statement.query_row([], |row| row.get(0)).optional()?;
    Ok(indexed.map_or(0, i64::unsigned_abs))
}

/// An id as it stands in a column. One that no entry can have is the greatest of all.
pub(super) fn as_column(id: EntryId) -> i64 {
    i64::try_from(id.0).unwrap_or(i64::MAX)
}

pub(super) fn as_id(column: i64) -> EntryId {
    EntryId(column.unsigned_abs())
}
