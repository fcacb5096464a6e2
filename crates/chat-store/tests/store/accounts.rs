//! Accounts, and what belongs to them.

use chat_store::{
    Account, AccountChange, EntryId, Invitation, Record, RoomRecord, Store, StoreError, Suspension,
    TargetKey, Verifier,
};

use super::support::{Fixture, entry, fixture, name, open, page, record, room};

fn account(called: &str) -> Account {
    Account {
        name: name(called),
        rev: 1,
        created: 1_000,
        verifier: Some(Verifier {
            salt: vec![1; 16],
            iterations: 4096,
            stored_key: [2; 32],
            server_key: [3; 32],
        }),
        certificates: vec!["aa".to_owned(), "bb".to_owned()],
        email: Some("a@example.org".to_owned()),
        suspension: None,
        is_oper: true,
        oper_role: Some("moderator".to_owned()),
        always_on: Some(false),
    }
}

pub(crate) fn bare(called: &str) -> Account {
    Account { certificates: Vec::new(), verifier: None, email: None, ..account(called) }
}

fn create(it: &Fixture, called: &str) {
    it.store.create_account(&bare(called), None, None).unwrap();
}

fn rename(it: &Fixture, from: &str, to: &str) -> Result<(), StoreError> {
    let rev = it.store.account(&name(from)).unwrap().unwrap().rev;
    let change = AccountChange { name: Some(name(to)), ..AccountChange::default() };
    it.store.change_account(&name(from), rev, &change, None)
}

#[test]
fn an_account_is_found_in_any_case_and_by_certificate() {
    let it = fixture();
    it.store.create_account(&account("Alice"), None, None).unwrap();
    let it = it.reopen();
    assert_eq!(it.store.account(&name("ALICE")).unwrap(), Some(account("Alice")));
    assert_eq!(it.store.account_of_certificate("bb").unwrap(), Some(account("Alice")));
    assert_eq!(it.store.account_of_certificate("cc").unwrap(), None);
    assert_eq!(it.store.accounts().unwrap(), [account("Alice")]);
    assert!(matches!(it.store.create_account(&bare("alice"), None, None), Err(StoreError::Exists)));
    assert!(matches!(
        it.store.create_account(&account("bob"), None, None),
        Err(StoreError::Exists)
    ));
    assert_eq!(it.store.account(&name("bob")).unwrap(), None);
}

#[test]
fn a_change_needs_the_revision_that_was_read() {
    let it = fixture();
    create(&it, "alice");
    let suspension = Suspension { by: "op".into(), reason: "spam".into(), since: 5, until: None };
    let change = AccountChange {
        verifier: Some(account("x").verifier),
        certificates: Some(vec!["cc".to_owned()]),
        email: Some(None),
        suspension: Some(Some(suspension.clone())),
        is_oper: Some(false),
        oper_role: Some(None),
        always_on: Some(Some(true)),
        name: None,
    };
    it.store.change_account(&name("alice"), 1, &change, None).unwrap();
    let again = it.store.change_account(&name("alice"), 1, &change, None);
    assert!(matches!(again, Err(StoreError::Conflict)));
    let missing = it.store.change_account(&name("zoe"), 1, &change, None);
    assert!(matches!(missing, Err(StoreError::Missing)));
    let changed = it.store.account(&name("alice")).unwrap().unwrap();
    assert_eq!(changed.rev, 2);
    assert_eq!(changed.suspension, Some(suspension));
    assert_eq!(changed.certificates, ["cc"]);
    assert_eq!((changed.is_oper, changed.always_on), (false, Some(true)));
    assert_eq!(changed.oper_role, None);
    it.store.change_account(&name("alice"), 2, &AccountChange::default(), None).unwrap();
    assert_eq!(it.store.account(&name("alice")).unwrap(), Some(Account { rev: 3, ..changed }));
}

#[test]
fn an_invitation_is_used_once() {
    let it = fixture();
    let invite = |code: &str, expires| {
        let code = code.to_owned();
        it.store.invite(&Invitation { code, by: "op".to_owned(), created: 1, expires }, None)
    };
    invite("good", 2_000).unwrap();
    invite("old", 1_000).unwrap();
    assert!(matches!(invite("good", 9_000), Err(StoreError::Exists)));
    let with = |called, code| it.store.create_account(&bare(called), Some(code), None);
    assert!(matches!(with("alice", "old"), Err(StoreError::Missing)));
    assert!(matches!(with("alice", "unknown"), Err(StoreError::Missing)));
    with("alice", "good").unwrap();
    assert!(matches!(with("bob", "good"), Err(StoreError::Missing)));
    assert_eq!(it.store.accounts().unwrap().len(), 1);
}

#[test]
fn rooms_messages_and_markers_follow_a_name() {
    let it = fixture();
    create(&it, "alice");
    create(&it, "bob");
    let before = TargetKey::direct(&name("alice"), &name("bob"));
    let after = TargetKey::direct(&name("bob"), &name("zoe"));
    it.commit(record(entry(1, &before, "hello bob")));
    it.store.move_read_marker(&name("bob"), &before, EntryId(1)).unwrap();
    it.commit(Record::Room(RoomRecord {
        key: "#rust".to_owned(),
        name: "#Rust".to_owned(),
        founder: Some("alice".to_owned()),
        settings: String::new(),
    }));
    assert!(matches!(rename(&it, "alice", "Bob"), Err(StoreError::Exists)));
    rename(&it, "alice", "Zoe").unwrap();

    assert_eq!(it.store.account(&name("alice")).unwrap(), None);
    assert!(it.texts(&before).is_empty());
    assert_eq!(it.texts(&after), ["hello bob"]);
    let author = it.store.entry(&after, EntryId(1)).unwrap().unwrap().account;
    assert_eq!(author.as_deref(), Some("Zoe"));
    assert_eq!(it.store.read_marker(&name("bob"), &after).unwrap(), Some(EntryId(1)));
    assert_eq!(it.store.rooms().unwrap()[0].founder.as_deref(), Some("zoe"));
    it.commit(record(entry(2, &after, "still here")));
    assert_eq!(it.texts(&after), ["hello bob", "still here"]);
}

#[test]
fn who_takes_a_name_does_not_get_its_conversations() {
    let it = fixture();
    for called in ["alice", "bob", "carol"] {
        create(&it, called);
    }
    let direct = TargetKey::direct(&name("alice"), &name("bob"));
    it.commit(record(entry(1, &direct, "private")));
    it.store.drop_account(&name("alice"), None).unwrap();
    assert!(matches!(it.store.drop_account(&name("alice"), None), Err(StoreError::Missing)));
    create(&it, "alice");
    assert!(it.texts(&direct).is_empty());
    it.commit(record(entry(2, &direct, "somebody else")));
    it.store.drop_account(&name("alice"), None).unwrap();
    rename(&it, "carol", "alice").unwrap();
    assert!(it.texts(&direct).is_empty());
}

#[test]
fn who_takes_the_name_of_a_dropped_account_has_said_nothing() {
    let it = fixture();
    create(&it, "alice");
    it.say(1, "of the first");
    it.store.drop_account(&name("alice"), None).unwrap();
    create(&it, "alice");
    it.say(2, "of the second");
    let accounts = || {
        let entries = it.store.page(&page(&room())).unwrap();
        entries.into_iter().map(|it| it.account.map(|it| it.to_string())).collect::<Vec<_>>()
    };
    assert_eq!(accounts(), [None, Some("Alice".to_owned())]);
    while it.store.erase_author(&name("alice"), false, 10).unwrap() > 0 {}
    assert_eq!(it.texts(&room()), ["of the first"]);
}

#[test]
fn read_markers_move_forward_only() {
    let it = fixture();
    create(&it, "alice");
    let alice = name("alice");
    assert_eq!(it.store.read_marker(&alice, &room()).unwrap(), None);
    let moved = |id| it.store.move_read_marker(&alice, &room(), EntryId(id));
    assert_eq!(moved(5).unwrap(), EntryId(5));
    assert_eq!(moved(3).unwrap(), EntryId(5));
    assert_eq!(it.store.read_marker(&alice, &room()).unwrap(), Some(EntryId(5)));
    let nobody = it.store.move_read_marker(&name("zoe"), &room(), EntryId(1));
    assert!(matches!(nobody, Err(StoreError::Missing)));
}

#[test]
fn an_account_has_so_many_read_markers() {
    let it = fixture();
    let alice = name("alice");
    create(&it, "alice");
    let target = |number: u32| TargetKey::direct(&alice, &name(&number.to_string()));
    let mark = |number, id| it.store.move_read_marker(&alice, &target(number), EntryId(id));
    for number in 0..=2000 {
        mark(number, 5).unwrap();
    }
    assert_eq!(it.store.read_marker(&alice, &target(1999)).unwrap(), Some(EntryId(5)));
    assert_eq!(it.store.read_marker(&alice, &target(2000)).unwrap(), None);
    assert_eq!(mark(7, 6).unwrap(), EntryId(6));
}

#[test]
fn joined_rooms_are_replaced() {
    let it = fixture();
    create(&it, "alice");
    let rooms = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    it.store.set_joined_rooms(&name("alice"), &rooms(&["#b", "#a"])).unwrap();
    it.store.set_joined_rooms(&name("alice"), &rooms(&["#C", "#a"])).unwrap();
    it.commit(Record::RoomRenamed { from: "#c".into(), to: "#d".into() });
    assert_eq!(it.store.joined_rooms(&name("alice")).unwrap(), ["#a", "#d"]);
}

#[test]
fn the_version_changes_with_what_others_write() {
    let it = fixture();
    let before = it.store.version().unwrap();
    create(&it, "alice");
    assert_eq!(it.store.version().unwrap(), before);
    let other = open(it.dir.path());
    other.create_account(&bare("bob"), None, None).unwrap();
    assert_ne!(it.store.version().unwrap(), before);
    assert_eq!(it.store.accounts().unwrap().len(), 2);
}
