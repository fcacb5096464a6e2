//! A store in a directory of its own, and short ways to fill it.

use std::path::Path;
use std::sync::Arc;

use chat_store::{
    AccountName, Durability, Entry, EntryId, EntryKind, Outcome, Page, Record, Redaction, Search,
    SqliteStore, Store, TargetKey,
};
use tempfile::TempDir;

pub(crate) struct Fixture {
    pub(crate) store: SqliteStore,
    pub(crate) dir: TempDir,
}

pub(crate) fn fixture() -> Fixture {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    Fixture { store, dir }
}

pub(crate) fn open(dir: &Path) -> SqliteStore {
    SqliteStore::open(dir, Durability::Process).unwrap()
}

pub(crate) fn room() -> TargetKey {
    TargetKey::room("#rust")
}

pub(crate) fn name(name: &str) -> AccountName {
    AccountName::new(name)
}

/// A message of alice, who is logged in.
pub(crate) fn entry(id: u64, target: &TargetKey, body: &str) -> Entry {
    Entry {
        id: EntryId(id),
        target: target.clone(),
        kind: EntryKind::Privmsg,
        source: "alice!a@example.org".into(),
        account: Some("Alice".into()),
        is_bot: false,
        rank_min: 0,
        shown_target: "#Rust".to_owned(),
        tags: String::new(),
        body: body.to_owned(),
    }
}

pub(crate) fn record(entry: Entry) -> Record {
    Record::Entry { entry: Arc::new(entry), resend_id: None }
}

impl Fixture {
    pub(crate) fn say(&self, id: u64, body: &str) {
        self.commit(record(entry(id, &room(), body)));
    }

    pub(crate) fn commit(&self, record: Record) -> Outcome {
        self.store.commit(&[record]).unwrap()[0]
    }

    pub(crate) fn redact(&self, id: u64, by: u64) -> Outcome {
        let mut entry = entry(by, &room(), "");
        entry.kind = EntryKind::Redact;
        self.commit(Record::Redaction(Redaction { id: EntryId(id), entry: Arc::new(entry) }))
    }

    /// The texts of a room, oldest first.
    pub(crate) fn texts(&self, target: &TargetKey) -> Vec<String> {
        let entries = self.store.page(&page(target)).unwrap();
        entries.into_iter().map(|entry| entry.body).collect()
    }

    /// The texts of the room in which these words are found, newest first.
    pub(crate) fn found(&self, words: &str) -> Vec<String> {
        let entries = self.store.search(&search(words)).unwrap();
        entries.into_iter().map(|entry| entry.body).collect()
    }

    /// Whether these bytes stand in one of the files.
    pub(crate) fn is_on_disk(&self, text: &str) -> bool {
        std::fs::read_dir(self.dir.path()).unwrap().any(|file| {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            bytes.windows(text.len()).any(|window| window == text.as_bytes())
        })
    }

    pub(crate) fn reopen(self) -> Self {
        drop(self.store);
        Self { store: open(self.dir.path()), dir: self.dir }
    }
}

/// Everything.
pub(crate) fn page(target: &TargetKey) -> Page {
    Page {
        target: target.clone(),
        after: EntryId(0),
        before: EntryId(u64::MAX),
        newest: true,
        limit: 10_000,
        with_events: false,
        rank: 0,
    }
}

pub(crate) fn search(words: &str) -> Search {
    Search {
        targets: vec![room().into()],
        text: words.to_owned(),
        from: None,
        after: EntryId(0),
        before: EntryId(u64::MAX),
        limit: 100,
    }
}
