//! Finding messages by their words.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, Row, params};

use super::index;
use super::names;
use super::row::{self, entry_columns};
use super::writer::{as_column, indexed};
use crate::words::Words;
use crate::{Entry, EntryId, Search, StoreError};

/// More targets or authors than this are not looked up in the index: what it finds is looked at.
const ALTERNATIVES_MAX: usize = 100;

/// Of what the index has not seen, so many of the newest are searched.
const UNINDEXED_MAX: usize = 4096;

/// So many messages with the words are looked at before the index is asked for those of the targets
/// only.
const LOOKED_AT_MAX: usize = 500;

const INDEXED: &str = concat!(
    "SELECT ",
    entry_columns!(),
    ", e.target, e.author FROM words AS w
     CROSS JOIN entries AS e ON e.id = w.rowid
     CROSS JOIN targets AS t ON t.id = e.target CROSS JOIN authors AS a ON a.id = e.author
     WHERE words MATCH ?1 AND w.rowid > ?2 AND w.rowid < ?3 ORDER BY w.rowid DESC"
);

const UNINDEXED: &str = concat!(
    "SELECT ",
    entry_columns!(),
    ", e.target, e.author FROM (SELECT * FROM entries WHERE id > ?1 ORDER BY id DESC LIMIT ?4) AS e
     CROSS JOIN targets AS t ON t.id = e.target CROSS JOIN authors AS a ON a.id = e.author
     WHERE e.id > ?2 AND e.id < ?3 AND e.kind <= 1 ORDER BY e.id DESC"
);

/// Messages with all the words, newest first.
pub(super) fn search(tx: &Connection, search: &Search) -> Result<Vec<Entry>, StoreError> {
    let Some(wanted) = Wanted::new(tx, search)? else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    let indexed = EntryId(indexed(tx)?);
    let limit = i64::try_from(UNINDEXED_MAX).unwrap_or(i64::MAX);
    let mut statement = tx.prepare_cached(UNINDEXED)?;
    // What nobody may see anywhere is not looked at.
    let visible = search.targets.iter().map(|it| it.after).min().unwrap_or(search.after);
    let (after, before) = (as_column(search.after.max(visible)), as_column(search.before));
    let mut rows = statement.query(params![as_column(indexed), after, before, limit])?;
    while let Some(row) = rows.next()?
        && found.len() < search.limit
    {
        let entry = row::entry(row)?;
        if wanted.may_be(row)? && wanted.words.are_in(&entry.body) {
            found.push(entry);
        }
    }
    let mut lookup = Lookup { tx, wanted: &wanted, limit: search.limit, after, before, found };
    // In a large room that is faster than following all that was said there beside the words.
    let is_done = !wanted.words.is_empty() && lookup.run(&wanted.anywhere(), LOOKED_AT_MAX)?;
    if !is_done {
        lookup.run(&wanted.expression(), usize::MAX)?;
    }
    Ok(lookup.found)
}

/// Goes through the index from the newest to the oldest.
struct Lookup<'l> {
    tx: &'l Connection,
    wanted: &'l Wanted,
    limit: usize,
    after: i64,
    before: i64,
    found: Vec<Entry>,
}

impl Lookup<'_> {
    /// Looks at so many of the messages that an expression finds, at most; says whether there is
    /// nothing more to be looked for.
    fn run(&mut self, expression: &str, looked_at_max: usize) -> Result<bool, StoreError> {
        let mut statement = self.tx.prepare_cached(INDEXED)?;
        let mut rows = statement.query(params![expression, self.after, self.before])?;
        for _ in 0..looked_at_max {
            if self.found.len() >= self.limit {
                return Ok(true);
            }
            let Some(row) = rows.next()? else {
                return Ok(true);
            };
            self.before = row.get(0)?;
            if !self.wanted.may_be(row)? {
                continue;
            }
            let entry = row::entry(row)?;
            if !self.wanted.words.need_order() || self.wanted.words.are_in(&entry.body) {
                self.found.push(entry);
            }
        }
        Ok(false)
    }
}

/// What is searched for, by number.
struct Wanted {
    words: Words,
    /// Each with what is too old to be seen, and the rank of who asks.
    targets: HashMap<i64, (i64, u8)>,
    /// Anybody, if it is none.
    authors: Option<HashSet<i64>>,
}

impl Wanted {
    /// None: there is nothing that could be found.
    fn new(tx: &Connection, search: &Search) -> Result<Option<Self>, StoreError> {
        let words = Words::new(&search.text);
        if words.is_empty() && !search.text.trim().is_empty() {
            return Ok(None);
        }
        let mut targets = HashMap::new();
        for searched in &search.targets {
            let seen = (as_column(searched.after), searched.rank);
            targets.extend(names::target(tx, &searched.target)?.map(|target| (target, seen)));
        }
        let authors = search.from.as_deref().map(|from| names::authors(tx, from)).transpose()?;
        if targets.is_empty() || authors.as_ref().is_some_and(HashSet::is_empty) {
            return Ok(None);
        }
        Ok(Some(Self { words, targets, authors }))
    }

    /// As an expression of FTS5; it finds at least what is wanted.
    fn expression(&self) -> String {
        let mut all = Vec::new();
        if !self.words.is_empty() {
            all.push(self.anywhere());
        }
        all.extend(one_of(self.targets.keys(), index::target_token));
        if self.words.is_empty() {
            all.extend(self.one_of_the_authors());
        }
        if all.is_empty() {
            // Every message has a target.
            all.push(format!("{} *", quoted(&index::any_target())));
        }
        all.join(" AND ")
    }

    /// The same, in whatever target; there have to be words.
    fn anywhere(&self) -> String {
        let parts = [Some(self.words.expression()), self.one_of_the_authors()];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" AND ")
    }

    fn one_of_the_authors(&self) -> Option<String> {
        self.authors.as_ref().and_then(|it| one_of(it.iter(), index::author_token))
    }

    fn may_be(&self, row: &Row<'_>) -> rusqlite::Result<bool> {
        let (target, author): (i64, i64) = (row.get(10)?, row.get(11)?);
        let Some((after, rank)) = self.targets.get(&target) else {
            return Ok(false);
        };
        let (id, rank_min): (i64, u8) = (row.get(0)?, row.get(2)?);
        Ok(id > *after
            && rank_min <= *rank
            && self.authors.as_ref().is_none_or(|authors| authors.contains(&author)))
    }
}

fn one_of<'n>(
    numbers: impl ExactSizeIterator<Item = &'n i64>,
    token: fn(i64) -> String,
) -> Option<String> {
    if numbers.len() > ALTERNATIVES_MAX {
        return None;
    }
    let tokens: Vec<_> = numbers.map(|number| quoted(&token(*number))).collect();
    Some(format!("({})", tokens.join(" OR ")))
}

fn quoted(token: &str) -> String {
    format!("\"{token}\"")
}
