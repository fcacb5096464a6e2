//! Taking somebody's name, or all they said, out of history.

use std::time::{Duration, Instant};

use rusqlite::params;

use super::commit::account_scope;
use super::writer::Change;
use super::{index, places};
use crate::{AccountName, StoreError};

/// No step keeps those who write waiting for much longer, whatever it was asked to do.
const STEP_TIME_MAX: Duration = Duration::from_millis(20);

/// What stands in place of an author.
const NOBODY: &str = "erased!erased@erased";

/// Coming and going: these tell of the author only.
const PRESENCE: &str = "SELECT e.id FROM entries_of_authors AS a
    CROSS JOIN entries AS e ON e.id = a.entry WHERE e.kind BETWEEN 3 AND 7 AND e.kind <> 6
    AND a.author IN (SELECT id FROM authors WHERE account_key = ?1) LIMIT ?2";

const EVERYTHING: &str = "SELECT a.entry FROM entries_of_authors AS a
    WHERE a.author IN (SELECT id FROM authors WHERE account_key = ?1) LIMIT ?2";

/// A step of it; says how much it has changed, none when all is done.
pub(super) fn erase(
    change: &mut Change<'_>,
    account: &AccountName,
    keep_text: bool,
    step: usize,
) -> Result<usize, StoreError> {
    places::catch_up(change)?;
    let sql = if keep_text { PRESENCE } else { EVERYTHING };
    let limit = i64::try_from(step).unwrap_or(i64::MAX);
    let mut statement = change.tx.prepare_cached(sql)?;
    let rows = statement.query_map(params![account.key(), limit], |row| row.get(0))?;
    let entries: Vec<i64> = rows.collect::<Result<_, _>>()?;
    drop(statement);
    if !entries.is_empty() {
        return wipe(change, &entries);
    }
    let scope = account_scope(account.key());
    change.tx.prepare_cached("DELETE FROM resends WHERE scope = ?")?.execute([scope])?;
    let mut statement = change.tx.prepare_cached(
        "UPDATE authors SET source = ?2, account = NULL, is_bot = 0, nickname_key = '',
         account_key = NULL WHERE account_key = ?1",
    )?;
    let erased = statement.execute([account.key(), NOBODY])?;
    drop(statement);
    change.names.clear();
    change.wipes = erased > 0;
    Ok(erased)
}

/// Deletes entries until the time is up; says how many.
fn wipe(change: &mut Change<'_>, entries: &[i64]) -> Result<usize, StoreError> {
    let start = Instant::now();
    for (count, &id) in (1..).zip(entries) {
        index::wipe(change, id)?;
        if start.elapsed() > STEP_TIME_MAX {
            return Ok(count);
        }
    }
    Ok(entries.len())
}
