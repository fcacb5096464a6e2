//! Accounts and invitations.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::rename;
use super::writer::Change;
use crate::{Account, AccountChange, AccountName, Invitation, StoreError, Suspension, Verifier};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, rev, created, salt, iterations, stored_key, server_key, email,
             suspended_by, suspended_reason, suspended_since, suspended_until, is_oper, always_on,
             oper_role
             FROM accounts ",
            $rest
        )
    };
}

/// An account by name.
pub(super) fn account(tx: &Connection, name: &AccountName) -> Result<Option<Account>, StoreError> {
    one(tx, select!("WHERE key = ?"), name.key())
}

/// The account that a certificate logs in to.
pub(super) fn of_certificate(
    tx: &Connection,
    fingerprint: &str,
) -> Result<Option<Account>, StoreError> {
    let sql = select!("WHERE id = (SELECT account FROM certificates WHERE fingerprint = ?)");
    one(tx, sql, fingerprint)
}

/// All of them, in the order of their names.
pub(super) fn accounts(tx: &Connection) -> Result<Vec<Account>, StoreError> {
    let mut statement = tx.prepare_cached(select!("ORDER BY key"))?;
    let rows = statement.query_map([], from_row)?.collect::<Result<Vec<_>, _>>()?;
    rows.into_iter().map(|(id, account)| with_certificates(tx, id, account)).collect()
}

/// The number of an account, if there is one.
pub(super) fn number(tx: &Connection, name: &AccountName) -> Result<Option<i64>, StoreError> {
    let mut statement = tx.prepare_cached("SELECT id FROM accounts WHERE key = ?")?;
    Ok(statement.query_row([name.key()], |row| row.get(0)).optional()?)
}

/// Makes an account, and uses up the invitation.
pub(super) fn create(
    change: &mut Change<'_>,
    account: &Account,
    invitation: Option<&str>,
) -> Result<(), StoreError> {
    if number(&change.tx, &account.name)?.is_some() {
        return Err(StoreError::Exists);
    }
    if let Some(code) = invitation {
        use_up(&change.tx, code, account.created)?;
    }
    let mut statement = change.tx.prepare_cached(
        "INSERT INTO accounts (key, name, rev, created, is_oper) VALUES (?, '', 0, ?, 0)",
    )?;
    let id = statement.insert(params![account.name.key(), account.created])?;
    write(&change.tx, id, account)
}

/// Changes an account that still has this revision.
pub(super) fn change(
    change: &mut Change<'_>,
    name: &AccountName,
    rev: u64,
    wanted: &AccountChange,
) -> Result<(), StoreError> {
    let sql = select!("WHERE key = ?");
    let mut statement = change.tx.prepare_cached(sql)?;
    let found = statement.query_row([name.key()], from_row).optional()?;
    drop(statement);
    let (id, mut account) = found.ok_or(StoreError::Missing)?;
    if account.rev != rev {
        return Err(StoreError::Conflict);
    }
    account = with_certificates(&change.tx, id, account)?;
    if let Some(new) = &wanted.name {
        if number(&change.tx, new)?.is_some_and(|taken| taken != id) {
            return Err(StoreError::Exists);
        }
        rename::account(change, name, new)?;
        account.name = new.clone();
    }
    account.rev += 1;
    apply(wanted, &mut account);
    write(&change.tx, id, &account)
}

/// Removes an account and what is nobody else's.
pub(super) fn drop_account(change: &mut Change<'_>, name: &AccountName) -> Result<(), StoreError> {
    let id = number(&change.tx, name)?.ok_or(StoreError::Missing)?;
    for sql in [
        "DELETE FROM accounts WHERE id = ?",
        "DELETE FROM certificates WHERE account = ?",
        "DELETE FROM read_markers WHERE account = ?",
        "DELETE FROM joined_rooms WHERE account = ?",
    ] {
        change.tx.prepare_cached(sql)?.execute([id])?;
    }
    rename::forget_author(change, name)?;
    rename::close_conversations(change, name)
}

/// Makes an invitation.
pub(super) fn invite(change: &mut Change<'_>, invitation: &Invitation) -> Result<(), StoreError> {
    let mut statement = change.tx.prepare_cached(
        "INSERT INTO invitations (code, author, created, expires) VALUES (?, ?, ?, ?)
         ON CONFLICT DO NOTHING",
    )?;
    let Invitation { code, by, created, expires } = invitation;
    let added = statement.execute(params![code, by, created, expires])?;
    if added == 1 { Ok(()) } else { Err(StoreError::Exists) }
}

fn use_up(tx: &Connection, code: &str, now: u64) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM invitations WHERE expires <= ?")?.execute([now])?;
    let used = tx.prepare_cached("DELETE FROM invitations WHERE code = ?")?.execute([code])?;
    if used == 1 { Ok(()) } else { Err(StoreError::Missing) }
}

fn apply(wanted: &AccountChange, account: &mut Account) {
    if let Some(verifier) = &wanted.verifier {
        account.verifier.clone_from(verifier);
    }
    if let Some(certificates) = &wanted.certificates {
        account.certificates.clone_from(certificates);
    }
    if let Some(email) = &wanted.email {
        account.email.clone_from(email);
    }
    if let Some(suspension) = &wanted.suspension {
        account.suspension.clone_from(suspension);
    }
    account.is_oper = wanted.is_oper.unwrap_or(account.is_oper);
    if let Some(role) = &wanted.oper_role {
        account.oper_role.clone_from(role);
    }
    account.always_on = wanted.always_on.unwrap_or(account.always_on);
}

/// Writes everything that can change.
fn write(tx: &Connection, id: i64, account: &Account) -> Result<(), StoreError> {
    let verifier = account.verifier.as_ref();
    let suspension = account.suspension.as_ref();
    let mut statement = tx.prepare_cached(
        "UPDATE accounts SET key = ?2, name = ?3, rev = ?4, salt = ?5, iterations = ?6,
         stored_key = ?7, server_key = ?8, email = ?9, suspended_by = ?10, suspended_reason = ?11,
         suspended_since = ?12, suspended_until = ?13, is_oper = ?14, always_on = ?15,
         oper_role = ?16 WHERE id = ?1",
    )?;
    statement.execute(params![
        id,
        account.name.key(),
        account.name.as_str(),
        account.rev,
        verifier.map(|it| &it.salt),
        verifier.map(|it| it.iterations),
        verifier.map(|it| it.stored_key),
        verifier.map(|it| it.server_key),
        account.email,
        suspension.map(|it| &it.by),
        suspension.map(|it| &it.reason),
        suspension.map(|it| it.since),
        suspension.and_then(|it| it.until),
        account.is_oper,
        account.always_on,
        account.oper_role,
    ])?;
    write_certificates(tx, id, &account.certificates)
}

fn write_certificates(tx: &Connection, id: i64, certificates: &[String]) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM certificates WHERE account = ?")?.execute([id])?;
    let mut insert = tx.prepare_cached(
        "INSERT INTO certificates (fingerprint, account) VALUES (?1, ?2)
         ON CONFLICT DO UPDATE SET account = account WHERE account = ?2",
    )?;
    for fingerprint in certificates {
        if insert.execute(params![fingerprint, id])? == 0 {
            return Err(StoreError::Exists);
        }
    }
    Ok(())
}

fn one(tx: &Connection, sql: &str, key: &str) -> Result<Option<Account>, StoreError> {
    let found = tx.prepare_cached(sql)?.query_row([key], from_row).optional()?;
    found.map(|(id, account)| with_certificates(tx, id, account)).transpose()
}

fn with_certificates(tx: &Connection, id: i64, account: Account) -> Result<Account, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT fingerprint FROM certificates WHERE account = ? ORDER BY fingerprint",
    )?;
    let rows = statement.query_map([id], |row| row.get(0))?;
    Ok(Account { certificates: rows.collect::<Result<_, _>>()?, ..account })
}

/// An account without its certificates, and its number.
fn from_row(row: &Row<'_>) -> rusqlite::Result<(i64, Account)> {
    let account = Account {
        name: AccountName::new(row.get_ref("name")?.as_str()?),
        rev: row.get("rev")?,
        created: row.get("created")?,
        verifier: verifier(row)?,
        certificates: Vec::new(),
        email: row.get("email")?,
        suspension: suspension(row)?,
        is_oper: row.get("is_oper")?,
        oper_role: row.get("oper_role")?,
        always_on: row.get("always_on")?,
    };
    Ok((row.get("id")?, account))
}

fn verifier(row: &Row<'_>) -> rusqlite::Result<Option<Verifier>> {
    let Some(salt) = row.get("salt")? else {
        return Ok(None);
    };
    Ok(Some(Verifier {
        salt,
        iterations: row.get("iterations")?,
        stored_key: row.get("stored_key")?,
        server_key: row.get("server_key")?,
    }))
}

fn suspension(row: &Row<'_>) -> rusqlite::Result<Option<Suspension>> {
    let Some(by) = row.get("suspended_by")? else {
        return Ok(None);
    };
    Ok(Some(Suspension {
        by,
        reason: row.get("suspended_reason")?,
        since: row.get("suspended_since")?,
        until: row.get("suspended_until")?,
    }))
}
