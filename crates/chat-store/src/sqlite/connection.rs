//! The file, and connections to it.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::schema;
use crate::{Durability, StoreError};

/// The name of the database in a data directory.
pub(super) const FILE_NAME: &str = "chat.db";

/// How long a command line tool may keep the server waiting, and the other way round.
pub(super) const BUSY_MAX: Duration = Duration::from_secs(2);

/// Files up to this size are checked as a whole when they are opened: it takes a moment only.
const CHECKED_BYTES_MAX: u64 = 16 << 20;

const STATEMENTS_MAX: usize = 64;

/// Opens the file for writing, makes it if there is none, and brings it to this version.
pub(super) fn open_writer(file: &Path, durability: Durability) -> Result<Connection, StoreError> {
    create(file).map_err(|error| {
        StoreError::Failed(format!("{} can't be made or opened: {error}", file.display()))
    })?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(BUSY_MAX)?;
    if schema::check(&connection)? == 0 {
        connection.execute_batch("PRAGMA auto_vacuum = INCREMENTAL;")?;
    } else {
        check_pages(&connection, file)?;
    }
    let synchronous = match durability {
        Durability::Power => "FULL",
        Durability::Process => "NORMAL",
    };
    connection.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous};
         PRAGMA secure_delete = ON; PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY;
         PRAGMA journal_size_limit = 67108864;"
    ))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    schema::migrate(&mut connection)?;
    Ok(connection)
}

/// Opens a file that is there for checkpoints. Their syncs are those of either durability.
pub(super) fn open_checkpointer(file: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.execute_batch("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0;")?;
    Ok(connection)
}

/// Opens a file that is there for reading.
pub(super) fn open_reader(file: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(BUSY_MAX)?;
    connection.execute_batch("PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY;")?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(connection)
}

/// Moves what is in the log into the file itself, as far as nobody has to be waited for. Says how many
/// pages have come to the log meanwhile.
pub(super) fn checkpoint(connection: &Connection) -> rusqlite::Result<u64> {
    let passive = "PRAGMA wal_checkpoint(PASSIVE)";
    let (logged, moved): (i64, i64) =
        connection.query_row(passive, [], |row| Ok((row.get(1)?, row.get(2)?)))?;
    Ok((logged - moved).unsigned_abs())
}

/// Moves everything into the file itself and empties the log beside it; says whether somebody who
/// reads was in the way.
pub(super) fn empty_log(connection: &Connection) -> Result<bool, StoreError> {
    Ok(connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?)
}

/// What the file and the log beside it take.
pub(super) fn bytes_on_disk(file: &Path) -> u64 {
    let log = file.with_extension("db-wal");
    [file, &log].iter().filter_map(|file| file.metadata().ok()).map(|it| it.len()).sum()
}

/// Nobody but the owner reads what is stored; the files beside it get the mode of this one.
fn create(file: &Path) -> io::Result<()> {
    if let Some(dir) = file.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    }
    OpenOptions::new().append(true).create(true).mode(0o600).open(file).map(drop)
}

fn check_pages(connection: &Connection, file: &Path) -> Result<(), StoreError> {
    if file.metadata().is_ok_and(|it| it.len() > CHECKED_BYTES_MAX) {
        return Ok(());
    }
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found == "ok" {
        return Ok(());
    }
    Err(StoreError::Unusable(format!(
        "the database {} is damaged ({found}): restore a backup",
        file.display()
    )))
}
