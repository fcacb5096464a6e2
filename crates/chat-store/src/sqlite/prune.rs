//! Deleting what is no longer kept, a little at a time.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

use super::writer::{Change, as_column};
use super::{index, places};
use crate::{EntryId, Keep, Retention, StoreError};

/// No step deletes more, whatever it was asked to: those who write wait for it.
pub(super) const STEP_MAX: usize = 200;

/// So many free pages are kept for what is written next.
const FREE_PAGES_KEPT: i64 = 256;

/// At most so many pages are given back to the disk in a step.
const PAGES_FREED_MAX: i64 = 256;

/// Where to go on. Where a target's kept entries begin is found by counting them, which is not done
/// again for each step.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    target: i64,
    keep: Keep,
    end: i64,
}

/// The entries, at most `limit`, that a policy does not keep, and where to go on. Of those that have
/// a place.
pub(super) fn expired(
    tx: &Connection,
    retention: &Retention,
    place: Place,
    limit: usize,
) -> Result<(Vec<i64>, Place), StoreError> {
    let policies: HashMap<&str, Keep> =
        retention.targets.iter().map(|(target, keep)| (target.as_str(), *keep)).collect();
    let mut found = Vec::new();
    for (target, key) in targets(tx, place.target)? {
        let keep = policies.get(key.as_str()).copied().unwrap_or(retention.default);
        let end = if (target, keep) == (place.target, place.keep) {
            place.end
        } else {
            end(tx, target, keep, retention.now)?
        };
        if end > 0 {
            found.extend(oldest(tx, target, end, limit - found.len())?);
        }
        if found.len() >= limit {
            return Ok((found, Place { target, keep, end }));
        }
    }
    Ok((found, Place::default()))
}

/// Deletes entries; says how many.
pub(super) fn delete(change: &mut Change<'_>, entries: &[i64]) -> Result<usize, StoreError> {
    for &id in entries {
        index::delete(change, id)?;
    }
    Ok(entries.len())
}

/// Some of the authors that have no entries any more.
pub(super) fn authors_of_nothing(tx: &Connection) -> Result<Vec<i64>, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT id FROM authors AS a
         WHERE NOT EXISTS (SELECT 1 FROM entries_of_authors WHERE author = a.id) LIMIT ?",
    )?;
    let rows = statement.query_map([STEP_MAX], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Deletes those who still have no entries; says how many.
pub(super) fn delete_authors(
    change: &mut Change<'_>,
    authors: &[i64],
) -> Result<usize, StoreError> {
    places::catch_up(change)?;
    let mut statement = change.tx.prepare_cached(
        "DELETE FROM authors WHERE id = ?1
         AND NOT EXISTS (SELECT 1 FROM entries_of_authors WHERE author = ?1)",
    )?;
    let mut deleted = 0;
    for author in authors {
        deleted += statement.execute([author])?;
    }
    drop(statement);
    change.names.clear();
    Ok(deleted)
}

/// Gives some of the space that is free back to the disk.
pub(super) fn shrink(connection: &Connection) -> Result<(), StoreError> {
    let free: i64 = connection.query_row("PRAGMA freelist_count", [], |row| row.get(0))?;
    let pages = (free - FREE_PAGES_KEPT).min(PAGES_FREED_MAX);
    if pages <= 0 {
        return Ok(());
    }
    // Each row is a page that is freed.
    let mut statement = connection.prepare(&format!("PRAGMA incremental_vacuum({pages})"))?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

/// All targets, from one on and then round.
fn targets(tx: &Connection, first: i64) -> Result<Vec<(i64, String)>, StoreError> {
    let mut statement = tx.prepare_cached("SELECT id, key FROM targets ORDER BY id < ?, id")?;
    let rows = statement.query_map([first], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Entries of a target before this id are not kept.
fn end(tx: &Connection, target: i64, keep: Keep, now: u64) -> Result<i64, StoreError> {
    let by_age = keep.age_max.map_or(0, |age| {
        let age = u64::try_from(age.as_micros()).unwrap_or(u64::MAX);
        as_column(EntryId(now.saturating_sub(age)))
    });
    let Some(count) = keep.count_max else {
        return Ok(by_age);
    };
    let mut statement = tx.prepare_cached(
        "SELECT entry FROM messages_of_targets WHERE target = ?1
         UNION ALL SELECT entry FROM events_of_targets WHERE target = ?1
         ORDER BY entry DESC LIMIT 1 OFFSET ?2",
    )?;
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let newest_not_kept: Option<i64> =
        statement.query_row(params![target, count], |row| row.get(0)).optional()?;
    Ok(by_age.max(newest_not_kept.map_or(0, |id| id.saturating_add(1))))
}

fn oldest(tx: &Connection, target: i64, end: i64, limit: usize) -> Result<Vec<i64>, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT entry FROM messages_of_targets WHERE target = ?1 AND entry < ?2
         UNION ALL SELECT entry FROM events_of_targets WHERE target = ?1 AND entry < ?2
         ORDER BY entry LIMIT ?3",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![target, end, limit], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
