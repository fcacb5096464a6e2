//! Whether everybody got everything once and in order.

use std::collections::BTreeSet;
use std::fmt;

/// What each recipient was sent by each sender. Such a pair is a stream, numbered by the caller;
/// the messages of a stream are numbered from 0.
#[derive(Debug)]
pub(crate) struct Ledger {
    /// By stream: the sequence number that comes next.
    next: Vec<u32>,
    /// Left out so far: stream and sequence number.
    missing: BTreeSet<(usize, u32)>,
    faults: Faults,
}

/// What went wrong, counted by delivery.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Faults {
    pub(crate) lost: u64,
    pub(crate) repeated: u64,
    pub(crate) reordered: u64,
    /// Sent to somebody who is not in the room, or never sent by anybody.
    pub(crate) stray: u64,
    /// The first of them, in words.
    first: Option<String>,
}

impl Ledger {
    pub(crate) fn new(streams: usize) -> Self {
        Self { next: vec![0; streams], missing: BTreeSet::new(), faults: Faults::default() }
    }

    /// Notes a delivery; false if it is a repetition.
    pub(crate) fn receive(&mut self, stream: usize, sequence: u32) -> bool {
        let next = self.next[stream];
        if sequence == next {
            self.next[stream] = next + 1;
            return true;
        }
        self.out_of_turn(stream, sequence, next)
    }

    fn out_of_turn(&mut self, stream: usize, sequence: u32, next: u32) -> bool {
        if sequence > next {
            self.missing.extend((next..sequence).map(|missing| (stream, missing)));
            self.next[stream] = sequence + 1;
            return true;
        }
        if self.missing.remove(&(stream, sequence)) {
            self.faults.reordered += 1;
            self.faults.describe(|| format!("stream {stream}: {sequence} came late"));
            return true;
        }
        self.faults.repeated += 1;
        self.faults.describe(|| format!("stream {stream}: {sequence} came again, not {next}"));
        false
    }

    /// Notes a delivery that belongs to no stream.
    pub(crate) fn stray(&mut self, recipient: usize, sender: u32, sequence: u32) {
        self.faults.stray += 1;
        let what = || format!("connection {recipient} got {sequence} of sender {sender}");
        self.faults.describe(what);
    }

    /// What went wrong so far, when `sent` says how many messages each stream should have had.
    pub(crate) fn settle(&self, sent: impl Fn(usize) -> u32) -> Faults {
        let mut faults = self.faults.clone();
        for (stream, &next) in self.next.iter().enumerate() {
            let expected = sent(stream);
            faults.lost += u64::from(expected.saturating_sub(next));
            if next < expected {
                let what = || format!("stream {stream}: {next} to {} never came", expected - 1);
                faults.describe(what);
            }
        }
        faults.lost += self.missing.len() as u64;
        if let Some((stream, sequence)) = self.missing.first() {
            faults.describe(|| format!("stream {stream}: {sequence} never came"));
        }
        faults
    }
}

impl Faults {
    pub(crate) const fn total(&self) -> u64 {
        self.lost + self.repeated + self.reordered + self.stray
    }

    fn describe(&mut self, what: impl FnOnce() -> String) {
        self.first.get_or_insert_with(what);
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { lost, repeated, reordered, stray, first } = self;
        write!(f, "{lost} lost, {repeated} repeated, {reordered} reordered, {stray} stray")?;
        first.iter().try_for_each(|first| write!(f, "; first: {first}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(received: &[u32], sent: u32) -> Faults {
        let mut ledger = Ledger::new(1);
        for &sequence in received {
            ledger.receive(0, sequence);
        }
        ledger.settle(|_| sent)
    }

    #[track_caller]
    fn check(received: &[u32], sent: u32, [lost, repeated, reordered]: [u64; 3]) {
        let faults = faults(received, sent);
        assert_eq!(
            [faults.lost, faults.repeated, faults.reordered],
            [lost, repeated, reordered],
            "{faults}"
        );
        assert_eq!(faults.first.is_some(), faults.total() > 0);
    }

    #[test]
    fn everything_once_and_in_order() {
        check(&[0, 1, 2], 3, [0, 0, 0]);
    }

    #[test]
    fn lost_at_the_end_and_in_between() {
        check(&[0, 1], 4, [2, 0, 0]);
        check(&[0, 3], 4, [2, 0, 0]);
    }

    #[test]
    fn repeated() {
        check(&[0, 0, 1, 1], 2, [0, 2, 0]);
    }

    #[test]
    fn reordered_is_not_lost() {
        check(&[1, 0, 2], 3, [0, 0, 1]);
        check(&[2, 0, 1, 0], 3, [0, 1, 2]);
    }

    #[test]
    fn streams_are_apart() {
        let mut ledger = Ledger::new(2);
        assert!(ledger.receive(0, 0));
        assert!(ledger.receive(1, 0));
        assert!(!ledger.receive(1, 0));
        assert_eq!(ledger.settle(|stream| [1, 1][stream]).total(), 1);
    }

    #[test]
    fn a_stray_is_a_fault() {
        let mut ledger = Ledger::new(1);
        ledger.stray(3, 9, 0);
        assert_eq!(
            ledger.settle(|_| 0).to_string(),
            "0 lost, 0 repeated, 0 reordered, 1 stray; first: connection 3 got 0 of sender 9"
        );
    }
}
