//! Lines appended to many peers, sent together at the end.

use std::sync::Arc;

use super::queue::Queue;
use super::{Flusher, Outbound, SharedLines};

/// Peers that there is room for between one batch and the next.
const DIRTY_KEPT: usize = 16;

/// What one batch of commands has appended: one `send` for each peer, however many lines it got.
pub(crate) struct Delivery {
    flusher: Arc<Flusher>,
    dirty: Vec<Arc<Outbound>>,
    /// How many more there may be soon.
    expected: usize,
    /// What has been appended for whom, and has not been counted yet.
    messages: usize,
    events: usize,
}

impl Delivery {
    pub(crate) fn new(flusher: Arc<Flusher>) -> Self {
        Self { flusher, dirty: Vec::new(), expected: 0, messages: 0, events: 0 }
    }

    /// So many peers are about to get something.
    pub(crate) fn expect(&mut self, peers: usize) {
        self.expected = peers;
    }

    /// Appends one or more whole lines. `own` says whether they answer the peer's command at hand.
    pub(crate) fn append(&mut self, outbound: &Arc<Outbound>, line: &[u8], own: bool) {
        outbound.append(line.len(), |queue| queue.push(line, own), self);
    }

    /// Like [`Delivery::append`], for lines that many get: nothing is copied.
    pub(crate) fn append_shared(
        &mut self,
        outbound: &Arc<Outbound>,
        lines: &SharedLines,
        own: bool,
    ) {
        outbound.append(lines.len(), |queue| queue.push_shared(lines, own), self);
    }

    /// Notes for the metrics that one more connection sees so many messages and other events.
    pub(crate) fn delivered(&mut self, messages: usize, events: usize) {
        self.messages += messages;
        self.events += events;
    }

    /// Sends what was appended, or leaves it to who is sending already.
    ///
    /// `is_wanted` says whether the calling thread has something else to do; it is asked now and
    /// then while much is sent.
    pub(crate) fn flush(&mut self, is_wanted: impl Fn() -> bool) {
        self.count();
        match self.dirty.as_slice() {
            [] => {}
            // What one peer gets is not worth a role that others may want: what gathers for it
            // while somebody sends to it leaves in one piece all the same.
            [outbound] => {
                outbound.flush(None);
                self.dirty.clear();
            }
            _ => self.flusher.flush(&mut self.dirty, is_wanted),
        }
        // A connection that has fallen idle keeps what it needs for a word to a few.
        if self.dirty.capacity() > DIRTY_KEPT {
            self.dirty = Vec::new();
        }
        self.expected = 0;
    }

    fn count(&mut self) {
        let metrics = self.flusher.metrics();
        for (counter, count) in [
            (&metrics.messages_delivered, std::mem::take(&mut self.messages)),
            (&metrics.events_delivered, std::mem::take(&mut self.events)),
        ] {
            if count > 0 {
                counter.add(count);
            }
        }
    }

    /// Notes that a peer has something to be sent, unless somebody has done so already.
    pub(super) fn note(&mut self, outbound: &Arc<Outbound>, queue: &mut Queue) {
        if !queue.dirty {
            queue.dirty = true;
            if self.dirty.len() == self.dirty.capacity() {
                self.dirty.reserve(self.expected);
            }
            self.dirty.push(outbound.clone());
        }
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        self.flush(|| false);
    }
}
