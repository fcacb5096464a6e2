//! Messages are found by their words.

use chat_store::{EntryId, EntryKind, Search, Searched, Store, TargetKey};

use super::support::{Fixture, entry, fixture, record, room, search};

/// Enough for the index to have seen what was said before.
fn fill(it: &Fixture, from: u64) {
    let records: Vec<_> =
        (from..from + 100).map(|id| record(entry(id, &room(), "something else"))).collect();
    it.store.commit(&records).unwrap();
    while it.store.catch_up(1000).unwrap() > 0 {}
    assert_eq!(it.store.search_lag().unwrap(), 0);
}

/// With what was said only just now, and with what the index has seen.
fn both_ways(check: impl Fn(&Fixture)) {
    let it = fixture();
    it.say(1, "明天去北京开会");
    it.say(2, "Un café s'il vous plaît");
    let mut bobs = entry(3, &room(), "coffee in Beijing, 北京");
    bobs.source = "bob!b@example.org".into();
    bobs.account = None;
    it.commit(record(bobs));
    it.commit(record(entry(4, &TargetKey::room("#other"), "北京 café coffee")));
    let mut secret = entry(5, &room(), "北京 for operators");
    secret.rank_min = 2;
    it.commit(record(secret));
    let mut joined = entry(6, &room(), "北京");
    joined.kind = EntryKind::Join;
    it.commit(record(joined));
    check(&it);
    fill(&it, 10);
    check(&it);
}

#[test]
fn all_words_in_the_room_newest_first() {
    both_ways(|it| {
        assert_eq!(it.found("北京"), ["coffee in Beijing, 北京", "明天去北京开会"]);
        assert_eq!(it.found("京"), ["coffee in Beijing, 北京", "明天去北京开会"]);
        assert_eq!(it.found("去北京开"), ["明天去北京开会"]);
        assert_eq!(it.found("PLAIT Cafe"), ["Un café s'il vous plaît"]);
        assert_eq!(it.found("beijing 北京"), ["coffee in Beijing, 北京"]);
        assert!(it.found("南京").is_empty());
        assert!(it.found("caf").is_empty());
    });
}

#[test]
fn filters() {
    both_ways(|it| {
        let found = |search: Search| -> Vec<u64> {
            it.store.search(&search).unwrap().iter().map(|entry| entry.id.0).collect()
        };
        let seen = |after: u64, rank: u8| {
            let room = Searched { target: room(), after: EntryId(after), rank };
            let other = Searched { after: EntryId(9), ..TargetKey::room("#other").into() };
            Search { targets: vec![other, room], ..search("北京") }
        };
        let from = |from: &str| Search { from: Some(from.to_owned()), ..search("北京") };
        assert_eq!(found(from("BOB")), [3]);
        assert_eq!(found(from("alice")), [1]);
        assert!(found(from("zoe")).is_empty());
        assert_eq!(found(Search { text: " ".to_owned(), ..from("bob") }), [3]);
        assert_eq!(found(Search { after: EntryId(1), ..search("北京") }), [3]);
        assert_eq!(found(Search { before: EntryId(3), ..search("北京") }), [1]);
        assert_eq!(found(Search { limit: 1, ..search("北京") }), [3]);
        assert_eq!(found(seen(0, 2)), [5, 3, 1]);
        assert_eq!(found(seen(1, 2)), [5, 3]);
        assert_eq!(found(Search { limit: 1, ..seen(1, 0) }), [3]);
        let other = TargetKey::room("#other");
        assert_eq!(
            found(Search {
                targets: vec![other.clone().into(), room().into()], ..search("北京")
            }),
            [4, 3, 1]
        );
        assert_eq!(found(Search { targets: vec![other.into()], ..search("") }), [4]);
        assert!(
            found(Search { targets: vec![TargetKey::room("#none").into()], ..search("") })
                .is_empty()
        );
        let mut many: Vec<_> = (0..300).map(|it| TargetKey::room(&format!("#{it}"))).collect();
        many.push(room());
        assert_eq!(
            found(Search {
                targets: many.into_iter().map(Into::into).collect(), ..search("北京")
            }),
            [3, 1]
        );
    });
}

#[test]
fn more_rooms_than_the_index_is_asked_for() {
    let it = fixture();
    let rooms: Vec<_> = (0..150).map(|it| TargetKey::room(&format!("#{it}"))).collect();
    let records: Vec<_> =
        (1..).zip(&rooms).map(|(id, room)| record(entry(id, room, "hello"))).collect();
    it.store.commit(&records).unwrap();
    it.store.catch_up(1000).unwrap();
    for text in ["hello", ""] {
        let all = Search {
            targets: rooms.iter().cloned().map(Into::into).collect(),
            limit: 1000,
            ..search(text)
        };
        assert_eq!(it.store.search(&all).unwrap().len(), 150);
    }
}

#[test]
fn a_small_room_beside_a_large_one() {
    let it = fixture();
    let (small, large) = (TargetKey::room("#small"), room());
    let records: Vec<_> = (1..=3000)
        .map(|id| record(entry(id, if id % 600 == 1 { &small } else { &large }, "hello 北京人")))
        .collect();
    it.store.commit(&records).unwrap();
    it.store.catch_up(5000).unwrap();
    for words in ["hello", "北京人", ""] {
        let search = Search { targets: vec![small.clone().into()], ..search(words) };
        let found = it.store.search(&search).unwrap();
        let ids: Vec<_> = found.iter().map(|it| it.id.0).collect();
        assert_eq!(ids, [2401, 1801, 1201, 601, 1], "{words}");
    }
}

#[test]
fn any_text_is_only_words() {
    both_ways(|it| {
        for text in [
            "\"",
            "\" OR \"",
            "北京\" OR *",
            "NEAR(北京",
            "body:",
            "^",
            "\0",
            "*",
            "-",
            "\u{E000}1",
        ] {
            it.store.search(&search(text)).unwrap();
        }
        assert_eq!(it.found("\"北京\" -coffee*"), ["coffee in Beijing, 北京"]);
        assert!(it.found("!?").is_empty());
    });
}

#[test]
fn a_redacted_message_is_not_found() {
    let it = fixture();
    it.say(1, "the uniqueword, indexed");
    fill(&it, 10);
    it.say(200, "the uniqueword, just now");
    assert_eq!(it.found("uniqueword").len(), 2);
    it.redact(1, 300);
    assert_eq!(it.found("uniqueword"), ["the uniqueword, just now"]);
    it.redact(200, 301);
    assert!(it.found("uniqueword").is_empty());
    assert!(!it.is_on_disk("uniqueword"));
}

#[test]
fn the_index_keeps_up_with_commits() {
    let it = fixture();
    let mut next = 1;
    for size in [1, 100, 1000, 50, 3000, 255, 1] {
        let records: Vec<_> =
            (next..next + size).map(|id| record(entry(id, &room(), "hello"))).collect();
        it.store.commit(&records).unwrap();
        next += size;
        assert!(it.store.search_lag().unwrap() < 512);
    }
}

#[test]
fn the_index_catches_up() {
    let it = fixture();
    for id in 1..=50 {
        it.say(id, "hello");
    }
    assert_eq!(it.store.search_lag().unwrap(), 50);
    let it = it.reopen();
    assert_eq!(it.found("hello").len(), 50);
    assert_eq!(it.store.catch_up(30).unwrap(), 30);
    assert_eq!(it.found("hello").len(), 50);
    assert_eq!(it.store.catch_up(30).unwrap(), 20);
    assert_eq!(it.store.catch_up(30).unwrap(), 0);
    assert_eq!(it.store.search_lag().unwrap(), 0);
    assert_eq!(it.found("hello").len(), 50);
}
