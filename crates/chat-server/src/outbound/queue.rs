//! The lines that wait, and who sends them. Plain data.

use super::labeling::Labeling;

/// What a queue starts with, in bytes; one that is empty has no memory. Larger than what the system
/// allocator keeps for each thread: buffers are filled by one thread and freed by another, and a
/// thread that has fallen idle would sit on a handful of them.
const FIRST_BYTES: usize = 2048;

#[derive(Default)]
pub(super) struct Queue {
    /// Appended and not yet taken by a writer.
    pub(super) pending: Vec<u8>,
    /// Taken by a writer and not yet sent: `unsent[sent..]`.
    pub(super) unsent: Vec<u8>,
    pub(super) sent: usize,
    /// Bytes that the writer at work has taken out.
    pub(super) in_flight: usize,
    pub(super) role: Role,
    /// Somebody is going to flush.
    pub(super) dirty: bool,
    /// Some thread waits until what is in flight has been sent.
    pub(super) awaited: bool,
    /// The connection is about to end: its thread is to wait for nothing.
    pub(super) interrupted: bool,
    pub(super) labeling: Option<Labeling>,
    pub(super) end: Option<End>,
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
        let labeling = self.labeling.as_ref().map_or(0, Labeling::bytes);
        self.pending.len() + (self.unsent.len() - self.sent) + self.in_flight + labeling
    }

    /// Whether lines are accepted and going to be sent.
    pub(super) fn is_open(&self) -> bool {
        self.end.is_none() && !self.interrupted
    }

    pub(super) fn take(&mut self) -> Option<(Vec<u8>, usize)> {
        let taken = if self.sent < self.unsent.len() {
            (std::mem::take(&mut self.unsent), std::mem::take(&mut self.sent))
        } else if !self.pending.is_empty() {
            (std::mem::take(&mut self.pending), 0)
        } else {
            return None;
        };
        self.in_flight = taken.0.len() - taken.1;
        Some(taken)
    }

    /// Adds whole lines. `own` says whether they answer the peer's command at hand.
    pub(super) fn push(&mut self, lines: &[u8], own: bool) {
        if self.pending.capacity() == 0 {
            self.pending.reserve_exact(FIRST_BYTES.max(lines.len()));
        }
        match &mut self.labeling {
            Some(labeling) => labeling.push(lines, own, &mut self.pending),
            None => self.pending.extend_from_slice(lines),
        }
    }

    /// Ends the answer to a labelled command, if there is one; says whether there was.
    pub(super) fn finish_labeling(&mut self, goes_on: bool) -> bool {
        let Some(labeling) = self.labeling.take() else { return false };
        if self.end.is_none() {
            labeling.finish(goes_on, &mut self.pending);
        }
        true
    }

    /// Everything that is not sent yet.
    pub(super) fn drain(&mut self) -> Vec<u8> {
        let mut rest = std::mem::take(&mut self.unsent).split_off(std::mem::take(&mut self.sent));
        rest.append(&mut self.pending);
        rest
    }

    /// Drops everything but the rest of a line that is half sent.
    pub(super) fn finish(&mut self, end: End) {
        self.end.get_or_insert(end);
        let rest = &self.unsent[self.sent..];
        let line_end = rest.iter().position(|&byte| byte == b'\n').map_or(rest.len(), |at| at + 1);
        let half_sent = self.sent.checked_sub(1).is_some_and(|last| self.unsent[last] != b'\n');
        self.unsent = if half_sent { rest[..line_end].to_vec() } else { Vec::new() };
        self.sent = 0;
        self.pending = Vec::new();
        self.labeling = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_still_counts() {
        let mut queue = Queue { pending: b"one\ntwo\n".to_vec(), ..Queue::default() };
        let (taken, sent) = queue.take().unwrap();
        assert_eq!((taken.as_slice(), sent, queue.bytes()), (&b"one\ntwo\n"[..], 0, 8));
        assert!(queue.take().is_none());
    }

    #[test]
    fn the_end_keeps_the_rest_of_a_half_sent_line() {
        let unsent = b"one\ntwo\nthree\n".to_vec();
        let mut queue =
            Queue { unsent: unsent.clone(), sent: 5, pending: b"x\n".to_vec(), ..Queue::default() };
        queue.finish(End::SendQueueExceeded);
        assert_eq!(queue.take().unwrap().0, b"wo\n");
        let mut queue = Queue { unsent, sent: 4, ..Queue::default() };
        queue.finish(End::PeerGone);
        assert!(queue.take().is_none());
    }
}
