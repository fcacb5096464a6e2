//! What search looks words up in.
//!
//! It is kept up by the commits themselves, a batch at a time, and what it has not seen yet is
//! searched without it. A batch makes a commit a little longer; the whole of what has gathered in a
//! second would make it much longer.

use rusqlite::{Connection, OptionalExtension, params};

use super::places;
use super::writer::{Change, Progress, as_column};
use crate::{EntryId, StoreError, words};

/// So many entries are worth a batch.
const BATCH_MIN: usize = 512;

/// A commit indexes at most so many, or as many as it adds if those are more.
const BATCH_MAX: usize = 512;

/// What marks the tokens of targets and authors: no word has it.
const TARGET_MARK: char = '\u{E000}';
const AUTHOR_MARK: char = '\u{E001}';

/// A row that is to be put in or taken out.
struct Indexed {
    id: i64,
    is_message: bool,
    target: i64,
    author: i64,
    body: String,
}

/// Indexes a part of what has gathered, after `added` more entries.
pub(super) fn keep_up(change: &mut Change<'_>, added: usize) -> Result<(), StoreError> {
    if change.position.words.behind < BATCH_MIN {
        return Ok(());
    }
    index(change, BATCH_MAX.max(added)).map(drop)
}

/// Indexes at most so many entries; says how many.
pub(super) fn index(change: &mut Change<'_>, limit: usize) -> Result<usize, StoreError> {
    let rows = unindexed(change, limit)?;
    let Some(last) = rows.last().map(|row| row.id) else {
        change.position.words.behind = 0;
        return Ok(0);
    };
    let mut insert = change.tx.prepare_cached("INSERT INTO words (rowid, tokens) VALUES (?, ?)")?;
    let mut tokens = String::new();
    for row in rows.iter().filter(|row| row.is_message) {
        write_tokens(row, &mut tokens);
        insert.execute(params![row.id, tokens])?;
    }
    change
        .tx
        .prepare_cached("UPDATE meta SET value = ? WHERE name = 'indexed'")?
        .execute([last])?;
    let words = &mut change.position.words;
    words.upto = last.unsigned_abs();
    words.behind = words.behind.saturating_sub(rows.len());
    Ok(rows.len())
}

/// Deletes an entry. Its words are found no more; they leave the disk as the index is merged.
pub(super) fn delete(change: &mut Change<'_>, id: i64) -> Result<(), StoreError> {
    let mut statement = change
        .tx
        .prepare_cached("SELECT id, kind <= 1, target, author, body FROM entries WHERE id = ?")?;
    let row = statement.query_row([id], from_row).optional()?;
    let Some(row) = row else {
        return Ok(());
    };
    drop(statement);
    places::forget(change, id, row.is_message, row.target, row.author)?;
    if !change.position.words.forgets(id) && row.is_message {
        let mut tokens = String::new();
        write_tokens(&row, &mut tokens);
        change
            .tx
            .prepare_cached("INSERT INTO words (words, rowid, tokens) VALUES ('delete', ?, ?)")?
            .execute(params![id, tokens])?;
    }
    change.tx.prepare_cached("DELETE FROM entries WHERE id = ?")?.execute([id])?;
    Ok(())
}

/// Deletes an entry and leaves nothing of it on the disk. It takes a hundred times as long.
pub(super) fn wipe(change: &mut Change<'_>, id: i64) -> Result<(), StoreError> {
    let secure_delete = "INSERT INTO words (words, rank) VALUES ('secure-delete', ?)";
    change.tx.prepare_cached(secure_delete)?.execute([1])?;
    delete(change, id)?;
    // The index does what it is told when it writes to the disk.
    change.tx.prepare_cached("INSERT INTO words (words) VALUES ('flush')")?.execute([])?;
    change.tx.prepare_cached(secure_delete)?.execute([0])?;
    change.wipes = true;
    Ok(())
}

/// An index whose tokens were made in another way is made anew, a batch at a time.
pub(super) fn check_version(change: &mut Change<'_>) -> Result<(), StoreError> {
    let mut statement = change.tx.prepare_cached("SELECT value FROM meta WHERE name = 'words'")?;
    let version: Option<i64> = statement.query_row([], |row| row.get(0)).optional()?;
    if version == Some(words::VERSION) {
        return Ok(());
    }
    change.tx.execute("INSERT INTO words (words) VALUES ('delete-all')", [])?;
    change.tx.execute("UPDATE meta SET value = 0 WHERE name = 'indexed'", [])?;
    change.tx.execute("INSERT OR REPLACE INTO meta VALUES ('words', ?)", [words::VERSION])?;
    let mut statement = change.tx.prepare("SELECT count(*) FROM entries")?;
    let entries: i64 = statement.query_row([], |row| row.get(0))?;
    change.position.words = Progress { upto: 0, behind: usize::try_from(entries).unwrap_or(0) };
    Ok(())
}

/// How many entries the index has not seen.
pub(super) fn lag(tx: &Connection) -> Result<usize, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT count(*) FROM entries WHERE id > (SELECT value FROM meta WHERE name = 'indexed')",
    )?;
    let lag: i64 = statement.query_row([], |row| row.get(0))?;
    Ok(usize::try_from(lag).unwrap_or(0))
}

/// The token that all messages of a target have.
pub(super) fn target_token(target: i64) -> String {
    format!("{TARGET_MARK}{target}")
}

/// How the tokens of all targets start.
pub(super) fn any_target() -> String {
    TARGET_MARK.to_string()
}

/// The token that all messages of an author have.
pub(super) fn author_token(author: i64) -> String {
    format!("{AUTHOR_MARK}{author}")
}

fn unindexed(change: &Change<'_>, limit: usize) -> Result<Vec<Indexed>, StoreError> {
    let mut statement = change.tx.prepare_cached(
        "SELECT id, kind <= 1, target, author, body FROM entries WHERE id > ? ORDER BY id LIMIT ?",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let after = as_column(EntryId(change.position.words.upto));
    let rows = statement.query_map(params![after, limit], from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Indexed> {
    Ok(Indexed {
        id: row.get(0)?,
        is_message: row.get(1)?,
        target: row.get(2)?,
        author: row.get(3)?,
        body: row.get(4)?,
    })
}

fn write_tokens(row: &Indexed, tokens: &mut String) {
    tokens.clear();
    tokens.push_str(&target_token(row.target));
    tokens.push(' ');
    tokens.push_str(&author_token(row.author));
    words::append_tokens(&row.body, tokens);
}
