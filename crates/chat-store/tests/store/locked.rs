//! A database that others keep locked.

use chat_store::{Store, StoreError};

use super::support::{entry, fixture, record, room};

#[test]
fn another_program_that_locks_the_database() {
    let it = fixture();
    it.say(1, "before");
    let other = rusqlite::Connection::open(it.dir.path().join("chat.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = it.store.commit(&[record(entry(2, &room(), "meanwhile"))]);
    assert!(matches!(refused, Err(StoreError::Busy)), "{refused:?}");
    assert_eq!(it.texts(&room()), ["before"]);
    assert!(matches!(it.store.check(), Err(StoreError::Busy)));
    other.execute_batch("ROLLBACK").unwrap();
    it.store.check().unwrap();
    it.say(3, "after");
    assert_eq!(it.texts(&room()), ["before", "after"]);
}
