//! Who sends.
//!
//! Sending is a role, not a thread. Whoever has appended takes it if it is free, and sends to
//! everyone who has something waiting, its own recipients or not. Whoever finds it taken leaves its
//! recipients to the one who has it and goes on reading; what gathers meanwhile for one peer leaves
//! in one `send`. In a crowd, where others add while somebody sends, who takes the role for many peers
//! lets the others go first for a moment, so that more gathers. A thread that has the role and something
//! else to do hands it to the flusher thread.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use arrayvec::ArrayVec;

use crate::lock::lock;
use crate::metrics::Metrics;

use super::{Outbound, approach};

/// Peers sent to before the clock is looked at.
const CHUNK: usize = 16;
/// From so many peers on, it is worth asking whether others are about to add to what they get.
const GATHER_MIN: usize = 8;
/// That many times others add to it while somebody sends, or it is not worth to let them go first: on a
/// machine that has other things to do, it takes as long as those have their turn.
const CROWD_MIN: u64 = 4;
/// After so long nobody else is let go first.
const GATHER_TIME_MAX: Duration = Duration::from_millis(1);
/// How long a thread sends before it asks, and asks again, whether it is wanted elsewhere.
const PATIENCE: Duration = Duration::from_micros(200);

/// The peers that have something waiting, and how many threads are sending to them.
pub(crate) struct Flusher {
    state: Mutex<State>,
    handed_over: Condvar,
    roles_max: usize,
    metrics: Arc<Metrics>,
}

struct State {
    dirty: VecDeque<Arc<Outbound>>,
    roles: usize,
    /// Scratch buffers that nobody uses at present; at most one for each role.
    scratches: Vec<Vec<u8>>,
    /// How often peers have been added, whether they were among the dirty ones already or not.
    additions: u64,
    /// For each of the last times that somebody sent, the latest as the lowest bit: whether many others
    /// added meanwhile.
    crowds: u8,
}

impl Flusher {
    /// At most `roles_max` threads send at one time.
    pub(crate) fn new(roles_max: usize, metrics: Arc<Metrics>) -> Arc<Self> {
        let state = State {
            dirty: VecDeque::new(),
            roles: 0,
            scratches: Vec::new(),
            additions: 0,
            crowds: 0,
        };
        Arc::new(Self { state: Mutex::new(state), handed_over: Condvar::new(), roles_max, metrics })
    }

    pub(super) fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Sends to these peers and to whoever else has something waiting, or leaves them to those who
    /// are sending already. What the calling thread does not finish, because `is_wanted` says that
    /// it has something else to do, [`Flusher::run`] does.
    pub(super) fn flush(&self, dirty: &mut Vec<Arc<Outbound>>, is_wanted: impl Fn() -> bool) {
        let mut state = self.lock();
        state.dirty.extend(dirty.drain(..));
        state.additions += 1;
        if state.roles < self.roles_max {
            state.roles += 1;
            let before = state.additions;
            self.send(self.gather(state), before, is_wanted);
        }
    }

    /// What a flusher thread does: takes over what others hand to it. Never returns.
    pub(crate) fn run(&self) -> ! {
        loop {
            let is_idle =
                |state: &mut State| state.dirty.is_empty() || state.roles >= self.roles_max;
            let state = self.handed_over.wait_while(self.lock(), is_idle);
            let mut state = state.unwrap_or_else(PoisonError::into_inner);
            state.roles += 1;
            let before = state.additions;
            self.send(state, before, || false);
        }
    }

    /// Lets threads that are ready to run add what they have, as long as there are any.
    fn gather<'a>(&'a self, mut state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        if state.crowds == 0 || state.dirty.len() < GATHER_MIN {
            return state;
        }
        let until = Instant::now() + GATHER_TIME_MAX;
        loop {
            let before = state.additions;
            drop(state);
            thread::yield_now();
            state = self.lock();
            if state.additions == before || Instant::now() >= until {
                return state;
            }
        }
    }

    /// Sends until nothing waits, or until the thread is wanted elsewhere. It has a role, since so many
    /// additions, and gives it up.
    fn send<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        additions: u64,
        is_wanted: impl Fn() -> bool,
    ) {
        let mut chunk = ArrayVec::<_, CHUNK>::new();
        let mut scratch = state.scratches.pop().unwrap_or_default();
        let mut until = None;
        loop {
            while !chunk.is_full()
                && let Some(outbound) = state.dirty.pop_front()
            {
                chunk.push(outbound);
            }
            if chunk.is_empty() {
                break;
            }
            let is_last = state.dirty.is_empty();
            drop(state);
            approach(chunk.iter());
            chunk.drain(..).for_each(|outbound| outbound.flush(Some(&mut scratch)));
            let hands_over = !is_last && {
                let now = Instant::now();
                let asks = now >= *until.get_or_insert(now + PATIENCE);
                asks && {
                    until = Some(now + PATIENCE);
                    is_wanted()
                }
            };
            state = self.lock();
            if hands_over {
                self.handed_over.notify_one();
                break;
            }
        }
        state.crowds = state.crowds << 1 | u8::from(state.additions - additions >= CROWD_MIN);
        state.scratches.push(scratch);
        state.roles -= 1;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}
