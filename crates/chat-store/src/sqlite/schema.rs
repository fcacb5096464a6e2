//! The tables, and how a file of an older version becomes one of this version.

use rusqlite::{Connection, TransactionBehavior};

use crate::StoreError;

/// Marks a file as a store: "chat".
pub(super) const APPLICATION_ID: i32 = 0x6368_6174;

/// The version that this program writes.
pub(super) const VERSION: usize = STEPS.len();

/// Each makes a file one version newer. A step that has been released is never changed.
const STEPS: &[&str] = &[V1, V2, V3, V4, V5];

/// History, accounts and rooms. An entry's id is its time, and the row's. Messages and other events
/// have an index each, so that a page of messages never steps over a crowd that came and went.
const V1: &str = "
CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE targets (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, first TEXT, second TEXT
) STRICT;
CREATE INDEX targets_by_first ON targets (first) WHERE first IS NOT NULL;
CREATE INDEX targets_by_second ON targets (second) WHERE second IS NOT NULL;
CREATE TABLE authors (
    id INTEGER PRIMARY KEY, source TEXT NOT NULL, account TEXT, is_bot INTEGER NOT NULL,
    nickname_key TEXT NOT NULL, account_key TEXT
) STRICT;
CREATE INDEX authors_by_source ON authors (source);
CREATE INDEX authors_by_nickname ON authors (nickname_key);
CREATE INDEX authors_by_account ON authors (account_key) WHERE account_key IS NOT NULL;
CREATE TABLE entries (
    id INTEGER PRIMARY KEY, target INTEGER NOT NULL, author INTEGER NOT NULL,
    kind INTEGER NOT NULL, rank_min INTEGER NOT NULL, shown TEXT, tags TEXT, body TEXT NOT NULL
) STRICT;
CREATE INDEX messages_by_target ON entries (target) WHERE kind <= 1;
CREATE INDEX events_by_target ON entries (target) WHERE kind > 1;
CREATE INDEX entries_by_author ON entries (author);
CREATE TABLE accounts (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, name TEXT NOT NULL, rev INTEGER NOT NULL,
    created INTEGER NOT NULL, salt BLOB, iterations INTEGER, stored_key BLOB, server_key BLOB,
    email TEXT, suspended_by TEXT, suspended_reason TEXT, suspended_since INTEGER,
    suspended_until INTEGER, is_oper INTEGER NOT NULL, always_on INTEGER
) STRICT;
CREATE TABLE certificates (
    fingerprint TEXT PRIMARY KEY, account INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX certificates_by_account ON certificates (account);
CREATE TABLE invitations (
    code TEXT PRIMARY KEY, author TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE rooms (
    key TEXT PRIMARY KEY, name TEXT NOT NULL, founder TEXT, settings TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX rooms_by_founder ON rooms (founder) WHERE founder IS NOT NULL;
CREATE TABLE read_markers (
    account INTEGER NOT NULL, target INTEGER NOT NULL, entry INTEGER NOT NULL,
    PRIMARY KEY (account, target)
) STRICT, WITHOUT ROWID;
CREATE INDEX read_markers_by_target ON read_markers (target);
CREATE TABLE joined_rooms (
    account INTEGER NOT NULL, room TEXT NOT NULL, PRIMARY KEY (account, room)
) STRICT, WITHOUT ROWID;
CREATE INDEX joined_rooms_by_room ON joined_rooms (room);
";

/// Resend ids, and search. The index keeps no text of its own and no positions, which would be a third
/// of it: `words.rs` makes the tokens, a message is taken out with the same tokens again, and whether
/// words stand in a row is looked up in the message.
const V2: &str = "
CREATE TABLE resends (
    scope TEXT NOT NULL, resend_id TEXT NOT NULL, entry INTEGER NOT NULL,
    PRIMARY KEY (scope, resend_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX resends_by_entry ON resends (entry);
CREATE VIRTUAL TABLE words USING fts5 (tokens, content='', columnsize=0, detail=none,
    tokenize='ascii');
INSERT INTO words (words, rank) VALUES ('automerge', 8);
INSERT INTO meta (name, value) VALUES ('indexed', 0);
";

/// A resend id counts for each target by itself: one line to two rooms is two messages.
const V3: &str = "
ALTER TABLE resends RENAME TO resends_of_authors;
DROP INDEX resends_by_entry;
CREATE TABLE resends (
    scope TEXT NOT NULL, target INTEGER NOT NULL, resend_id TEXT NOT NULL, entry INTEGER NOT NULL,
    PRIMARY KEY (scope, target, resend_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX resends_by_entry ON resends (entry);
INSERT INTO resends (scope, target, resend_id, entry)
    SELECT r.scope, e.target, r.resend_id, r.entry
    FROM resends_of_authors AS r JOIN entries AS e ON e.id = r.entry;
DROP TABLE resends_of_authors;
";

/// Where the entries of targets and authors are is kept up a batch at a time, which indexes can't be.
const V4: &str = "
CREATE TABLE messages_of_targets (
    target INTEGER NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY (target, entry)
) STRICT, WITHOUT ROWID;
CREATE TABLE events_of_targets (
    target INTEGER NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY (target, entry)
) STRICT, WITHOUT ROWID;
CREATE TABLE entries_of_authors (
    author INTEGER NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY (author, entry)
) STRICT, WITHOUT ROWID;
INSERT INTO messages_of_targets SELECT target, id FROM entries WHERE kind <= 1 ORDER BY target, id;
INSERT INTO events_of_targets SELECT target, id FROM entries WHERE kind > 1 ORDER BY target, id;
INSERT INTO entries_of_authors SELECT author, id FROM entries ORDER BY author, id;
INSERT INTO meta (name, value) SELECT 'placed', coalesce(max(id), 0) FROM entries;
DROP INDEX messages_by_target;
DROP INDEX events_by_target;
DROP INDEX entries_by_author;
";

/// Bans from the server, the audit log, and which role an operator has. The log is added to and never
/// changed: what has become too old is deleted only by a transaction that says so in `meta`.
const V5: &str = "
CREATE TABLE bans (
    kind INTEGER NOT NULL, key TEXT NOT NULL, mask TEXT NOT NULL, author TEXT NOT NULL,
    reason TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER, PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;
INSERT INTO meta (name, value) VALUES ('bans_rev', 0);
CREATE TABLE audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, actor TEXT NOT NULL,
    account TEXT, address TEXT, action TEXT NOT NULL, target TEXT, detail TEXT, reason TEXT
) STRICT;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
CREATE TRIGGER audit_is_not_replaced BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE number = new.number)
BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
WHEN old.time >= (SELECT coalesce(max(value), 0) FROM meta WHERE name = 'audit_expires')
BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
ALTER TABLE accounts ADD COLUMN oper_role TEXT;
";

/// Whether the file may be used at all; its version, 0 for a new one. Changes nothing.
pub(super) fn check(connection: &Connection) -> Result<usize, StoreError> {
    // At one moment: another process may be making the file.
    let seen = connection.unchecked_transaction()?;
    version_of(&seen)
}

/// Like [`check`], in a transaction.
fn version_of(tx: &Connection) -> Result<usize, StoreError> {
    let application: i32 = tx.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let version: i64 = tx.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let tables: i64 = tx.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != APPLICATION_ID && (application != 0 || tables > 0) {
        return Err(StoreError::Unusable(
            "the database belongs to another program: move it away, or name another data directory"
                .to_owned(),
        ));
    }
    let version = usize::try_from(version).unwrap_or(usize::MAX);
    if version > VERSION {
        return Err(StoreError::Unusable(format!(
            "the database has version {version}, and this program knows versions up to {VERSION}: \
             use a newer program, or restore a backup"
        )));
    }
    Ok(version)
}

/// Brings a file that has passed [`check`] to this version, in one transaction.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    migrate_to(connection, VERSION)
}

pub(super) fn migrate_to(connection: &mut Connection, goal: usize) -> Result<(), StoreError> {
    if check(connection)? >= goal {
        return Ok(());
    }
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version = version_of(&tx)?;
    for step in STEPS.iter().take(goal).skip(version) {
        tx.execute_batch(step)?;
    }
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.pragma_update(None, "user_version", goal.max(version))?;
    tx.commit()?;
    Ok(())
}
