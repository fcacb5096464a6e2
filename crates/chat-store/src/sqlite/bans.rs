//! Bans from the server.

use chat_protocol::casemapping::fold;
use rusqlite::{Connection, Row, params};

use super::audit;
use super::writer::Change;
use crate::{AuditEntry, Ban, BanKind, BanList, StoreError};

/// All of them.
pub(super) fn bans(tx: &Connection) -> Result<BanList, StoreError> {
    let rev = tx
        .prepare_cached("SELECT value FROM meta WHERE name = 'bans_rev'")?
        .query_row([], |row| row.get(0))?;
    let mut statement = tx.prepare_cached(
        "SELECT kind, mask, author, reason, created, expires FROM bans ORDER BY kind, key",
    )?;
    let rows = statement.query_map([], from_row)?;
    Ok(BanList { rev, bans: rows.collect::<Result<_, _>>()? })
}

/// Sets a ban, in place of one that means the same.
pub(super) fn set(change: &Change<'_>, ban: &Ban, entry: &AuditEntry) -> Result<(), StoreError> {
    audit::write(change, entry)?;
    let mut statement = change.tx.prepare_cached(
        "INSERT OR REPLACE INTO bans (kind, key, mask, author, reason, created, expires)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )?;
    statement.execute(params![
        ban.kind as u8,
        fold(&ban.mask),
        ban.mask,
        ban.by,
        ban.reason,
        ban.created,
        ban.until,
    ])?;
    changed(change)
}

/// Takes a ban away.
pub(super) fn lift(
    change: &Change<'_>,
    kind: BanKind,
    mask: &str,
    entry: &AuditEntry,
) -> Result<(), StoreError> {
    let mut statement = change.tx.prepare_cached("DELETE FROM bans WHERE kind = ? AND key = ?")?;
    if statement.execute(params![kind as u8, fold(mask)])? == 0 {
        return Err(StoreError::Missing);
    }
    audit::write(change, entry)?;
    changed(change)
}

/// Takes away those that are over; says how many.
pub(super) fn expire(change: &Change<'_>, now: u64) -> Result<usize, StoreError> {
    let expired =
        change.tx.prepare_cached("DELETE FROM bans WHERE expires <= ?")?.execute([now])?;
    if expired > 0 {
        changed(change)?;
    }
    Ok(expired)
}

fn changed(change: &Change<'_>) -> Result<(), StoreError> {
    change
        .tx
        .prepare_cached("UPDATE meta SET value = value + 1 WHERE name = 'bans_rev'")?
        .execute([])?;
    Ok(())
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Ban> {
    let kind = match row.get(0)? {
        0_u8 => BanKind::Address,
        1 => BanKind::Mask,
        _ => BanKind::Account,
    };
    Ok(Ban {
        kind,
        mask: row.get(1)?,
        by: row.get(2)?,
        reason: row.get(3)?,
        created: row.get(4)?,
        until: row.get(5)?,
    })
}
