//! A large history: what it takes on the disk, and how fast it is read.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use chat_store::{
    Durability, EntryId, Keep, Page, Retention, Search, SqliteStore, Store, TargetKey,
};
use hdrhistogram::Histogram;

use crate::text::{Texts, message, word};

const AUTHORS: u64 = 1000;

/// A year of ten million messages has one in three seconds.
const STEP: u64 = 3_000_000;

pub(crate) fn read(dir: &Path, rows: u64) {
    let dir = tempfile::tempdir_in(dir).unwrap();
    let store = SqliteStore::open(dir.path(), Durability::Process).unwrap();
    let room = TargetKey::room("#large");
    fill(&store, &room, rows);
    // What was in the log comes into the file.
    drop(store);
    let store = SqliteStore::open(dir.path(), Durability::Process).unwrap();
    let bytes = fs::metadata(dir.path().join("chat.db")).unwrap().len();
    println!("{rows} rows: {} bytes per message", bytes / rows);
    pages(&store, &room, rows);
    searches(&store, &room, rows);
    prune(&store, rows);
}

/// Half of it is in one room, as far as other rooms make a difference.
fn fill(store: &SqliteStore, room: &TargetKey, rows: u64) {
    const BATCH: u64 = 500;
    let mut texts = Texts::new(1);
    let start = Instant::now();
    for first in (0..rows).step_by(usize::try_from(BATCH).unwrap()) {
        let records: Vec<_> = (first..rows.min(first + BATCH))
            .map(|row| message((row + 1) * STEP, room, texts.number(AUTHORS), texts.text()))
            .collect();
        store.commit(&records).unwrap();
    }
    while store.catch_up(500).unwrap() > 0 {}
    println!("filled in {:.0} s", start.elapsed().as_secs_f64());
}

fn pages(store: &SqliteStore, room: &TargetKey, rows: u64) {
    let mut texts = Texts::new(2);
    measure("a page of 100, anywhere", 2000, || {
        let before = EntryId((texts.number(rows) + 200) * STEP);
        let target = room.clone();
        let page = Page {
            target,
            after: EntryId(0),
            before,
            newest: true,
            limit: 100,
            with_events: true,
            rank: 0,
        };
        store.page(&page).unwrap().len()
    });
}

fn searches(store: &SqliteStore, room: &TargetKey, rows: u64) {
    let search = |text: String| Search {
        targets: vec![room.clone().into()],
        text,
        from: None,
        after: EntryId(0),
        before: EntryId(u64::MAX),
        limit: 50,
    };
    let found = |search: &Search| store.search(search).unwrap().len();
    let mut texts = Texts::new(3);
    measure("search: a common word", 200, || {
        found(&search(word(u32::try_from(texts.number(10) + 1).unwrap())))
    });
    measure("search: any word", 200, || {
        found(&search(word(u32::try_from(texts.number(30_000) + 1).unwrap())))
    });
    measure("search: two words", 200, || {
        let two = [100, 1000].map(|below| word(u32::try_from(texts.number(below) + 1).unwrap()));
        found(&search(two.join(" ")))
    });
    measure("search: a common word of one author", 200, || {
        let from = Some(format!("user{}", texts.number(AUTHORS)));
        found(&Search { from, ..search(word(u32::try_from(texts.number(10) + 1).unwrap())) })
    });
    measure("search: a word in a tenth of the time", 200, || {
        let after = EntryId(texts.number(rows) * STEP);
        let before = EntryId(after.0 + rows * STEP / 10);
        let text = word(u32::try_from(texts.number(1000) + 1).unwrap());
        found(&Search { after, before, ..search(text) })
    });
}

fn prune(store: &SqliteStore, rows: u64) {
    let keep = Keep { age_max: None, count_max: Some(rows - rows.min(20_000)) };
    let retention = Retention { default: keep, targets: Vec::new(), now: rows * STEP };
    let start = Instant::now();
    let mut steps = Histogram::<u64>::new(3).unwrap();
    let mut deleted = 0;
    loop {
        let step = Instant::now();
        let count = store.prune(&retention, 2000).unwrap();
        steps.record(u64::try_from(step.elapsed().as_micros()).unwrap()).unwrap();
        deleted += count;
        if count == 0 || start.elapsed() > Duration::from_secs(60) {
            break;
        }
    }
    println!(
        "pruned {deleted} in {:.1} s; a step p50 {} µs, longest {} µs",
        start.elapsed().as_secs_f64(),
        steps.value_at_quantile(0.5),
        steps.max(),
    );
}

fn measure(what: &str, times: usize, mut run: impl FnMut() -> usize) {
    let mut histogram = Histogram::<u64>::new(3).unwrap();
    let mut found = 0;
    for _ in 0..times {
        let start = Instant::now();
        found += run();
        histogram.record(u64::try_from(start.elapsed().as_micros()).unwrap()).unwrap();
    }
    println!(
        "{what}: p50 {} µs, p99 {} µs, longest {} µs ({} found on average)",
        histogram.value_at_quantile(0.5),
        histogram.value_at_quantile(0.99),
        histogram.max(),
        found / times,
    );
}
