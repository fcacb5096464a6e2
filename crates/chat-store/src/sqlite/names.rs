//! Targets and authors by number: each is stored once, and entries refer to it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chat_protocol::casemapping;
use rusqlite::{Connection, OptionalExtension, params};

use crate::{Entry, StoreError, TargetKey};

/// What is remembered at most, of targets and of authors.
const REMEMBERED_MAX: usize = 50_000;

/// Numbers that were looked up before. Right as long as only this process writes.
#[derive(Debug, Default)]
pub(super) struct Names {
    targets: HashMap<TargetKey, i64>,
    authors: HashMap<Author, i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Author {
    source: Arc<str>,
    account: Option<Arc<str>>,
    is_bot: bool,
}

impl Names {
    pub(super) fn clear(&mut self) {
        self.targets.clear();
        self.authors.clear();
    }

    /// The number of a target, which gets one if it has none.
    pub(super) fn target(&mut self, tx: &Connection, key: &TargetKey) -> Result<i64, StoreError> {
        if let Some(&number) = self.targets.get(key) {
            return Ok(number);
        }
        let number = match target(tx, key)? {
            Some(number) => number,
            None => insert_target(tx, key)?,
        };
        if self.targets.len() >= REMEMBERED_MAX {
            self.targets.clear();
        }
        self.targets.insert(key.clone(), number);
        Ok(number)
    }

    /// The number of an entry's author, who gets one if there is none.
    pub(super) fn author(&mut self, tx: &Connection, entry: &Entry) -> Result<i64, StoreError> {
        let author = Author {
            source: entry.source.clone(),
            account: entry.account.clone(),
            is_bot: entry.is_bot,
        };
        if let Some(&number) = self.authors.get(&author) {
            return Ok(number);
        }
        let number = match author_number(tx, &author)? {
            Some(number) => number,
            None => insert_author(tx, &author)?,
        };
        if self.authors.len() >= REMEMBERED_MAX {
            self.authors.clear();
        }
        self.authors.insert(author, number);
        Ok(number)
    }
}

/// The number of a target that has one.
pub(super) fn target(tx: &Connection, key: &TargetKey) -> Result<Option<i64>, StoreError> {
    let mut statement = tx.prepare_cached("SELECT id FROM targets WHERE key = ?")?;
    Ok(statement.query_row([key.as_str()], |row| row.get(0)).optional()?)
}

/// Whoever has, or had, this nickname or account.
pub(super) fn authors(tx: &Connection, name: &str) -> Result<HashSet<i64>, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT id FROM authors WHERE nickname_key = ?1
         UNION SELECT id FROM authors WHERE account_key = ?1",
    )?;
    let rows = statement.query_map([casemapping::fold(name)], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn insert_target(tx: &Connection, key: &TargetKey) -> Result<i64, StoreError> {
    let (first, second) = key.accounts().unzip();
    let mut statement =
        tx.prepare_cached("INSERT INTO targets (key, first, second) VALUES (?, ?, ?)")?;
    Ok(statement.insert(params![key.as_str(), first, second])?)
}

fn author_number(tx: &Connection, author: &Author) -> Result<Option<i64>, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT id FROM authors WHERE source = ? AND account IS ? AND is_bot = ?",
    )?;
    let key = params![author.source, author.account, author.is_bot];
    Ok(statement.query_row(key, |row| row.get(0)).optional()?)
}

fn insert_author(tx: &Connection, author: &Author) -> Result<i64, StoreError> {
    let nickname = author.source.split('!').next().unwrap_or_default();
    let mut statement = tx.prepare_cached(
        "INSERT INTO authors (source, account, is_bot, nickname_key, account_key)
         VALUES (?, ?, ?, ?, ?)",
    )?;
    Ok(statement.insert(params![
        author.source,
        author.account,
        author.is_bot,
        casemapping::fold(nickname),
        author.account.as_deref().map(casemapping::fold),
    ])?)
}
