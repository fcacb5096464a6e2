//! Rooms that last, who is in them, and how far they have been read.

use chat_protocol::casemapping;
use rusqlite::{Connection, OptionalExtension, params};

use super::writer::{Change, as_column, as_id};
use super::{accounts, rename};
use crate::{AccountName, EntryId, Outcome, RoomRecord, StoreError, TargetKey};

/// Read markers of one account: their targets are whatever it says.
const READ_MARKERS_MAX: i64 = 2000;

/// All of them, in the order of their names.
pub(super) fn rooms(tx: &Connection) -> Result<Vec<RoomRecord>, StoreError> {
    let mut statement =
        tx.prepare_cached("SELECT key, name, founder, settings FROM rooms ORDER BY key")?;
    let rows = statement.query_map([], |row| {
        Ok(RoomRecord {
            key: row.get(0)?,
            name: row.get(1)?,
            founder: row.get(2)?,
            settings: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Stores a room in place of the one of its name.
pub(super) fn store(change: &Change<'_>, room: &RoomRecord) -> Result<(), StoreError> {
    let mut statement = change.tx.prepare_cached(
        "INSERT OR REPLACE INTO rooms (key, name, founder, settings) VALUES (?, ?, ?, ?)",
    )?;
    statement.execute(params![room.key, room.name, room.founder, room.settings])?;
    Ok(())
}

/// A room no longer lasts.
pub(super) fn remove(change: &Change<'_>, key: &str) -> Result<Outcome, StoreError> {
    let removed = change.tx.prepare_cached("DELETE FROM rooms WHERE key = ?")?.execute([key])?;
    Ok(if removed == 0 { Outcome::Missing } else { Outcome::Stored })
}

/// A room, its history and those in it have another name.
pub(super) fn rename(change: &mut Change<'_>, from: &str, to: &str) -> Result<Outcome, StoreError> {
    let rows = change
        .tx
        .prepare_cached("UPDATE OR REPLACE rooms SET key = ?2, name = ?2 WHERE key = ?1")?
        .execute([from, to])?;
    let joined = rename_joined(change, from, to)?;
    let has_history = rename::target(change, &TargetKey::room(from), &TargetKey::room(to))?;
    let is_there = rows > 0 || joined > 0 || has_history;
    Ok(if is_there { Outcome::Stored } else { Outcome::Missing })
}

/// Those in a room have it by its name, as it is written.
fn rename_joined(change: &Change<'_>, from: &str, to: &str) -> Result<usize, StoreError> {
    let mut statement = change.tx.prepare_cached("SELECT DISTINCT room FROM joined_rooms")?;
    let names: Vec<String> =
        statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut update =
        change.tx.prepare_cached("UPDATE OR REPLACE joined_rooms SET room = ?2 WHERE room = ?1")?;
    let mut renamed = 0;
    for name in names.iter().filter(|name| casemapping::fold(name).as_str() == from) {
        renamed += update.execute([name.as_str(), to])?;
    }
    Ok(renamed)
}

/// How far an account has read a target.
pub(super) fn read_marker(
    tx: &Connection,
    account: &AccountName,
    target: &TargetKey,
) -> Result<Option<EntryId>, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT entry FROM read_markers WHERE account = (SELECT id FROM accounts WHERE key = ?)
         AND target = (SELECT id FROM targets WHERE key = ?)",
    )?;
    let found = statement.query_row([account.key(), target.as_str()], |row| row.get(0));
    Ok(found.optional()?.map(as_id))
}

/// Moves a read marker forward; says where it is. Past a bound, no more are kept.
pub(super) fn move_read_marker(
    change: &mut Change<'_>,
    account: &AccountName,
    target: &TargetKey,
    id: EntryId,
) -> Result<EntryId, StoreError> {
    let is_new = read_marker(&change.tx, account, target)?.is_none();
    let account = accounts::number(&change.tx, account)?.ok_or(StoreError::Missing)?;
    if is_new && markers(change, account)? >= READ_MARKERS_MAX {
        return Ok(id);
    }
    let target = change.names.target(&change.tx, target)?;
    let mut statement = change.tx.prepare_cached(
        "INSERT INTO read_markers (account, target, entry) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET entry = max(entry, excluded.entry) RETURNING entry",
    )?;
    let moved = statement.query_row(params![account, target, as_column(id)], |row| row.get(0))?;
    Ok(as_id(moved))
}

fn markers(change: &Change<'_>, account: i64) -> Result<i64, StoreError> {
    let mut statement =
        change.tx.prepare_cached("SELECT count(*) FROM read_markers WHERE account = ?")?;
    Ok(statement.query_row([account], |row| row.get(0))?)
}

/// The rooms an account is in, in the order of their names.
pub(super) fn joined(tx: &Connection, account: &AccountName) -> Result<Vec<String>, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT room FROM joined_rooms WHERE account = (SELECT id FROM accounts WHERE key = ?)
         ORDER BY room",
    )?;
    let rows = statement.query_map([account.key()], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Replaces the rooms an account is in.
pub(super) fn set_joined(
    change: &Change<'_>,
    account: &AccountName,
    rooms: &[String],
) -> Result<(), StoreError> {
    let account = accounts::number(&change.tx, account)?.ok_or(StoreError::Missing)?;
    change.tx.prepare_cached("DELETE FROM joined_rooms WHERE account = ?")?.execute([account])?;
    let mut insert =
        change.tx.prepare_cached("INSERT OR IGNORE INTO joined_rooms VALUES (?, ?)")?;
    for room in rooms {
        insert.execute(params![account, room])?;
    }
    Ok(())
}
