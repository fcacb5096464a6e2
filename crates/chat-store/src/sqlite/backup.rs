//! A copy of the store, and how a store is made of it again.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::{connection, schema};
use crate::{DataLock, StoreError};

/// Copies a store as it is at one moment, while others write to it. The copy comes to its place when
/// it is complete.
pub(super) fn back_up(file: &Path, to: &Path) -> Result<(), StoreError> {
    if to.exists() {
        return Err(StoreError::Failed(format!(
            "{} is there already: name another file for the backup",
            to.display()
        )));
    }
    let part = beside(to, ".part");
    let failed = |error: &io::Error| {
        StoreError::Failed(format!("the backup {} can't be written: {error}", to.display()))
    };
    create(&part).map_err(|it| failed(&it))?;
    let copied = copy_database(file, &part)
        .and_then(|()| put_in_place(&part, to, false).map_err(|it| failed(&it)));
    if copied.is_err() {
        // What went wrong is told; an incomplete copy that can't be removed changes nothing.
        let _ = fs::remove_file(&part);
    }
    copied
}

/// Makes the store of a directory from a backup. A store that is there is kept, unless it is to be
/// replaced. No server may use the directory.
pub(super) fn restore(backup: &Path, dir: &Path, replaces: bool) -> Result<(), StoreError> {
    check(backup)?;
    let _lock = DataLock::acquire(dir)?;
    let file = dir.join(connection::FILE_NAME);
    if file.exists() && !replaces {
        return Err(StoreError::Failed(format!(
            "{} is there already: name an empty directory, or have it replaced",
            file.display()
        )));
    }
    let part = beside(&file, ".part");
    let copied = create(&part)
        .and_then(|()| copy(backup, &part))
        .and_then(|()| remove_log(&file))
        .and_then(|()| put_in_place(&part, &file, true));
    copied.map_err(|error| {
        StoreError::Failed(format!("{} can't be written: {error}", file.display()))
    })
}

fn copy_database(file: &Path, part: &Path) -> Result<(), StoreError> {
    let connection = connection::open_reader(file)?;
    let path = part.to_str().ok_or_else(|| {
        StoreError::Failed(format!("{} is no text: name another file", part.display()))
    })?;
    connection.execute("VACUUM INTO ?", [path])?;
    Ok(())
}

/// Whether it is a whole store.
fn check(backup: &Path) -> Result<(), StoreError> {
    let refused =
        |why: &str| StoreError::Unusable(format!("{} can't be restored: {why}", backup.display()));
    if !backup.is_file() {
        return Err(refused("there is no such file"));
    }
    if fs::metadata(beside(backup, "-wal")).is_ok_and(|log| log.len() > 0) {
        return Err(refused("it is the database of a server, not a backup made of it"));
    }
    let connection = connection::open_reader(backup).map_err(|error| match error {
        StoreError::Unusable(_) => refused("it is no backup"),
        error => refused(&error.to_string()),
    })?;
    if schema::check(&connection).map_err(|error| refused(&error.to_string()))? == 0 {
        return Err(refused("it is empty"));
    }
    let found = quick_check(&connection).map_err(|error| refused(&error.to_string()))?;
    if found == "ok" { Ok(()) } else { Err(refused(&format!("it is damaged ({found})"))) }
}

fn quick_check(connection: &Connection) -> Result<String, StoreError> {
    Ok(connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?)
}

/// An empty file for nobody but its owner, in place of what was left there by another attempt.
fn create(path: &Path) -> io::Result<()> {
    if path.exists() {
        fs::remove_file(path)?;
    }
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map(drop)
}

/// Unlike `fs::copy`, leaves the mode as it is.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut to = OpenOptions::new().write(true).open(to)?;
    io::copy(&mut File::open(from)?, &mut to).map(drop)
}

fn put_in_place(part: &Path, to: &Path, replaces: bool) -> io::Result<()> {
    File::open(part)?.sync_all()?;
    if replaces {
        fs::rename(part, to)?;
    } else {
        // Unlike a renaming, this fails if something has come there in the meantime.
        fs::hard_link(part, to)?;
        fs::remove_file(part)?;
    }
    let dir = to.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(dir)?.sync_all()
}

/// The log belongs to the database that is replaced.
fn remove_log(file: &Path) -> io::Result<()> {
    for suffix in ["-wal", "-shm"] {
        match fs::remove_file(beside(file, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
