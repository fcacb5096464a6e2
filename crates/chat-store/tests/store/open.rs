//! What is no store is refused and left as it is.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use chat_store::{Durability, SqliteStore, Store, StoreError};

use super::support::fixture;

#[track_caller]
fn refused(dir: &Path, words: &str) {
    let file = dir.join("chat.db");
    let before = fs::read(&file).unwrap();
    match SqliteStore::open(dir, Durability::Power) {
        Err(StoreError::Unusable(why)) => assert!(why.contains(words), "{why}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn its_size_is_what_was_committed_and_not_what_was_checked() {
    let it = fixture();
    let empty = it.store.size().unwrap();
    assert_eq!(empty.entries, 0);
    it.store.check().unwrap();
    (1..=300).for_each(|id| it.say(id, &"text ".repeat(50)));
    let filled = it.store.size().unwrap();
    assert_eq!(filled.entries, 300);
    assert!(filled.bytes > empty.bytes + 300 * 250, "{empty:?} {filled:?}");
}

#[test]
fn only_the_owner_reads_it() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("data");
    let _store = SqliteStore::open(&dir, Durability::Power).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&dir), 0o700);
    for file in fs::read_dir(&dir).unwrap() {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }
}

#[test]
fn a_file_that_is_no_database() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("chat.db"), "this is a letter to my aunt\n".repeat(100)).unwrap();
    refused(dir.path(), "not one");
}

#[test]
fn a_database_of_another_program() {
    let dir = tempfile::tempdir().unwrap();
    let other = rusqlite::Connection::open(dir.path().join("chat.db")).unwrap();
    other.execute_batch("CREATE TABLE songs (title TEXT)").unwrap();
    drop(other);
    refused(dir.path(), "another program");
}

#[test]
fn a_database_of_a_newer_program() {
    let it = fixture();
    drop(it.store);
    let newer = rusqlite::Connection::open(it.dir.path().join("chat.db")).unwrap();
    newer.execute_batch("PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    drop(newer);
    refused(it.dir.path(), "newer program");
}

#[test]
fn a_damaged_database() {
    let it = fixture();
    for id in 1..200 {
        it.say(id, "a text of some length, so that there are pages enough to damage one of them");
    }
    drop(it.store);
    let file = it.dir.path().join("chat.db");
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8192].fill(0xA5);
    fs::write(&file, bytes).unwrap();
    refused(it.dir.path(), "damaged");
}

#[test]
fn a_database_that_is_cut_off() {
    let it = fixture();
    it.say(1, "hello");
    drop(it.store);
    let file = it.dir.path().join("chat.db");
    let bytes = fs::read(&file).unwrap();
    fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    refused(it.dir.path(), "damaged");
}
