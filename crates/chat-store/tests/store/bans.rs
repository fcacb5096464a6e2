//! Bans from the server.

use chat_store::{AuditEntry, AuditQuery, Ban, BanKind, Store, StoreError};

use super::support::{Fixture, fixture};

fn ban(kind: BanKind, mask: &str, until: Option<u64>) -> Ban {
    let (by, reason) = ("op".to_owned(), "spam".to_owned());
    Ban { kind, mask: mask.to_owned(), by, reason, created: 1, until }
}

fn entry(action: &str) -> AuditEntry {
    AuditEntry { actor: "op!o@h".to_owned(), action: action.to_owned(), ..AuditEntry::default() }
}

fn actions(it: &Fixture) -> Vec<String> {
    let entries = it.store.audit_log(&AuditQuery::default()).unwrap();
    entries.into_iter().map(|entry| entry.action).collect()
}

#[test]
fn bans_last_until_they_are_lifted() {
    let it = fixture();
    assert_eq!(it.store.bans().unwrap().bans, []);
    let address = ban(BanKind::Address, "192.0.2.0/24", None);
    let mask = ban(BanKind::Mask, "Bob!*@*", Some(u64::from(u32::MAX)));
    it.store.ban(&mask, &entry("KLINE")).unwrap();
    it.store.ban(&address, &entry("DLINE")).unwrap();
    let it = it.reopen();
    let list = it.store.bans().unwrap();
    assert_eq!((list.rev, list.bans), (2, vec![address.clone(), mask]));

    // One of the same mask takes its place, whatever the case.
    let again = ban(BanKind::Mask, "bob!*@*", None);
    it.store.ban(&again, &entry("KLINE")).unwrap();
    assert_eq!(it.store.bans().unwrap().bans, [address.clone(), again]);
    it.store.lift_ban(BanKind::Mask, "BOB!*@*", &entry("UNKLINE")).unwrap();
    assert_eq!(it.store.bans().unwrap().bans, [address]);
    assert_eq!(actions(&it), ["UNKLINE", "KLINE", "DLINE", "KLINE"]);
}

#[test]
fn what_is_not_there_can_not_be_lifted_and_leaves_no_entry() {
    let it = fixture();
    it.store.ban(&ban(BanKind::Account, "bob", None), &entry("KLINE")).unwrap();
    for (kind, mask) in [(BanKind::Account, "alice"), (BanKind::Mask, "bob")] {
        let lifted = it.store.lift_ban(kind, mask, &entry("UNKLINE"));
        assert!(matches!(lifted, Err(StoreError::Missing)), "{mask}: {lifted:?}");
    }
    assert_eq!(it.store.bans().unwrap().rev, 1);
    assert_eq!(actions(&it), ["KLINE"]);
}

#[test]
fn those_that_are_over_are_taken_away() {
    let it = fixture();
    for (mask, until) in [("a!*@*", Some(10)), ("b!*@*", Some(11)), ("c!*@*", None)] {
        it.store.ban(&ban(BanKind::Mask, mask, until), &entry("KLINE")).unwrap();
    }
    let rev = it.store.bans().unwrap().rev;
    assert_eq!(it.store.expire_bans(9).unwrap(), 0);
    assert_eq!(it.store.bans().unwrap().rev, rev);
    assert_eq!(it.store.expire_bans(10).unwrap(), 1);
    let list = it.store.bans().unwrap();
    let masks: Vec<_> = list.bans.iter().map(|ban| ban.mask.as_str()).collect();
    assert_eq!(masks, ["b!*@*", "c!*@*"]);
    assert!(list.rev > rev);
}
