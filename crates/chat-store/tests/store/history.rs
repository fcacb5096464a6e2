//! What was said is read as it was said.

use std::sync::Arc;

use chat_store::{
    Conversation, Entry, EntryId, EntryKind, Outcome, Page, Record, RoomRecord, Store, StoreError,
    TargetKey,
};
use proptest::prelude::{ProptestConfig, any, prop_assert_eq, proptest};

use super::support::{entry, fixture, name, page, record, room};

fn message(account: Option<&str>, id: u64, resend_id: &str) -> Record {
    let mut entry = entry(id, &room(), "hello");
    entry.account = account.map(Into::into);
    Record::Entry { entry: Arc::new(entry), resend_id: Some(resend_id.to_owned()) }
}

#[test]
fn an_entry_is_read_as_it_was_stored() {
    let it = fixture();
    let mut odd = entry(7, &room(), "你好 \u{1F600}");
    odd.account = None;
    odd.is_bot = true;
    odd.tags = "+draft/reply=abc".to_owned();
    odd.shown_target = "@#rust".to_owned();
    odd.rank_min = 3;
    it.commit(record(odd.clone()));
    assert_eq!(it.store.entry(&room(), EntryId(7)).unwrap(), Some(odd.clone()));
    assert_eq!(it.store.entry(&TargetKey::room("#other"), EntryId(7)).unwrap(), None);
    assert_eq!(it.store.last_entry().unwrap(), Some(EntryId(7)));
    let it = it.reopen();
    assert_eq!(it.store.page(&Page { rank: 3, ..page(&room()) }).unwrap(), [odd]);
    assert!(it.store.page(&Page { rank: 2, ..page(&room()) }).unwrap().is_empty());
}

#[test]
fn an_entry_that_does_not_come_last_is_refused_and_nothing_with_it_is_stored() {
    let it = fixture();
    it.say(5, "five");
    let records = [record(entry(6, &room(), "six")), record(entry(4, &room(), "four"))];
    assert!(matches!(it.store.commit(&records), Err(StoreError::Failed(_))));
    assert_eq!(it.texts(&room()), ["five"]);
    it.say(6, "six again");
    assert_eq!(it.texts(&room()), ["five", "six again"]);
}

#[test]
fn what_is_sent_again_is_stored_once() {
    let it = fixture();
    assert_eq!(it.commit(message(Some("Alice"), 1, "x")), Outcome::Stored);
    assert_eq!(it.commit(message(Some("alice"), 2, "x")), Outcome::Duplicate(EntryId(1)));
    assert_eq!(it.commit(message(Some("bob"), 3, "x")), Outcome::Stored);
    assert_eq!(it.commit(message(None, 4, "x")), Outcome::Stored);
    let it = it.reopen();
    assert_eq!(it.commit(message(None, 5, "x")), Outcome::Duplicate(EntryId(4)));
    let both = [message(None, 6, "y"), message(None, 7, "y")];
    let outcomes = it.store.commit(&both).unwrap();
    assert_eq!(outcomes, [Outcome::Stored, Outcome::Duplicate(EntryId(6))]);
    assert_eq!(it.texts(&room()).len(), 4);
}

#[test]
fn what_is_sent_to_two_targets_is_stored_in_both() {
    let it = fixture();
    let to = |target: &str, id| {
        let entry = Arc::new(entry(id, &TargetKey::room(target), "hello"));
        Record::Entry { entry, resend_id: Some("x".to_owned()) }
    };
    let outcomes = it.store.commit(&[to("#one", 1), to("#two", 2)]).unwrap();
    assert_eq!(outcomes, [Outcome::Stored, Outcome::Stored]);
    let again = it.store.commit(&[to("#two", 3), to("#one", 4)]).unwrap();
    assert_eq!(again, [Outcome::Duplicate(EntryId(2)), Outcome::Duplicate(EntryId(1))]);
    // They follow the room's name.
    it.commit(Record::RoomRenamed { from: "#one".into(), to: "#uno".into() });
    assert_eq!(it.commit(to("#uno", 5)), Outcome::Duplicate(EntryId(1)));
    assert_eq!(it.commit(to("#one", 6)), Outcome::Stored);
}

#[test]
fn resend_ids_are_forgotten_after_a_day() {
    const DAY: u64 = 24 * 60 * 60 * 1_000_000;
    let it = fixture();
    it.commit(message(None, 1, "x"));
    it.commit(message(None, DAY, "y"));
    assert_eq!(it.commit(message(None, DAY + 1, "x")), Outcome::Duplicate(EntryId(1)));
    it.commit(message(None, DAY + 2, "z"));
    assert_eq!(it.commit(message(None, DAY + 3, "x")), Outcome::Stored);
}

#[test]
fn a_redacted_message_is_gone_and_something_stands_for_it() {
    let it = fixture();
    it.say(1, "secretword");
    it.say(2, "two");
    assert_eq!(it.redact(1, 3), Outcome::Stored);
    assert_eq!(it.redact(1, 4), Outcome::Missing);
    assert_eq!(it.redact(99, 5), Outcome::Missing);
    assert_eq!(it.store.entry(&room(), EntryId(1)).unwrap(), None);
    assert_eq!(it.texts(&room()), ["two"]);
    let with_events = it.store.page(&Page { with_events: true, ..page(&room()) }).unwrap();
    assert_eq!(with_events.last().map(|it| it.kind), Some(EntryKind::Redact));
    assert!(!it.is_on_disk("secretword"));
}

#[test]
fn the_history_of_a_room_follows_its_name() {
    let it = fixture();
    let record = |key: &str| RoomRecord {
        key: key.to_owned(),
        name: key.to_owned(),
        founder: None,
        settings: "{}".to_owned(),
    };
    it.commit(Record::Room(record("#rust")));
    it.say(1, "hello");
    let renamed = |from: &str, to: &str| Record::RoomRenamed { from: from.into(), to: to.into() };
    assert_eq!(it.commit(renamed("#rust", "#crab")), Outcome::Stored);
    assert_eq!(it.commit(renamed("#rust", "#crab")), Outcome::Missing);
    assert_eq!(it.store.rooms().unwrap(), [record("#crab")]);
    assert_eq!(it.texts(&TargetKey::room("#crab")), ["hello"]);
    it.say(2, "a new room");
    assert_eq!(it.texts(&room()), ["a new room"]);
    assert_eq!(it.commit(Record::RoomDropped("#crab".into())), Outcome::Stored);
    assert_eq!(it.commit(Record::RoomDropped("#crab".into())), Outcome::Missing);
}

#[test]
fn conversations_are_those_that_fell_silent_in_between() {
    let it = fixture();
    let direct = |other| TargetKey::direct(&name("alice"), &name(other));
    it.say(1, "in the room");
    it.commit(record(entry(2, &direct("bob"), "hi bob")));
    it.commit(record(entry(3, &direct("zoe"), "hi zoe")));
    it.commit(record(entry(4, &TargetKey::direct(&name("bob"), &name("zoe")), "not alice's")));
    it.commit(record(entry(5, &direct("bob"), "hi again")));
    let conversations = |after, before, limit| {
        let found = it.store.conversations(
            Some(&name("Alice")),
            &[room()],
            EntryId(after),
            EntryId(before),
            limit,
        );
        found.unwrap().into_iter().map(|Conversation { target, last }| (target, last.0)).collect()
    };
    let all: Vec<_> = conversations(0, u64::MAX, 10);
    assert_eq!(all, [(room(), 1), (direct("zoe"), 3), (direct("bob"), 5)]);
    // Bob's newest is later.
    assert_eq!(conversations(0, 5, 10), vec![(room(), 1), (direct("zoe"), 3)]);
    assert_eq!(conversations(1, 3, 10), vec![]);
    assert_eq!(conversations(3, 6, 10), vec![(direct("bob"), 5)]);
    assert_eq!(conversations(0, u64::MAX, 1), vec![(room(), 1)]);
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None, cases: 24, ..ProptestConfig::default()
    })]

    #[test]
    fn pages_are_those_of_a_list(
        kinds in proptest::collection::vec((0..3_u8, any::<bool>(), 0..3_u8), 0..60),
        after in 0..70_u64, before in 0..70_u64, limit in 0..20_usize,
        newest in any::<bool>(), with_events in any::<bool>(), rank in 0..3_u8,
        placed in 0..60_usize, redacted in 1..60_u64,
    ) {
        let it = fixture();
        let mut entries: Vec<Entry> = (1..).zip(&kinds).map(|(id, (kind, here, rank_min))| {
            let target = if *here { room() } else { TargetKey::room("#other") };
            let mut entry = entry(id, &target, "text");
            entry.kind = [EntryKind::Privmsg, EntryKind::Notice, EntryKind::Join][usize::from(*kind)];
            entry.rank_min = *rank_min;
            entry
        }).collect();
        let records: Vec<_> = entries.iter().cloned().map(record).collect();
        let (first, rest) = records.split_at(placed.min(records.len()));
        it.store.commit(first).unwrap();
        it.store.catch_up(usize::MAX).unwrap();
        it.store.commit(rest).unwrap();
        if it.redact(redacted, 61) == Outcome::Stored {
            entries.retain(|it| it.id.0 != redacted);
            let mut redaction = entry(61, &room(), "");
            redaction.kind = EntryKind::Redact;
            entries.push(redaction);
        }

        let mut model: Vec<_> = entries.into_iter().filter(|it| {
            it.target == room() && it.id.0 > after && it.id.0 < before && it.rank_min <= rank
                && (with_events || matches!(it.kind, EntryKind::Privmsg | EntryKind::Notice))
        }).collect();
        if newest {
            model.drain(..model.len().saturating_sub(limit));
        } else {
            model.truncate(limit);
        }
        let page = Page {
            target: room(), after: EntryId(after), before: EntryId(before),
            newest, limit, with_events, rank,
        };
        prop_assert_eq!(it.store.page(&page).unwrap(), model);
    }
}
