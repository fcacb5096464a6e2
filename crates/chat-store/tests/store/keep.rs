//! What is not kept is gone.

use std::time::Duration;

use chat_store::{EntryKind, Keep, Page, Retention, Store, TargetKey};

use super::support::{Fixture, entry, fixture, name, page, record, room};

fn retention(default: Keep, targets: Vec<(TargetKey, Keep)>) -> Retention {
    Retention { default, targets, now: 1_000_000_000 }
}

/// How many were deleted, and in how many steps.
fn prune(it: &Fixture, retention: &Retention, step: usize) -> (usize, usize) {
    let (mut deleted, mut steps) = (0, 0);
    loop {
        let count = it.store.prune(retention, step).unwrap();
        assert!(count <= step);
        if count == 0 {
            return (deleted, steps);
        }
        deleted += count;
        steps += 1;
    }
}

#[test]
fn the_newest_so_many_are_kept() {
    let it = fixture();
    let other = TargetKey::room("#other");
    for id in 0..60 {
        it.say(id * 2 + 1, &format!("word{id}word"));
        it.commit(record(entry(id * 2 + 2, &other, "text")));
    }
    let mut joined = entry(200, &room(), "");
    joined.kind = EntryKind::Join;
    it.commit(record(joined));
    while it.store.catch_up(7).unwrap() > 0 {}
    let count = |count_max| Keep { age_max: None, count_max: Some(count_max) };
    let policy = retention(count(50), vec![(room(), count(11))]);
    let (deleted, steps) = prune(&it, &policy, 9);
    assert_eq!(deleted, 50 + 10);
    assert!(steps >= 7);
    let texts = it.texts(&room());
    assert_eq!((texts.len(), texts[0].as_str()), (10, "word50word"));
    assert_eq!(it.texts(&other).len(), 50);
    assert!(it.found("word49word").is_empty());
    assert_eq!(it.found("word50word").len(), 1);
    assert!(!it.is_on_disk("word49word"));
    assert_eq!(prune(&it, &policy, 9), (0, 0));
}

#[test]
fn the_old_are_not_kept() {
    let it = fixture();
    for second in 1..=1000 {
        it.say(second * 1_000_000, "text");
    }
    let age = |seconds| Keep { age_max: Some(Duration::from_secs(seconds)), count_max: None };
    assert_eq!(prune(&it, &retention(age(2000), Vec::new()), 100), (0, 0));
    let (deleted, _) = prune(&it, &retention(age(100), Vec::new()), 100);
    assert_eq!(deleted, 899);
    assert_eq!(it.texts(&room()).len(), 101);
    let nothing = retention(Keep::default(), vec![(TargetKey::room("#none"), age(1))]);
    assert_eq!(prune(&it, &nothing, 100), (0, 0));
}

#[test]
fn who_said_nothing_of_what_is_left_goes_as_well() {
    let it = fixture();
    let mut visitor = entry(1, &room(), "just passing");
    visitor.source = "visitor!v@visitor.example.org".into();
    visitor.account = None;
    it.commit(record(visitor.clone()));
    it.say(2, "stays");
    let policy = retention(Keep { age_max: None, count_max: Some(1) }, Vec::new());
    prune(&it, &policy, 10);
    assert!(!it.is_on_disk("visitor.example.org"));
    visitor.id = chat_store::EntryId(3);
    it.commit(record(visitor.clone()));
    assert_eq!(it.store.entry(&room(), visitor.id).unwrap(), Some(visitor));
}

/// Alice has said two things and come once, and bob has said one.
fn with_two_authors() -> Fixture {
    let it = fixture();
    it.say(1, "one of aliceword");
    let mut joined = entry(2, &room(), "");
    joined.kind = EntryKind::Join;
    it.commit(record(joined));
    let mut bobs = entry(3, &room(), "one of bob");
    bobs.source = "bob!b@example.org".into();
    bobs.account = Some("bob".into());
    it.commit(record(bobs));
    it.say(4, "two of aliceword");
    it.store.catch_up(100).unwrap();
    it
}

fn erase(it: &Fixture, keep_text: bool) {
    while it.store.erase_author(&name("ALICE"), keep_text, 1).unwrap() > 0 {}
}

#[test]
fn messages_lose_their_author() {
    let it = with_two_authors();
    erase(&it, true);
    let entries = it.store.page(&Page { with_events: true, ..page(&room()) }).unwrap();
    let authors: Vec<_> = entries.iter().map(|it| it.account.as_deref()).collect();
    assert_eq!(authors, [None, Some("bob"), None]);
    assert_eq!(it.found("aliceword").len(), 2);
    assert!(!it.is_on_disk("alice!a@example.org"));
    it.say(5, "alice is back");
    let back = it.store.page(&page(&room())).unwrap();
    assert_eq!(back.last().unwrap().account.as_deref(), Some("Alice"));
    assert_eq!(back[0].account, None);
}

#[test]
fn messages_go_with_their_author() {
    let it = with_two_authors();
    erase(&it, false);
    assert_eq!(it.texts(&room()), ["one of bob"]);
    assert!(it.found("aliceword").is_empty());
    assert!(!it.is_on_disk("aliceword"));
    assert!(!it.is_on_disk("alice!a@example.org"));
}
