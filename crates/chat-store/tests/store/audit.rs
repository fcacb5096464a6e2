//! The audit log: what is in it stays as it is.

use chat_protocol::Mask;
use chat_store::{AccountChange, AuditEntry, AuditQuery, Record, RoomRecord, Store, StoreError};
use rusqlite::Connection;

use super::accounts::bare;
use super::support::{Fixture, fixture, name, record, room};

fn entry(time: u64, actor: &str, action: &str, target: &str) -> AuditEntry {
    AuditEntry {
        time,
        actor: actor.to_owned(),
        action: action.to_owned(),
        target: Some(target.to_owned()),
        account: Some("root".to_owned()),
        address: Some("192.0.2.7".to_owned()),
        detail: Some("for 1h".to_owned()),
        reason: Some("spam".to_owned()),
        number: 0,
    }
}

fn all(it: &Fixture) -> Vec<AuditEntry> {
    it.store.audit_log(&AuditQuery::default()).unwrap()
}

#[test]
fn entries_are_numbered_and_found() {
    let it = fixture();
    it.store.audit(&entry(10, "Op!o@cloak", "KILL", "bob")).unwrap();
    it.store.audit(&entry(20, "command-line", "account drop", "alice")).unwrap();
    let it = it.reopen();
    let second = AuditEntry { number: 2, ..entry(20, "command-line", "account drop", "alice") };
    let first = AuditEntry { number: 1, ..entry(10, "Op!o@cloak", "KILL", "bob") };
    assert_eq!(all(&it), [second, first]);

    let numbers = |query: AuditQuery| -> Vec<u64> {
        it.store.audit_log(&query).unwrap().iter().map(|entry| entry.number).collect()
    };
    let everything = AuditQuery::default;
    let mask = |text| Some(Mask::new(text));
    assert_eq!(numbers(AuditQuery { since: 20, ..everything() }), [2]);
    assert_eq!(numbers(AuditQuery { until: 20, ..everything() }), [1]);
    assert_eq!(numbers(AuditQuery { who: mask("OP"), ..everything() }), [1]);
    assert_eq!(numbers(AuditQuery { who: mask("op!*@cloak"), ..everything() }), [1]);
    assert_eq!(numbers(AuditQuery { who: mask("root"), ..everything() }), [2, 1]);
    assert_eq!(numbers(AuditQuery { who: mask("192.0.2.*"), ..everything() }), [2, 1]);
    let not_by_address = AuditQuery { by_address: false, ..everything() };
    assert_eq!(numbers(AuditQuery { who: mask("192.0.2.*"), ..not_by_address }), []);
    assert_eq!(numbers(AuditQuery { who: mask("nobody"), ..everything() }), []);
    assert_eq!(numbers(AuditQuery { action: mask("account *"), ..everything() }), [2]);
    assert_eq!(numbers(AuditQuery { target: mask("BOB"), ..everything() }), [1]);
    assert_eq!(numbers(AuditQuery { limit: 1, ..everything() }), [2]);
}

#[test]
fn nobody_changes_or_deletes_an_entry() {
    let it = fixture();
    it.store.audit(&entry(10, "op!o@h", "KILL", "bob")).unwrap();
    let before = all(&it);
    let raw = Connection::open(it.dir.path().join("chat.db")).unwrap();
    for sql in [
        "UPDATE audit SET actor = 'somebody else'",
        "UPDATE audit SET number = 7",
        "DELETE FROM audit",
        "INSERT OR REPLACE INTO audit (number, time, actor, action) VALUES (1, 1, 'x', 'y')",
        "REPLACE INTO audit (number, time, actor, action) VALUES (1, 1, 'x', 'y')",
    ] {
        let refused = raw.execute(sql, []).unwrap_err().to_string();
        assert!(refused.contains("only added to"), "{sql}: {refused}");
    }
    assert_eq!(all(&it), before);
}

#[test]
fn only_what_is_too_old_goes_a_little_at_a_time() {
    let it = fixture();
    (1..=5).for_each(|time| it.store.audit(&entry(time, "op!o@h", "KILL", "bob")).unwrap());
    assert_eq!(it.store.expire_audit(4, 2).unwrap(), 2);
    assert_eq!(it.store.expire_audit(4, 2).unwrap(), 1);
    assert_eq!(it.store.expire_audit(4, 2).unwrap(), 0);
    let times: Vec<u64> = all(&it).iter().map(|entry| entry.time).collect();
    assert_eq!(times, [5, 4]);
    // The log is closed again, and no number is given twice.
    let raw = Connection::open(it.dir.path().join("chat.db")).unwrap();
    assert!(raw.execute("DELETE FROM audit WHERE time = 5", []).is_err());
    it.store.audit(&entry(6, "op!o@h", "KILL", "bob")).unwrap();
    assert_eq!(all(&it)[0].number, 6);
}

#[test]
fn what_is_not_done_leaves_no_entry() {
    let it = fixture();
    let who = |action| entry(1, "op!o@h", action, "alice");
    it.store.create_account(&bare("alice"), None, Some(&who("SAREGISTER"))).unwrap();
    let again = it.store.create_account(&bare("alice"), None, Some(&who("SAREGISTER")));
    assert!(matches!(again, Err(StoreError::Exists)));
    let change = AccountChange::default();
    let outdated = it.store.change_account(&name("alice"), 9, &change, Some(&who("SUSPEND")));
    assert!(matches!(outdated, Err(StoreError::Conflict)));
    it.store.drop_account(&name("alice"), Some(&who("DROP"))).unwrap();
    assert!(it.store.drop_account(&name("alice"), Some(&who("DROP"))).is_err());
    let actions: Vec<_> = all(&it).into_iter().map(|entry| entry.action).collect();
    assert_eq!(actions, ["DROP", "SAREGISTER"]);
}

#[test]
fn an_entry_is_part_of_a_commit() {
    let it = fixture();
    let settings = "{}".to_owned();
    let club = RoomRecord { key: "#club".into(), name: "#club".into(), founder: None, settings };
    let audit = Record::Audit(entry(1, "op!o@h", "ChanServ SET", "#club"));
    it.store.commit(&[Record::Room(club), audit.clone()]).unwrap();
    assert_eq!(all(&it).len(), 1);
    // An entry of history that comes too late takes the rest with it.
    it.say(5, "said");
    let late = record(super::support::entry(4, &room(), "late"));
    it.store.commit(&[audit, late]).unwrap_err();
    assert_eq!(all(&it).len(), 1);
}
