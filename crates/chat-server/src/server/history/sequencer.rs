//! The order of what happens: one thread stores what has gathered, then lets it be seen.

mod watch;

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Instant;

use chat_store::{Outcome, Record, Store};

use crate::fault;
use crate::lock::lock;
use crate::metrics::Metrics;
use crate::outbound::Delivery;
use crate::server::Server;
use crate::state::event::{Event, EventId};
use crate::state::room::Room;
use crate::state::session::Session;
use crate::state::user::User;

use super::{OnItsWay, Unstored};

/// Records that are stored at one time.
const RECORDS_MAX: usize = 512;
/// What may wait to be stored, in bytes.
const BYTES_MAX: usize = 16 * 1024 * 1024;
/// What a record takes besides its texts, in bytes.
const RECORD_BYTES: usize = 200;

/// Where everything is put that is to be stored. What is stored first was put there first.
pub(crate) struct Sequencer {
    store: Arc<dyn Store>,
    metrics: Arc<Metrics>,
    queue: Mutex<Queue>,
    filled: Condvar,
}

#[derive(Default)]
struct Queue {
    items: VecDeque<Item>,
    bytes: usize,
    /// The thread waits for more.
    idle: bool,
    /// Something is being stored or shown.
    busy: bool,
    /// Storing has failed, and that has been logged.
    failing: bool,
    /// When something was last stored.
    stored: Option<Instant>,
}

struct Item {
    records: Vec<Record>,
    count: usize,
    bytes: usize,
    then: Then,
}

/// What follows once it is stored, or is not.
enum Then {
    Nothing,
    Tell(Sender<Result<(), Unstored>>),
    /// Told whether the store takes anything, even if there is nothing to be stored.
    Check(Sender<Result<(), Unstored>>),
    Show(Said),
}

/// Messages that wait to be stored and then seen.
pub(in crate::server) struct Said {
    /// One for each record.
    pub(in crate::server) events: Vec<Event>,
    pub(in crate::server) to: Audience,
    pub(in crate::server) user: Arc<User>,
    pub(in crate::server) session: Arc<Session>,
    pub(in crate::server) on_its_way: OnItsWay,
}

/// Messages that were not put, and why.
pub(in crate::server) type Refused = (Unstored, Said);

/// Gives events their ids in the order in which they are stored, and makes records of them.
#[derive(Clone, Copy)]
pub(in crate::server) struct Numbering<'a> {
    pub(in crate::server) next: &'a dyn Fn() -> EventId,
    pub(in crate::server) records: &'a dyn Fn(&[Event]) -> Vec<Record>,
}

impl Numbering<'_> {
    fn records(self, events: &mut [Event]) -> Vec<Record> {
        events.iter_mut().for_each(|event| event.id = (self.next)());
        (self.records)(events)
    }
}

/// Who is to see messages.
#[derive(Clone)]
pub(in crate::server) enum Audience {
    Room(Arc<Room>),
    User(Arc<User>),
}

impl Sequencer {
    pub(crate) fn new(store: Arc<dyn Store>, metrics: Arc<Metrics>) -> Self {
        Self { store, metrics, queue: Mutex::default(), filled: Condvar::new() }
    }

    /// Stores messages, then shows them. Gives them back if too much is waiting already.
    pub(in crate::server) fn say(&self, said: Said, number: Numbering<'_>) -> Result<(), Refused> {
        let mut said = Some(said);
        let put = self.put(|| {
            let mut said = said.take().expect("it is put once");
            (number.records(&mut said.events), Then::Show(said))
        });
        match (put, said) {
            (Err(why), Some(said)) => Err((why, said)),
            _ => Ok(()),
        }
    }

    /// Stores events; the receiver is told when that is done.
    pub(in crate::server) fn store(
        &self,
        events: &mut [Event],
        number: Numbering<'_>,
    ) -> Receiver<Result<(), Unstored>> {
        let (tell, told) = mpsc::channel();
        let refusal = tell.clone();
        if let Err(why) = self.put(|| (number.records(events), Then::Tell(tell))) {
            let _ = refusal.send(Err(why));
        }
        told
    }

    /// Stores an event some time, in its place among the others. It is dropped if that fails.
    pub(in crate::server) fn note(&self, event: &mut Event, number: Numbering<'_>) {
        let put = || (number.records(std::slice::from_mut(event)), Then::Nothing);
        if self.put(put).is_err() {
            log::debug!("what came and went is not noted: too much waits to be stored");
        }
    }

    /// What the sequencer's thread does. Never returns.
    pub(crate) fn run(&self, server: &Server, new_delivery: impl Fn() -> Delivery) -> ! {
        loop {
            let mut items = self.take();
            let records: Vec<Record> =
                items.iter_mut().flat_map(|item| item.records.drain(..)).collect();
            let is_check = items.iter().any(|item| matches!(item.then, Then::Check(_)));
            let outcome = self.commit(&records, is_check);
            let mut delivery = new_delivery();
            let mut outcomes = outcome.as_deref().unwrap_or_default();
            for item in items {
                let of_item;
                (of_item, outcomes) = outcomes.split_at(item.count.min(outcomes.len()));
                let of_item = outcome.as_ref().map(|_| of_item);
                let go_on = || item.then.go_on(server, of_item, &mut delivery);
                if catch_unwind(AssertUnwindSafe(go_on)).is_err() {
                    log::error!("messages were stored that could not be shown");
                }
            }
            delivery.flush(|| !lock(&self.queue).items.is_empty());
        }
    }

    /// Whether nothing is being stored or shown, and nothing waits for it.
    pub(crate) fn is_idle(&self) -> bool {
        let queue = lock(&self.queue);
        queue.items.is_empty() && !queue.busy
    }

    /// Waits until all is stored that was put there before.
    pub(crate) fn wait(&self) {
        if !self.is_idle() {
            // Whether it could be stored is told to who wanted that.
            let (tell, told) = mpsc::channel();
            let put = self.put(|| (Vec::new(), Then::Tell(tell)));
            let _ = put.map(|()| told.recv());
        }
    }

    fn commit(&self, records: &[Record], is_check: bool) -> Result<Vec<Outcome>, Unstored> {
        if records.is_empty() && !is_check {
            return Ok(Vec::new());
        }
        let start = Instant::now();
        let commit = || {
            fault::point("commit");
            if records.is_empty() {
                return self.store.check().map(|()| Vec::new());
            }
            self.store.commit(records)
        };
        // Everybody waits for this thread: it goes on whatever becomes of one commit.
        let outcome = catch_unwind(AssertUnwindSafe(commit));
        let outcome = outcome.map_or_else(|_| Err(Unstored::failed()), |it| it.map_err(Into::into));
        match &outcome {
            Ok(outcomes) => {
                self.metrics.commit_seconds.observe(start.elapsed());
                self.metrics.records_stored.fetch_add(outcomes.len() as u64, Ordering::Relaxed);
            }
            Err(_) => drop(self.metrics.commits_failed.fetch_add(1, Ordering::Relaxed)),
        }
        self.log(outcome.as_ref().err());
        outcome
    }

    /// `make` is called with the queue locked: what is numbered first is stored first.
    fn put(&self, make: impl FnOnce() -> (Vec<Record>, Then)) -> Result<(), Unstored> {
        let mut queue = lock(&self.queue);
        if queue.bytes > BYTES_MAX {
            let why = "too much waits to be stored already";
            if !std::mem::replace(&mut queue.failing, true) {
                log::error!("can't store what is said, so it is refused: {why}");
            }
            return Err(Unstored(why.to_owned()));
        }
        let (records, then) = make();
        let (count, bytes) = (records.len(), records.iter().map(bytes_of).sum());
        queue.bytes += bytes;
        queue.items.push_back(Item { records, count, bytes, then });
        if std::mem::take(&mut queue.idle) {
            self.filled.notify_one();
        }
        Ok(())
    }

    fn take(&self) -> Vec<Item> {
        let mut queue = lock(&self.queue);
        queue.busy = false;
        while queue.items.is_empty() {
            queue.idle = true;
            queue = self.filled.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        let mut count = 0;
        let fits = |item: &&Item| {
            count += item.count;
            count <= RECORDS_MAX
        };
        let items = queue.items.iter().take_while(fits).count().max(1);
        let items: Vec<Item> = queue.items.drain(..items).collect();
        queue.bytes -= items.iter().map(|item| item.bytes).sum::<usize>();
        queue.busy = true;
        items
    }

    /// Once when it starts to fail, and once when it does no longer.
    fn log(&self, error: Option<&Unstored>) {
        let failed_before = {
            let mut queue = lock(&self.queue);
            queue.stored = error.is_none().then(Instant::now);
            std::mem::replace(&mut queue.failing, error.is_some())
        };
        match error {
            Some(error) if !failed_before => {
                log::error!("can't store what is said, so it is refused: {error}");
            }
            None if failed_before => log::info!("what is said is stored again"),
            _ => {}
        }
    }
}

impl Then {
    fn go_on(
        self,
        server: &Server,
        outcome: Result<&[Outcome], &Unstored>,
        delivery: &mut Delivery,
    ) {
        match self {
            Self::Nothing => {}
            Self::Tell(tell) | Self::Check(tell) => {
                // Nobody waits for it whose connection's thread is gone.
                let _ = tell.send(outcome.map(|_| ()).map_err(Clone::clone));
            }
            Self::Show(said) => {
                server.settle(&said, outcome, delivery);
                drop(said.on_its_way);
            }
        }
    }
}

fn bytes_of(record: &Record) -> usize {
    let texts = match record {
        Record::Entry { entry, .. } => entry.body.len() + entry.tags.len() + entry.source.len(),
        Record::Redaction(redaction) => redaction.entry.body.len(),
        Record::Room(room) => room.settings.len(),
        Record::Audit(entry) => entry.actor.len() + entry.detail.as_deref().map_or(0, str::len),
        Record::RoomDropped(_) | Record::RoomRenamed { .. } => 0,
    };
    RECORD_BYTES + texts
}
