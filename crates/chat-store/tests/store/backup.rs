//! A backup is a store again.

use std::fs;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use chat_store::{DataLock, EntryId, SqliteStore, Store, StoreError};

use super::support::{Fixture, entry, fixture, open, page, record, room};

#[test]
fn a_backup_made_while_others_write_has_all_that_was_stored_before() {
    let it = fixture();
    for id in 1..=100 {
        it.say(id, "before");
    }
    let file = it.dir.path().join("copy");
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for id in (101..).take_while(|_| !stop.load(Ordering::Relaxed)) {
                it.say(id, "meanwhile");
            }
        });
        it.store.backup(&file).unwrap();
        stop.store(true, Ordering::Relaxed);
    });
    let dir = it.dir.path().join("restored");
    SqliteStore::restore(&file, &dir, false).unwrap();
    let restored = open(&dir);
    let entries = restored.page(&page(&room())).unwrap();
    assert!(entries.len() >= 100);
    let ids: Vec<_> = entries.iter().map(|it| it.id.0).collect();
    assert_eq!(ids, (1..=u64::try_from(ids.len()).unwrap()).collect::<Vec<_>>());
    let again = Fixture { store: restored, dir: it.dir };
    assert_eq!(again.found("before").len(), 100);
    again.say(1_000_000, "goes on");
}

#[test]
fn nothing_is_overwritten_unasked() {
    let it = fixture();
    it.say(1, "in the backup");
    let file = it.dir.path().join("copy");
    it.store.backup(&file).unwrap();
    assert!(matches!(it.store.backup(&file), Err(StoreError::Failed(_))));
    it.say(2, "after it");
    let dir = it.dir.path();
    assert!(matches!(SqliteStore::restore(&file, dir, false), Err(StoreError::Failed(_))));
    assert_eq!(it.texts(&room()).len(), 2);
    let lock = DataLock::acquire(dir).unwrap();
    assert!(matches!(SqliteStore::restore(&file, dir, true), Err(StoreError::Unusable(_))));
    drop((lock, it.store));
    SqliteStore::restore(&file, dir, true).unwrap();
    let it = Fixture { store: open(dir), dir: it.dir };
    assert_eq!(it.texts(&room()), ["in the backup"]);
}

#[test]
fn what_is_no_backup_is_not_restored() {
    let it = fixture();
    for id in 1..=100 {
        it.say(id, "some text to fill a few pages with, so that one of them can be damaged");
    }
    let file = it.dir.path().join("copy");
    it.store.backup(&file).unwrap();
    let target = it.dir.path().join("restored");
    let refused = |bytes: &[u8]| {
        fs::write(&file, bytes).unwrap();
        let restored = SqliteStore::restore(&file, &target, false);
        assert!(matches!(restored, Err(StoreError::Unusable(_))), "{restored:?}");
        assert!(!target.exists());
    };
    let good = fs::read(&file).unwrap();
    refused(b"a letter to my aunt");
    refused(b"");
    refused(&good[..good.len() / 2]);
    fs::remove_file(&file).unwrap();
    let missing = SqliteStore::restore(&file, &target, false);
    assert!(matches!(missing, Err(StoreError::Unusable(_))));
    let in_use = SqliteStore::restore(&it.dir.path().join("chat.db"), &target, false);
    assert!(matches!(in_use, Err(StoreError::Unusable(_))));
}

#[test]
fn an_export_has_everything_in_order() {
    let it = fixture();
    let records: Vec<_> =
        (1..=1234).map(|id| record(entry(id, &room(), &id.to_string()))).collect();
    it.store.commit(&records).unwrap();
    let exported = |after, most| {
        let mut ids = Vec::new();
        let each = &mut |entry: chat_store::Entry| {
            ids.push(entry.id.0);
            if ids.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        it.store.export(&room(), EntryId(after), each).unwrap();
        ids
    };
    assert_eq!(exported(0, 10_000), (1..=1234).collect::<Vec<_>>());
    assert_eq!(exported(1200, 10_000), (1201..=1234).collect::<Vec<_>>());
    assert_eq!(exported(0, 3), [1, 2, 3]);
}
