//! What follows when an account or a room gets another name, or an account is dropped.

use rusqlite::params;

use super::commit::account_scope;
use super::names;
use super::writer::Change;
use crate::{AccountName, StoreError, TargetKey};

/// Its rooms, its messages and its conversations follow an account.
pub(super) fn account(
    change: &mut Change<'_>,
    from: &AccountName,
    to: &AccountName,
) -> Result<(), StoreError> {
    change
        .tx
        .prepare_cached("UPDATE authors SET account = ?2, account_key = ?3 WHERE account_key = ?1")?
        .execute([from.key(), to.as_str(), to.key()])?;
    change.names.clear();
    if from == to {
        return Ok(());
    }
    change
        .tx
        .prepare_cached("UPDATE rooms SET founder = ?2 WHERE founder = ?1")?
        .execute([from.key(), to.key()])?;
    change
        .tx
        .prepare_cached("UPDATE OR REPLACE resends SET scope = ?2 WHERE scope = ?1")?
        .execute([account_scope(from.key()), account_scope(to.key())])?;
    // What was said under the new name belongs to somebody else.
    close_conversations(change, to)?;
    for (id, other) in conversations(change, from)? {
        let other = if other == from.key() { to.clone() } else { AccountName::new(&other) };
        let key = TargetKey::direct(to, &other);
        let (first, second) = key.accounts().unzip();
        change
            .tx
            .prepare_cached("UPDATE targets SET key = ?, first = ?, second = ? WHERE id = ?")?
            .execute(params![key.as_str(), first, second, id])?;
    }
    Ok(())
}

/// What was said is no account's any more, and stays with its nickname: who takes the name next neither
/// goes for its author nor can erase it.
pub(super) fn forget_author(change: &mut Change<'_>, name: &AccountName) -> Result<(), StoreError> {
    change
        .tx
        .prepare_cached(
            "UPDATE authors SET account = NULL, account_key = NULL WHERE account_key = ?",
        )?
        .execute([name.key()])?;
    change
        .tx
        .prepare_cached("DELETE FROM resends WHERE scope = ?")?
        .execute([account_scope(name.key())])?;
    change.names.clear();
    Ok(())
}

/// Nobody reads the conversations of this name any more: who takes the name next is somebody else.
pub(super) fn close_conversations(
    change: &mut Change<'_>,
    name: &AccountName,
) -> Result<(), StoreError> {
    for (id, _) in conversations(change, name)? {
        close(change, id)?;
    }
    Ok(())
}

/// The history of a target gets another name; says whether there is any. History that was there
/// under the new name is closed.
pub(super) fn target(
    change: &mut Change<'_>,
    from: &TargetKey,
    to: &TargetKey,
) -> Result<bool, StoreError> {
    let Some(id) = names::target(&change.tx, from)? else {
        return Ok(false);
    };
    if from == to {
        return Ok(true);
    }
    if let Some(other) = names::target(&change.tx, to)? {
        close(change, other)?;
    }
    change
        .tx
        .prepare_cached("UPDATE targets SET key = ? WHERE id = ?")?
        .execute(params![to.as_str(), id])?;
    change.names.clear();
    Ok(true)
}

/// Gives a target a key that no room and no conversation has. It stays until it is pruned.
fn close(change: &mut Change<'_>, id: i64) -> Result<(), StoreError> {
    change
        .tx
        .prepare_cached("UPDATE targets SET key = ?, first = NULL, second = NULL WHERE id = ?")?
        .execute(params![format!("closed {id}"), id])?;
    change.tx.prepare_cached("DELETE FROM read_markers WHERE target = ?")?.execute([id])?;
    change.names.clear();
    Ok(())
}

/// The conversations of an account, each with the other's name.
fn conversations(
    change: &Change<'_>,
    name: &AccountName,
) -> Result<Vec<(i64, String)>, StoreError> {
    let mut statement = change.tx.prepare_cached(
        "SELECT id, second FROM targets WHERE first = ?1
         UNION SELECT id, first FROM targets WHERE second = ?1",
    )?;
    let rows = statement.query_map([name.key()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
