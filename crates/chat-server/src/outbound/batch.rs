//! Lines that leave together.

use std::io::IoSlice;
use std::mem;

use arrayvec::ArrayVec;

use super::SharedLines;

/// Pieces beside the first that are kept where they are; what comes after them is copied. With it, eight:
/// the lines of as many reads leave in one `send`.
const MORE_MAX: usize = 7;
/// Pieces of so many bytes are put together before they are sent: a list of them takes the kernel longer
/// than copying them takes.
const TOGETHER_BYTES_MAX: usize = 4096;

/// Lines as they go to one peer, oldest first: pieces that the queues of other peers hold as well,
/// then bytes of its own.
#[derive(Default)]
// In this order: the last pieces are seldom there.
#[repr(C)]
pub(super) struct Batch {
    own: Vec<u8>,
    shared_bytes: usize,
    first: Option<SharedLines>,
    more: ArrayVec<SharedLines, MORE_MAX>,
}

impl Batch {
    pub(super) fn bytes(&self) -> usize {
        self.shared_bytes + self.own.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes() == 0
    }

    /// Adds lines without copying them; `false` if that can't be done any more.
    pub(super) fn push_shared(&mut self, lines: &SharedLines) -> bool {
        if !self.own.is_empty() {
            return false;
        }
        if self.first.is_none() {
            self.first = Some(lines.clone());
        } else if self.more.try_push(lines.clone()).is_err() {
            return false;
        }
        self.shared_bytes += lines.len();
        true
    }

    /// Where other lines are added.
    pub(super) fn own(&mut self) -> &mut Vec<u8> {
        &mut self.own
    }

    /// Takes over what another holds. This one is empty.
    fn take(&mut self, other: &mut Self) {
        self.own = mem::take(&mut other.own);
        self.shared_bytes = mem::take(&mut other.shared_bytes);
        self.first = other.first.take();
        // Not looked at where there are none: it is memory that nothing else needs.
        if !other.more.is_empty() {
            self.more = mem::take(&mut other.more);
        }
    }

    fn into_bytes(self) -> Vec<u8> {
        if self.first.is_none() {
            return self.own;
        }
        let mut bytes = Vec::with_capacity(self.bytes());
        self.append_to(&mut bytes);
        bytes
    }

    /// The bytes where they are, if they lie in a row.
    fn as_slice(&self) -> Option<&[u8]> {
        match &self.first {
            Some(first) if self.more.is_empty() && self.own.is_empty() => Some(first.as_bytes()),
            Some(_) => None,
            None => Some(&self.own),
        }
    }

    fn append_to(&self, bytes: &mut Vec<u8>) {
        self.pieces().for_each(|piece| bytes.extend_from_slice(piece));
    }

    fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        let shared = self.first.iter().chain(&self.more).map(|lines| lines.as_bytes());
        shared.chain(Some(self.own.as_slice()).filter(|own| !own.is_empty()))
    }
}

/// A batch of which the first bytes may have been sent.
#[derive(Default)]
pub(super) struct Underway {
    batch: Batch,
    sent: usize,
}

impl Underway {
    /// Bytes that are to be sent.
    pub(super) fn bytes(&self) -> usize {
        self.batch.bytes() - self.sent
    }

    /// Takes over what waits. This one is empty.
    pub(super) fn take(&mut self, waiting: &mut Batch) {
        self.batch.take(waiting);
    }

    /// Calls `send` with what is left until nothing is, or until it fails. Small pieces are put together
    /// in `scratch`, if there is one.
    pub(super) fn send<E>(
        &mut self,
        scratch: Option<&mut Vec<u8>>,
        mut send: impl FnMut(&[IoSlice<'_>]) -> Result<usize, E>,
    ) -> Result<(), E> {
        let Self { batch, sent } = self;
        let in_a_row = match (batch.as_slice(), scratch) {
            (None, Some(scratch)) if batch.bytes() <= TOGETHER_BYTES_MAX => {
                scratch.clear();
                batch.append_to(scratch);
                Some(&**scratch)
            }
            (in_a_row, _) => in_a_row,
        };
        let Some(bytes) = in_a_row else { return self.send_pieces(send) };
        while *sent < bytes.len() {
            *sent += send(&[IoSlice::new(&bytes[*sent..])])?;
        }
        Ok(())
    }

    #[inline(never)]
    fn send_pieces<E>(
        &mut self,
        mut send: impl FnMut(&[IoSlice<'_>]) -> Result<usize, E>,
    ) -> Result<(), E> {
        let slices = self.batch.pieces().map(IoSlice::new);
        let mut slices = slices.collect::<ArrayVec<_, { 1 + MORE_MAX + 1 }>>();
        let mut rest = slices.as_mut_slice();
        IoSlice::advance_slices(&mut rest, self.sent);
        while !rest.is_empty() {
            let count = send(rest)?;
            self.sent += count;
            IoSlice::advance_slices(&mut rest, count);
        }
        Ok(())
    }

    /// What is left to be sent.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.batch.into_bytes().split_off(self.sent)
    }

    /// The rest of the line that is half sent, if one is.
    pub(super) fn into_rest_of_line(self) -> Option<Self> {
        let sent = self.sent;
        let whole = self.batch.into_bytes();
        let half_sent = sent.checked_sub(1).is_some_and(|last| whole[last] != b'\n');
        let rest = whole[sent..].split_inclusive(|&byte| byte == b'\n').next();
        let rest = rest.filter(|_| half_sent)?;
        let batch = Batch { own: rest.to_vec(), ..Batch::default() };
        Some(Self { batch, sent: 0 })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// Sends to a peer that takes so many bytes of each call and none of the second; the calls, and what
    /// has been received.
    fn send(
        batch: Batch,
        takes: usize,
        mut scratch: Option<&mut Vec<u8>>,
    ) -> (Vec<usize>, Vec<u8>) {
        let mut underway = Underway { batch, sent: 0 };
        let (mut pieces, mut received) = (Vec::new(), Vec::new());
        loop {
            let outcome = underway.send(scratch.as_deref_mut(), |slices| {
                pieces.push(slices.len());
                if pieces.len() == 2 {
                    return Err(());
                }
                let bytes: Vec<u8> = slices.iter().flat_map(|slice| slice.to_vec()).collect();
                let count = takes.min(bytes.len());
                received.extend_from_slice(&bytes[..count]);
                Ok(count)
            });
            if outcome.is_ok() {
                assert_eq!(underway.bytes(), 0);
                return (pieces, received);
            }
        }
    }

    fn batch(pieces: &[&str], own: &str) -> Batch {
        let mut batch = Batch::default();
        for piece in pieces {
            assert!(batch.push_shared(&Arc::new((*piece).to_owned())));
        }
        batch.own().extend_from_slice(own.as_bytes());
        batch
    }

    #[test]
    fn what_lies_in_a_row_is_sent_from_where_it_is() {
        let mut scratch = Vec::new();
        let both = [(batch(&["one\n"], ""), "one\n"), (batch(&[], "two\n"), "two\n")];
        for (batch, expected) in both {
            assert_eq!(send(batch, 3, Some(&mut scratch)), (vec![1, 1, 1], expected.into()));
        }
        assert_eq!(scratch.capacity(), 0);
    }

    #[test]
    fn small_pieces_are_put_together_where_there_is_a_place() {
        let pieces = || batch(&["one\n", "two\n"], "three\n");
        let mut scratch = b"before".to_vec();
        let expected = b"one\ntwo\nthree\n".to_vec();
        assert_eq!(send(pieces(), 6, Some(&mut scratch)), (vec![1, 1, 1, 1], expected.clone()));
        assert_eq!(send(pieces(), 6, None), (vec![3, 2, 2, 1], expected));
    }

    #[test]
    fn large_pieces_stay_where_they_are() {
        let (long, mut scratch) = ("x".repeat(TOGETHER_BYTES_MAX), Vec::new());
        let (pieces, received) = send(batch(&[&long, "y"], "z"), usize::MAX, Some(&mut scratch));
        assert_eq!((pieces, scratch.capacity()), (vec![3], 0));
        assert_eq!(received, format!("{long}yz").into_bytes());
    }
}
