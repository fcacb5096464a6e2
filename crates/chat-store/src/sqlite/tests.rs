//! What can only be brought about from the inside.

use std::sync::Arc;

use rusqlite::Connection;

use super::{SqliteStore, connection, schema};
use crate::lock::lock;
use crate::{
    Durability, Entry, EntryId, EntryKind, Outcome, Page, Record, Search, Store, StoreError,
    TargetKey,
};

fn room() -> TargetKey {
    TargetKey::room("#rust")
}

fn record(id: u64, body: &str) -> Record {
    let entry = Entry {
        id: EntryId(id),
        target: room(),
        kind: EntryKind::Privmsg,
        source: "alice!a@example.org".into(),
        account: None,
        is_bot: false,
        rank_min: 0,
        shown_target: "#rust".to_owned(),
        tags: String::new(),
        body: body.to_owned(),
    };
    Record::Entry { entry: Arc::new(entry), resend_id: Some(id.to_string()) }
}

fn everything() -> Page {
    Page {
        target: room(),
        after: EntryId(0),
        before: EntryId(u64::MAX),
        newest: false,
        limit: 100_000,
        with_events: true,
        rank: 0,
    }
}

fn search(text: &str) -> Search {
    Search {
        targets: vec![room().into()],
        text: text.to_owned(),
        from: None,
        after: EntryId(0),
        before: EntryId(u64::MAX),
        limit: 100,
    }
}

/// Lets the file grow by so many pages only, or as it likes.
fn limit_pages(store: &SqliteStore, more: Option<i64>) {
    let writer = lock(&store.writer);
    let pages: i64 = writer.connection.query_row("PRAGMA page_count", [], |it| it.get(0)).unwrap();
    let most = more.map_or(4_294_967_294, |more| pages + more);
    let set = format!("PRAGMA max_page_count = {most}");
    writer.connection.query_row(&set, [], |_| Ok(())).unwrap();
}

#[test]
fn a_full_disk_refuses_whole_commits_until_there_is_space() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path(), Durability::Power).unwrap();
    let mut stored = Vec::new();
    let mut next = 1;
    let mut commit = |stored: &mut Vec<u64>| {
        let ids: Vec<u64> = (next..next + 100).collect();
        next += 100;
        let records: Vec<_> = ids.iter().map(|id| record(*id, "some text for the disk")).collect();
        let outcome = store.commit(&records);
        match &outcome {
            Ok(outcomes) => {
                assert!(outcomes.iter().all(|it| *it == Outcome::Stored));
                stored.extend(ids);
            }
            Err(error) => assert!(matches!(error, StoreError::Full), "{error:?}"),
        }
        outcome.is_ok()
    };
    limit_pages(&store, Some(20));
    while commit(&mut stored) {}
    assert!(!commit(&mut stored));
    let ids = |store: &SqliteStore| -> Vec<u64> {
        store.page(&everything()).unwrap().iter().map(|it| it.id.0).collect()
    };
    assert_eq!(ids(&store), stored);
    limit_pages(&store, None);
    assert!(commit(&mut stored));
    assert_eq!(ids(&store), stored);
    assert!(store.search_lag().unwrap() < 512);
    drop(store);
    let store = SqliteStore::open(dir.path(), Durability::Power).unwrap();
    assert_eq!(ids(&store), stored);
}

#[test]
fn a_panic_leaves_nothing_half_done() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path(), Durability::Process).unwrap();
    std::thread::scope(|scope| {
        let panics = scope.spawn(|| {
            store.change(|change| -> Result<(), StoreError> {
                super::commit::commit(change, &[record(1, "half")])?;
                panic!("on purpose");
            })
        });
        assert!(panics.join().is_err());
    });
    store.commit(&[record(2, "whole")]).unwrap();
    let entries = store.page(&everything()).unwrap();
    assert_eq!(entries.iter().map(|it| it.id.0).collect::<Vec<_>>(), [2]);
}

#[test]
fn a_file_of_version_1_has_all_it_had_and_can_be_searched() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(connection::FILE_NAME);
    let mut old = Connection::open(&file).unwrap();
    schema::migrate_to(&mut old, 1).unwrap();
    old.execute_batch(VERSION_1).unwrap();
    drop(old);

    let store = SqliteStore::open(dir.path(), Durability::Process).unwrap();
    let bodies = |entries: Vec<Entry>| entries.into_iter().map(|it| it.body).collect::<Vec<_>>();
    assert_eq!(bodies(store.page(&everything()).unwrap()), ["明天去北京", "hello"]);
    let account = store.accounts().unwrap().remove(0);
    assert_eq!((account.name.as_str(), account.rev), ("Alice", 3));
    assert_eq!(store.rooms().unwrap().len(), 1);
    assert_eq!(store.read_marker(&account.name, &room()).unwrap(), Some(EntryId(10)));
    assert_eq!(store.joined_rooms(&account.name).unwrap(), ["#rust"]);
    assert_eq!(bodies(store.search(&search("北京")).unwrap()), ["明天去北京"]);
    assert_eq!(store.search_lag().unwrap(), 2);
    while store.catch_up(100).unwrap() > 0 {}
    assert_eq!(bodies(store.search(&search("北京")).unwrap()), ["明天去北京"]);
    store.commit(&[record(30, "new")]).unwrap();
    assert_eq!(store.commit(&[record(30, "new")]).unwrap(), [Outcome::Duplicate(EntryId(30))]);
}

/// What a program of that version has written.
const VERSION_1: &str = "
INSERT INTO targets VALUES (1, '#rust', NULL, NULL);
INSERT INTO authors VALUES (1, 'alice!a@example.org', 'Alice', 0, 'alice', 'alice');
INSERT INTO entries VALUES (10, 1, 1, 0, 0, NULL, NULL, '明天去北京');
INSERT INTO entries VALUES (20, 1, 1, 1, 0, NULL, NULL, 'hello');
INSERT INTO accounts (id, key, name, rev, created, is_oper) VALUES (1, 'alice', 'Alice', 3, 5, 1);
INSERT INTO rooms VALUES ('#rust', '#Rust', 'alice', '{}');
INSERT INTO read_markers VALUES (1, 1, 10);
INSERT INTO joined_rooms VALUES (1, '#rust');
";

#[test]
fn resend_ids_of_version_2_are_still_known() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(connection::FILE_NAME);
    let mut old = Connection::open(&file).unwrap();
    schema::migrate_to(&mut old, 2).unwrap();
    old.execute_batch(VERSION_1).unwrap();
    let resends = "INSERT INTO resends VALUES ('source alice!a@example.org', '30', 10);
        INSERT INTO resends VALUES ('source alice!a@example.org', '31', 11)";
    old.execute_batch(resends).unwrap();
    drop(old);
    let store = SqliteStore::open(dir.path(), Durability::Process).unwrap();
    let sent_again = store.commit(&[record(30, "known"), record(31, "of one that is gone")]);
    assert_eq!(sent_again.unwrap(), [Outcome::Duplicate(EntryId(10)), Outcome::Stored]);
}

#[test]
fn an_index_of_other_tokens_is_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path(), Durability::Process).unwrap();
    let records: Vec<_> = (1..=100).map(|id| record(id, "hello")).collect();
    store.commit(&records).unwrap();
    store.catch_up(100).unwrap();
    assert_eq!(store.search_lag().unwrap(), 0);
    lock(&store.writer)
        .connection
        .execute("UPDATE meta SET value = 0 WHERE name = 'words'", [])
        .unwrap();
    drop(store);
    let store = SqliteStore::open(dir.path(), Durability::Process).unwrap();
    assert_eq!(store.search_lag().unwrap(), 100);
    assert_eq!(store.search(&search("hello")).unwrap().len(), 100);
    while store.catch_up(30).unwrap() > 0 {}
    assert_eq!(store.search(&search("hello")).unwrap().len(), 100);
}
