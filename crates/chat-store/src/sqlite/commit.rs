//! Storing what has happened.

use rusqlite::{OptionalExtension, params};

use super::writer::{Change, as_column, as_id};
use super::{audit, index, names, places, rooms};
use crate::{Entry, EntryId, Outcome, Record, Redaction, StoreError};

/// How long resend ids are remembered, in microseconds.
const RESEND_ID_KEPT: u64 = 24 * 60 * 60 * 1_000_000;

/// Stores all of the records, in their order.
pub(super) fn commit(
    change: &mut Change<'_>,
    records: &[Record],
) -> Result<Vec<Outcome>, StoreError> {
    let mut outcomes = Vec::with_capacity(records.len());
    for record in records {
        outcomes.push(store(change, record)?);
    }
    places::keep_up(change)?;
    index::keep_up(change, records.len())?;
    Ok(outcomes)
}

fn store(change: &mut Change<'_>, record: &Record) -> Result<Outcome, StoreError> {
    match record {
        Record::Entry { entry, resend_id: None } => insert(change, entry)?,
        Record::Entry { entry, resend_id: Some(resend_id) } => {
            return insert_once(change, entry, resend_id);
        }
        Record::Redaction(redaction) => return redact(change, redaction),
        Record::Room(room) => rooms::store(change, room)?,
        Record::RoomDropped(key) => return rooms::remove(change, key),
        Record::RoomRenamed { from, to } => return rooms::rename(change, from, to),
        Record::Audit(entry) => audit::write(change, entry)?,
    }
    Ok(Outcome::Stored)
}

fn insert(change: &mut Change<'_>, entry: &Entry) -> Result<(), StoreError> {
    if entry.id.0 <= change.position.last {
        return Err(StoreError::Failed(format!(
            "an entry of {} comes after one of {}: the clock was set back",
            entry.id.0, change.position.last
        )));
    }
    let target = change.names.target(&change.tx, &entry.target)?;
    let author = change.names.author(&change.tx, entry)?;
    // What can be said with the target's own name is not repeated in each of its entries.
    let shown = (entry.shown_target != entry.target.as_str()).then_some(&entry.shown_target);
    let tags = (!entry.tags.is_empty()).then_some(&entry.tags);
    let mut statement = change.tx.prepare_cached(
        "INSERT INTO entries (id, target, author, kind, rank_min, shown, tags, body)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    statement.execute(params![
        as_column(entry.id),
        target,
        author,
        entry.kind as u8,
        entry.rank_min,
        shown,
        tags,
        entry.body,
    ])?;
    change.position.last = entry.id.0;
    change.position.words.behind += 1;
    change.position.places.behind += 1;
    Ok(())
}

fn insert_once(
    change: &mut Change<'_>,
    entry: &Entry,
    resend_id: &str,
) -> Result<Outcome, StoreError> {
    let scope = match &entry.account {
        Some(account) => account_scope(&chat_protocol::casemapping::fold(account)),
        None => format!("source {}", entry.source),
    };
    let target = change.names.target(&change.tx, &entry.target)?;
    let mut statement = change.tx.prepare_cached(
        "SELECT entry FROM resends WHERE scope = ? AND target = ? AND resend_id = ?",
    )?;
    let known =
        statement.query_row(params![scope, target, resend_id], |row| row.get(0)).optional()?;
    drop(statement);
    if let Some(known) = known {
        return Ok(Outcome::Duplicate(as_id(known)));
    }
    forget_resend_ids(change, entry.id)?;
    insert(change, entry)?;
    let mut statement = change.tx.prepare_cached(
        "INSERT INTO resends (scope, target, resend_id, entry) VALUES (?, ?, ?, ?)",
    )?;
    statement.execute(params![scope, target, resend_id, as_column(entry.id)])?;
    Ok(Outcome::Stored)
}

/// Whose resend ids they are.
pub(super) fn account_scope(account_key: &str) -> String {
    format!("account {account_key}")
}

/// Forgets two for each that is added: there are never more than those of a day for long.
fn forget_resend_ids(change: &Change<'_>, now: EntryId) -> Result<(), StoreError> {
    let mut statement = change.tx.prepare_cached(
        "DELETE FROM resends WHERE (scope, target, resend_id) IN
         (SELECT scope, target, resend_id FROM resends WHERE entry < ? ORDER BY entry LIMIT 2)",
    )?;
    statement.execute([as_column(EntryId(now.0.saturating_sub(RESEND_ID_KEPT)))])?;
    Ok(())
}

fn redact(change: &mut Change<'_>, redaction: &Redaction) -> Result<Outcome, StoreError> {
    let Some(target) = names::target(&change.tx, &redaction.entry.target)? else {
        return Ok(Outcome::Missing);
    };
    let mut statement = change
        .tx
        .prepare_cached("SELECT 1 FROM entries WHERE id = ? AND target = ? AND kind <= 2")?;
    let is_there = statement.exists(params![as_column(redaction.id), target])?;
    drop(statement);
    if !is_there {
        return Ok(Outcome::Missing);
    }
    index::wipe(change, as_column(redaction.id))?;
    insert(change, &redaction.entry)?;
    Ok(Outcome::Stored)
}
