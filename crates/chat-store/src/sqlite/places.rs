//! Where the entries of a target and of an author are.
//!
//! What was stored last is not in these tables yet and is looked through. An entry belongs to a page of
//! its target and to one of its author: put there with every commit, those pages would be most of what a
//! commit writes; a batch at a time, many entries share one.

use rusqlite::{Connection, params};

use super::writer::{Change, as_column};
use crate::{EntryId, StoreError};

/// So many entries are worth a batch.
const BATCH_MIN: usize = 512;

/// Places what has gathered, if it is worth it.
pub(super) fn keep_up(change: &mut Change<'_>) -> Result<(), StoreError> {
    if change.position.places.behind < BATCH_MIN {
        return Ok(());
    }
    catch_up(change)
}

/// Places everything.
pub(super) fn catch_up(change: &mut Change<'_>) -> Result<(), StoreError> {
    if change.position.places.behind == 0 {
        return Ok(());
    }
    let after = as_column(EntryId(change.position.places.upto));
    for sql in [
        "INSERT INTO messages_of_targets (target, entry)
         SELECT target, id FROM entries WHERE id > ? AND kind <= 1 ORDER BY target, id",
        "INSERT INTO events_of_targets (target, entry)
         SELECT target, id FROM entries WHERE id > ? AND kind > 1 ORDER BY target, id",
        "INSERT INTO entries_of_authors (author, entry)
         SELECT author, id FROM entries WHERE id > ? ORDER BY author, id",
    ] {
        change.tx.prepare_cached(sql)?.execute([after])?;
    }
    let last = change.position.last;
    change
        .tx
        .prepare_cached("UPDATE meta SET value = ? WHERE name = 'placed'")?
        .execute([as_column(EntryId(last))])?;
    change.position.places.reached(last);
    Ok(())
}

/// Forgets where an entry is that is about to be deleted.
pub(super) fn forget(
    change: &mut Change<'_>,
    id: i64,
    is_message: bool,
    target: i64,
    author: i64,
) -> Result<(), StoreError> {
    if change.position.places.forgets(id) {
        return Ok(());
    }
    let of_target = if is_message {
        "DELETE FROM messages_of_targets WHERE target = ? AND entry = ?"
    } else {
        "DELETE FROM events_of_targets WHERE target = ? AND entry = ?"
    };
    change.tx.prepare_cached(of_target)?.execute(params![target, id])?;
    let of_author = "DELETE FROM entries_of_authors WHERE author = ? AND entry = ?";
    change.tx.prepare_cached(of_author)?.execute(params![author, id])?;
    Ok(())
}

/// Entries after this one have no place yet.
pub(super) fn placed(tx: &Connection) -> Result<u64, StoreError> {
    let mut statement = tx.prepare_cached("SELECT value FROM meta WHERE name = 'placed'")?;
    let placed: i64 = statement.query_row([], |row| row.get(0))?;
    Ok(placed.unsigned_abs())
}
