//! The audit log. The schema refuses to change what stands in it.

use rusqlite::{Connection, Row, params};

use super::writer::Change;
use crate::{AuditEntry, AuditQuery, StoreError};

/// Adds an entry; its number is the next.
pub(super) fn write(change: &Change<'_>, entry: &AuditEntry) -> Result<(), StoreError> {
    let mut statement = change.tx.prepare_cached(
        "INSERT INTO audit (time, actor, account, address, action, target, detail, reason)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    statement.execute(params![
        entry.time,
        entry.actor,
        entry.account,
        entry.address,
        entry.action,
        entry.target,
        entry.detail,
        entry.reason,
    ])?;
    Ok(())
}

/// The newest that match, newest first.
pub(super) fn read(tx: &Connection, query: &AuditQuery) -> Result<Vec<AuditEntry>, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT number, time, actor, account, address, action, target, detail, reason
         FROM audit ORDER BY number DESC",
    )?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()?
        && found.len() < query.limit
    {
        let entry = from_row(row)?;
        if query.matches(&entry) {
            found.push(entry);
        }
    }
    Ok(found)
}

/// Deletes entries that are older, at most `step`; says how many that were. Only in this transaction
/// does the log let go of them.
pub(super) fn expire(change: &Change<'_>, before: u64, step: usize) -> Result<usize, StoreError> {
    let tx = &change.tx;
    tx.prepare_cached("INSERT INTO meta (name, value) VALUES ('audit_expires', ?)")?
        .execute([before])?;
    let expired = tx
        .prepare_cached(
            "DELETE FROM audit WHERE number IN
             (SELECT number FROM audit WHERE time < ? ORDER BY number LIMIT ?)",
        )?
        .execute(params![before, step])?;
    tx.prepare_cached("DELETE FROM meta WHERE name = 'audit_expires'")?.execute([])?;
    Ok(expired)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<AuditEntry> {
    Ok(AuditEntry {
        number: row.get(0)?,
        time: row.get(1)?,
        actor: row.get(2)?,
        account: row.get(3)?,
        address: row.get(4)?,
        action: row.get(5)?,
        target: row.get(6)?,
        detail: row.get(7)?,
        reason: row.get(8)?,
    })
}
