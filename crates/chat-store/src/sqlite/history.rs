//! Reading what was said.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, params};

use super::names;
use super::row::{self, entry_columns};
use super::writer::{as_column, as_id};
use crate::{AccountName, Conversation, Entry, EntryId, Page, StoreError, TargetKey};

macro_rules! select_page {
    ($kinds:literal, $order:literal) => {
        concat!(
            "SELECT ",
            entry_columns!(),
            " FROM entries AS e
             JOIN targets AS t ON t.id = e.target JOIN authors AS a ON a.id = e.author
             WHERE e.target = ?1 AND e.kind ",
            $kinds,
            " AND e.id > ?2 AND e.id < ?3 AND e.rank_min <= ?4 ORDER BY e.id ",
            $order,
            " LIMIT ?5"
        )
    };
}

// Each has an index of its own, which is read from where the page starts.
const NEWEST_MESSAGES: &str = select_page!("<= 1", "DESC");
const OLDEST_MESSAGES: &str = select_page!("<= 1", "ASC");
const NEWEST_EVENTS: &str = select_page!("> 1", "DESC");
const OLDEST_EVENTS: &str = select_page!("> 1", "ASC");
const ENTRY: &str = concat!(
    "SELECT ",
    entry_columns!(),
    " FROM entries AS e
     JOIN targets AS t ON t.id = e.target JOIN authors AS a ON a.id = e.author
     WHERE e.id = ? AND t.key = ?"
);

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
    let mut entries = entries(tx, messages, target, page)?;
    if page.with_events {
        entries.extend(self::entries(tx, events, target, page)?);
    }
    entries.sort_unstable_by_key(|entry| entry.id);
    if page.newest {
        entries.drain(..entries.len().saturating_sub(page.limit));
    } else {
        entries.truncate(page.limit);
    }
    Ok(entries)
}

fn entries(tx: &Connection, sql: &str, target: i64, page: &Page) -> Result<Vec<Entry>, StoreError> {
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
    let mut statement = tx.prepare_cached(
        "SELECT t.key, (SELECT e.id FROM entries AS e
             WHERE e.target = t.id AND e.kind <= 1
             ORDER BY e.id DESC LIMIT 1)
         FROM targets AS t WHERE t.id = ?1",
    )?;
    let mut found = Vec::new();
    for target in targets {
        let (key, last) = statement.query_row([target], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Option<i64>>(1)?))
        })?;
        let last = last.map(as_id).filter(|last| (after < *last) && (*last < before));
        found.extend(last.map(|last| Conversation { target: key.as_str().into(), last }));
    }
    found.sort_unstable_by_key(|conversation| conversation.last);
    found.truncate(limit);
    Ok(found)
}

/// The targets that are conversations of an account.
fn direct(tx: &Connection, account: &AccountName) -> Result<Vec<i64>, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT id FROM targets WHERE first = ?1 UNION SELECT id FROM targets WHERE second = ?1",
    )?;
    let rows = statement.query_map([account.key()], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
