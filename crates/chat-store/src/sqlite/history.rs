//! Reading what was said.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension, params};

use super::row::{self, entry_columns};
use super::writer::{as_column, as_id};
use super::{names, places};
use crate::{AccountName, Conversation, Entry, EntryId, Page, StoreError, TargetKey};

macro_rules! select_placed {
    ($table:literal, $order:literal) => {
        concat!(
            "SELECT ",
            entry_columns!(),
            " FROM ",
            $table,
            " AS p CROSS JOIN entries AS e ON e.id = p.entry
             JOIN targets AS t ON t.id = e.target JOIN authors AS a ON a.id = e.author
             WHERE p.target = ?1 AND p.entry > ?2 AND p.entry < ?3 AND e.rank_min <= ?4
             ORDER BY p.entry ",
            $order,
            " LIMIT ?5"
        )
    };
}

macro_rules! select_unplaced {
    ($order:literal) => {
        concat!(
            "SELECT ",
            entry_columns!(),
            " FROM entries AS e
             JOIN targets AS t ON t.id = e.target JOIN authors AS a ON a.id = e.author
             WHERE e.target = ?1 AND e.id > ?2 AND e.id < ?3 AND e.rank_min <= ?4
             AND (?6 OR e.kind <= 1) ORDER BY e.id ",
            $order,
            " LIMIT ?5"
        )
    };
}

// Each is read from where the page starts.
const NEWEST_MESSAGES: &str = select_placed!("messages_of_targets", "DESC");
const OLDEST_MESSAGES: &str = select_placed!("messages_of_targets", "ASC");
const NEWEST_EVENTS: &str = select_placed!("events_of_targets", "DESC");
const OLDEST_EVENTS: &str = select_placed!("events_of_targets", "ASC");
const NEWEST_UNPLACED: &str = select_unplaced!("DESC");
const OLDEST_UNPLACED: &str = select_unplaced!("ASC");
const ENTRY: &str = concat!(
    "SELECT ",
    entry_columns!(),
    " FROM entries AS e
     JOIN targets AS t ON t.id = e.target JOIN authors AS a ON a.id = e.author
     WHERE e.id = ? AND t.key = ?"
);

/// How many entries there are.
pub(super) fn count(tx: &Connection) -> Result<u64, StoreError> {
    Ok(tx.prepare_cached("SELECT count(*) FROM entries")?.query_row([], |row| row.get(0))?)
}

/// Entries of one target, in ascending order.
pub(super) fn page(tx: &Connection, page: &Page) -> Result<Vec<Entry>, StoreError> {
    let Some(target) = names::target(tx, &page.target)? else {
        return Ok(Vec::new());
    };
    let (messages, events) = if page.newest {
        (NEWEST_MESSAGES, NEWEST_EVENTS)
    } else {
        (OLDEST_MESSAGES, OLDEST_EVENTS)
    };
    let mut entries = unplaced(tx, target, page)?;
    // What has no place yet is newer than all that has one.
    if page.newest && entries.len() >= page.limit {
        entries.reverse();
        return Ok(entries);
    }
    entries.extend(placed(tx, messages, target, page)?);
    if page.with_events {
        entries.extend(placed(tx, events, target, page)?);
    }
    entries.sort_unstable_by_key(|entry| entry.id);
    if page.newest {
        entries.drain(..entries.len().saturating_sub(page.limit));
    } else {
        entries.truncate(page.limit);
    }
    Ok(entries)
}

/// What was stored last.
fn unplaced(tx: &Connection, target: i64, page: &Page) -> Result<Vec<Entry>, StoreError> {
    let sql = if page.newest { NEWEST_UNPLACED } else { OLDEST_UNPLACED };
    let mut statement = tx.prepare_cached(sql)?;
    let after = page.after.max(EntryId(places::placed(tx)?));
    let limit = i64::try_from(page.limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(
        params![
            target,
            as_column(after),
            as_column(page.before),
            page.rank,
            limit,
            page.with_events
        ],
        row::entry,
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn placed(tx: &Connection, sql: &str, target: i64, page: &Page) -> Result<Vec<Entry>, StoreError> {
    let mut statement = tx.prepare_cached(sql)?;
    let limit = i64::try_from(page.limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(
        params![target, as_column(page.after), as_column(page.before), page.rank, limit],
        row::entry,
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// One entry, if it is there.
pub(super) fn entry(
    tx: &Connection,
    target: &TargetKey,
    id: EntryId,
) -> Result<Option<Entry>, StoreError> {
    let mut statement = tx.prepare_cached(ENTRY)?;
    Ok(statement.query_row(params![as_column(id), target.as_str()], row::entry).optional()?)
}

/// The newest message strictly between two ids of each of the rooms and of the account's direct
/// conversations.
pub(super) fn conversations(
    tx: &Connection,
    account: Option<&AccountName>,
    rooms: &[TargetKey],
    (after, before): (EntryId, EntryId),
    limit: usize,
) -> Result<Vec<Conversation>, StoreError> {
    let mut targets: HashSet<i64> = HashSet::new();
    for room in rooms {
        targets.extend(names::target(tx, room)?);
    }
    if let Some(account) = account {
        targets.extend(direct(tx, account)?);
    }
    let unplaced = newest_unplaced(tx)?;
    let mut statement = tx.prepare_cached(
        "SELECT t.key, (SELECT max(entry) FROM messages_of_targets WHERE target = t.id)
         FROM targets AS t WHERE t.id = ?1",
    )?;
    let mut found = Vec::new();
    for target in targets {
        let (key, last) = statement.query_row([target], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Option<i64>>(1)?))
        })?;
        let last = unplaced.get(&target).copied().or(last);
        let last = last.map(as_id).filter(|last| (after < *last) && (*last < before));
        found.extend(last.map(|last| Conversation { target: key.as_str().into(), last }));
    }
    found.sort_unstable_by_key(|conversation| conversation.last);
    found.truncate(limit);
    Ok(found)
}

/// The newest message of each target, as far as it has no place yet.
fn newest_unplaced(tx: &Connection) -> Result<HashMap<i64, i64>, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT target, max(id) FROM entries WHERE id > ? AND kind <= 1 GROUP BY target",
    )?;
    let placed = as_column(EntryId(places::placed(tx)?));
    let rows = statement.query_map([placed], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The targets that are conversations of an account.
fn direct(tx: &Connection, account: &AccountName) -> Result<Vec<i64>, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT id FROM targets WHERE first = ?1 UNION SELECT id FROM targets WHERE second = ?1",
    )?;
    let rows = statement.query_map([account.key()], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
