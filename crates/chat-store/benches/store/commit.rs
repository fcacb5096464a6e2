//! Senders that each wait until their message is stored, and one thread that stores what has
//! gathered.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use chat_store::{Durability, SqliteStore, Store, TargetKey};
use hdrhistogram::Histogram;

use crate::text::{Texts, message};

/// At most so many messages in a commit.
const BATCH_MAX: usize = 512;

const ROOMS: u64 = 20;

struct Submitted {
    author: u64,
    body: String,
    stored: SyncSender<()>,
}

pub(crate) fn throughput(dir: &Path, seconds: u64) {
    for durability in [Durability::Power, Durability::Process] {
        for senders in [1, 16, 64] {
            run(dir, durability, senders, Duration::from_secs(seconds), None);
        }
    }
}

pub(crate) fn paced(dir: &Path, seconds: u64) {
    for durability in [Durability::Power, Durability::Process] {
        run(dir, durability, 64, Duration::from_secs(seconds), Some(1000));
    }
}

fn run(dir: &Path, durability: Durability, senders: u64, time: Duration, per_second: Option<u64>) {
    let dir = tempfile::tempdir_in(dir).unwrap();
    let store = SqliteStore::open(dir.path(), durability).unwrap();
    let (submit, submitted) = channel();
    let stop = AtomicBool::new(false);
    let mut latency = Histogram::<u64>::new(3).unwrap();
    let (mut commits, mut cpu) = (0, 0);
    let start = Instant::now();
    thread::scope(|scope| {
        let sending: Vec<_> = (0..senders)
            .map(|sender| {
                let (submit, stop) = (submit.clone(), &stop);
                let pause = per_second.map(|it| Duration::from_micros(1_000_000 * senders / it));
                scope.spawn(move || send(sender, senders, &submit, stop, pause))
            })
            .collect();
        drop(submit);
        let store = &store;
        let storing = scope.spawn(move || store_all(store, &submitted));
        thread::sleep(time);
        stop.store(true, Ordering::Relaxed);
        for sender in sending {
            latency.add(sender.join().unwrap()).unwrap();
        }
        (commits, cpu) = storing.join().unwrap();
    });
    let seconds = start.elapsed().as_secs_f64();
    let rate = latency.len() as f64 / seconds;
    println!(
        "{durability:?}, {senders} senders: {rate:.0} messages/s in {:.1} each, p50 {} µs, p99 {} µs, \
         {:.1} µs of CPU each to store them, search lags by {}",
        latency.len() as f64 / commits as f64,
        latency.value_at_quantile(0.5),
        latency.value_at_quantile(0.99),
        cpu as f64 / 1000.0 / latency.len() as f64,
        store.search_lag().unwrap(),
    );
}

fn send(
    sender: u64,
    senders: u64,
    submit: &Sender<Submitted>,
    stop: &AtomicBool,
    pause: Option<Duration>,
) -> Histogram<u64> {
    let mut texts = Texts::new(sender + 1);
    let mut latency = Histogram::new(3).unwrap();
    let (stored, wait) = sync_channel(1);
    let mut next = Instant::now()
        + pause.unwrap_or_default() * u32::try_from(sender).unwrap()
            / u32::try_from(senders).unwrap();
    while !stop.load(Ordering::Relaxed) {
        if let Some(pause) = pause {
            thread::sleep(next.saturating_duration_since(Instant::now()));
            next += pause;
        }
        let start = Instant::now();
        let stored = stored.clone();
        submit.send(Submitted { author: sender, body: texts.text(), stored }).unwrap();
        wait.recv().unwrap();
        latency.record(u64::try_from(start.elapsed().as_micros()).unwrap()).unwrap();
    }
    latency
}

/// Receives one, takes what else is there, and commits it. Says how many commits that
/// were, and how many nanoseconds of CPU they took.
fn store_all(store: &SqliteStore, submitted: &Receiver<Submitted>) -> (u64, u64) {
    let rooms: Vec<_> = (0..ROOMS).map(|it| TargetKey::room(&format!("#room{it}"))).collect();
    let mut last = 0;
    let (mut commits, mut cpu) = (0, 0);
    while let Ok(first) = submitted.recv() {
        let batch: Vec<_> =
            std::iter::once(first).chain(submitted.try_iter()).take(BATCH_MAX).collect();
        let mut stored = Vec::with_capacity(batch.len());
        let mut records = Vec::with_capacity(batch.len());
        for it in batch {
            last = now().max(last + 1);
            let room = usize::try_from(it.author % ROOMS).unwrap();
            records.push(message(last, &rooms[room], it.author, it.body));
            stored.push(it.stored);
        }
        let before = thread_cpu();
        store.commit(&records).unwrap();
        cpu += thread_cpu() - before;
        commits += 1;
        for it in stored {
            it.send(()).unwrap();
        }
    }
    (commits, cpu)
}

/// What this thread has taken so far, in nanoseconds.
fn thread_cpu() -> u64 {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    stat.split(' ').next().unwrap().parse().unwrap()
}

fn now() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros()).unwrap()
}
