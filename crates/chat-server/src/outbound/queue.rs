//! The lines that wait, and who sends them. Plain data.

use super::SharedLines;
use super::batch::{Batch, Underway};
use super::labeling::Labeling;

/// What a queue's own buffer starts with, in bytes; one that is empty has no memory. Larger than what
/// the system allocator keeps for each thread: buffers are filled by one thread and freed by another,
/// and a thread that has fallen idle would sit on a handful of them.
const FIRST_BYTES: usize = 2048;

#[derive(Default)]
// In this order: what every line touches lies together at the beginning.
#[repr(C)]
pub(super) struct Queue {
    pub(super) role: Role,
    /// Somebody is going to flush.
    pub(super) dirty: bool,
    /// The wire has something to send, besides what is queued here.
    pub(super) wire_waits: bool,
    /// Some thread waits until what is in flight has been sent.
    pub(super) awaited: bool,
    /// The connection is about to end: its thread is to wait for nothing.
    pub(super) interrupted: bool,
    pub(super) end: Option<End>,
    /// Bytes that the writer at work has taken out.
    pub(super) in_flight: usize,
    pub(super) labeling: Option<Box<Labeling>>,
    /// What others have sent while the peer is being shown something that comes before.
    #[expect(clippy::box_collection, reason = "hardly ever there, and asked for by every line")]
    held: Option<Box<Vec<u8>>>,
    /// What the peer did not take of an earlier batch.
    pub(super) unsent: Option<Box<Underway>>,
    /// Appended and not yet taken by a writer.
    pub(super) pending: Batch,
}

/// Who sends. One at a time, so lines keep their order without a lock over `send`.
#[derive(Default, PartialEq, Eq, Clone, Copy)]
pub(super) enum Role {
    #[default]
    Free,
    Taken,
    /// The peer takes nothing at present; `resume` goes on.
    Parked,
}

/// Why nothing more is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The queue grew past its bound.
    SendQueueExceeded,
    /// Sending failed: the peer is gone.
    PeerGone,
    /// The connection's own thread closed it.
    Closed,
}

impl Queue {
    pub(super) fn bytes(&self) -> usize {
        let labeling = self.labeling.as_ref().map_or(0, |labeling| labeling.bytes());
        let held = self.held.as_ref().map_or(0, |held| held.len());
        let unsent = self.unsent.as_ref().map_or(0, |unsent| unsent.bytes());
        self.pending.bytes() + unsent + self.in_flight + labeling + held
    }

    /// Whether lines are accepted and going to be sent.
    pub(super) fn is_open(&self) -> bool {
        self.end.is_none() && !self.interrupted
    }

    /// Whether there is something to be sent.
    pub(super) fn has_output(&self) -> bool {
        self.wire_waits || self.unsent.is_some() || !self.pending.is_empty()
    }

    /// Moves what is to be sent next into `underway`, which is empty; it may be nothing.
    pub(super) fn take(&mut self, underway: &mut Underway) {
        match self.unsent.take() {
            Some(unsent) => *underway = *unsent,
            None => underway.take(&mut self.pending),
        }
        self.in_flight = underway.bytes();
    }

    /// Adds whole lines that other queues hold as well. `own` says whether they answer the peer's
    /// command at hand.
    pub(super) fn push_shared(&mut self, lines: &SharedLines, own: bool) {
        if self.labeling.is_some() || self.held.is_some() || !self.pending.push_shared(lines) {
            self.push(lines.as_bytes(), own);
        }
    }

    /// Adds whole lines.
    pub(super) fn push(&mut self, lines: &[u8], own: bool) {
        if let Some(held) = self.held.as_mut().filter(|_| !own) {
            return held.extend_from_slice(lines);
        }
        let pending = self.pending.own();
        if pending.capacity() == 0 {
            pending.reserve_exact(FIRST_BYTES.max(lines.len()));
        }
        match &mut self.labeling {
            Some(labeling) => labeling.push(lines, own, pending),
            None => pending.extend_from_slice(lines),
        }
    }

    /// From now on keeps back what others send.
    pub(super) fn hold(&mut self) {
        self.held.get_or_insert_default();
    }

    /// Lets go of what was kept back; says whether there was something.
    pub(super) fn release(&mut self) -> bool {
        let held = self.held.take().filter(|held| !held.is_empty() && self.end.is_none());
        let Some(held) = held else { return false };
        self.push(&held, false);
        true
    }

    /// Ends the answer to a labelled command, if there is one; says whether there was.
    pub(super) fn finish_labeling(&mut self, goes_on: bool) -> bool {
        let Some(labeling) = self.labeling.take() else { return false };
        if self.end.is_none() {
            labeling.finish(goes_on, self.pending.own());
        }
        true
    }

    /// Everything that is not sent yet.
    pub(super) fn drain(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        while self.unsent.is_some() || !self.pending.is_empty() {
            let mut underway = Underway::default();
            self.take(&mut underway);
            rest.append(&mut underway.into_bytes());
        }
        self.in_flight = 0;
        rest
    }

    /// Drops everything but the rest of a line that is half sent.
    pub(super) fn finish(&mut self, end: End) {
        self.end.get_or_insert(end);
        self.unsent =
            self.unsent.take().and_then(|unsent| unsent.into_rest_of_line().map(Box::new));
        self.pending = Batch::default();
        self.labeling = None;
        self.held = None;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn shared(lines: &str) -> SharedLines {
        Arc::new(lines.to_owned())
    }

    fn take(queue: &mut Queue) -> Option<Vec<u8>> {
        let mut underway = Underway::default();
        queue.take(&mut underway);
        Some(underway.into_bytes()).filter(|bytes| !bytes.is_empty())
    }

    #[test]
    fn what_is_taken_still_counts() {
        let mut queue = Queue::default();
        queue.push_shared(&shared("one\n"), false);
        queue.push(b"two\n", false);
        assert_eq!(take(&mut queue).as_deref(), Some(&b"one\ntwo\n"[..]));
        assert_eq!(queue.bytes(), 8);
        assert_eq!(take(&mut queue), None);
    }

    #[test]
    fn shared_and_own_lines_keep_their_order() {
        let mut queue = Queue::default();
        let mut expected = String::new();
        for number in 0..40 {
            let line = format!("{number}\n");
            expected.push_str(&line);
            if number % 16 == 15 {
                queue.push(line.as_bytes(), false);
            } else {
                queue.push_shared(&shared(&line), false);
            }
        }
        assert_eq!(queue.bytes(), expected.len());
        assert_eq!(take(&mut queue), Some(expected.into_bytes()));
    }

    #[test]
    fn what_others_send_while_an_answer_waits_waits_with_it() {
        let labeling = Some(Box::new(Labeling::new("x", "1", "s.x")));
        let mut queue = Queue { labeling, ..Queue::default() };
        queue.push(b":s 1\n", true);
        queue.push_shared(&shared(":o 2\n"), false);
        assert_eq!((take(&mut queue), queue.bytes()), (None, 10));
        queue.finish_labeling(false);
        queue.push_shared(&shared(":o 3\n"), false);
        assert_eq!(take(&mut queue).as_deref(), Some(&b"@label=x :s 1\n:o 2\n:o 3\n"[..]));
    }

    #[test]
    fn what_is_kept_back_comes_after_what_is_shown_meanwhile() {
        let mut queue = Queue::default();
        queue.hold();
        queue.push_shared(&shared(":o 1\n"), false);
        queue.push(b":s 2\n", true);
        queue.push(b":o 3\n", false);
        assert_eq!(queue.bytes(), 15);
        assert_eq!(take(&mut queue).as_deref(), Some(&b":s 2\n"[..]));
        assert!(queue.release());
        assert!(!queue.release());
        queue.push(b":o 4\n", false);
        assert_eq!(take(&mut queue).as_deref(), Some(&b":o 1\n:o 3\n:o 4\n"[..]));
    }

    #[test]
    fn the_end_keeps_the_rest_of_a_half_sent_line() {
        let half_sent = |sent| {
            let mut queue = Queue::default();
            queue.push_shared(&shared("one\ntwo\n"), false);
            queue.push(b"three\n", false);
            let mut underway = Underway::default();
            queue.take(&mut underway);
            let mut calls = [Ok(sent), Err(())].into_iter();
            let _ = underway.send(None, |_| calls.next().unwrap_or(Err(())));
            (queue.unsent, queue.in_flight) = (Some(Box::new(underway)), 0);
            queue.push(b"x\n", false);
            queue.finish(End::SendQueueExceeded);
            take(&mut queue)
        };
        assert_eq!(half_sent(5).as_deref(), Some(&b"wo\n"[..]));
        assert_eq!(half_sent(4), None);
        assert_eq!(half_sent(9).as_deref(), Some(&b"hree\n"[..]));
        assert_eq!(half_sent(0), None);
    }
}
