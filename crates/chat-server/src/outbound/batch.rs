//! Lines that leave together.

use std::io::IoSlice;
use std::sync::Arc;

use arrayvec::ArrayVec;

/// Pieces that are kept where they are; what comes after them is copied. Eight: the lines of as many
/// reads leave in one `send`.
const SHARED_MAX: usize = 8;

/// Lines as they go to one peer, oldest first: pieces that the queues of other peers hold as well,
/// then bytes of its own.
#[derive(Default)]
// In this order: the last pieces are seldom there.
#[repr(C)]
pub(super) struct Batch {
    own: Vec<u8>,
    shared: ArrayVec<Arc<str>, SHARED_MAX>,
}

impl Batch {
    pub(super) fn bytes(&self) -> usize {
        self.shared.iter().map(|lines| lines.len()).sum::<usize>() + self.own.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.own.is_empty() && self.shared.is_empty()
    }

    /// Adds lines without copying them; `false` if that can't be done any more.
    pub(super) fn push_shared(&mut self, lines: &Arc<str>) -> bool {
        self.own.is_empty() && self.shared.try_push(lines.clone()).is_ok()
    }

    /// Where other lines are added.
    pub(super) fn own(&mut self) -> &mut Vec<u8> {
        &mut self.own
    }

    /// Takes over what another holds. This one is empty.
    fn take(&mut self, other: &mut Self) {
        self.own = std::mem::take(&mut other.own);
        // Not the whole array: most of it is not in use.
        self.shared.extend(other.shared.drain(..));
    }

    fn into_bytes(self) -> Vec<u8> {
        if self.shared.is_empty() {
            return self.own;
        }
        let mut bytes = Vec::with_capacity(self.bytes());
        self.slices().iter().for_each(|slice| bytes.extend_from_slice(slice));
        bytes
    }

    fn slices(&self) -> ArrayVec<IoSlice<'_>, { SHARED_MAX + 1 }> {
        let shared = self.shared.iter().map(|lines| lines.as_bytes());
        let own = Some(self.own.as_slice()).filter(|own| !own.is_empty());
        shared.chain(own).map(IoSlice::new).collect()
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

    /// Calls `send` with what is left until nothing is, or until it fails.
    pub(super) fn send<E>(
        &mut self,
        mut send: impl FnMut(&[IoSlice<'_>]) -> Result<usize, E>,
    ) -> Result<(), E> {
        let mut slices = self.batch.slices();
        let mut rest = slices.as_mut_slice();
        let mut sent = 0;
        IoSlice::advance_slices(&mut rest, self.sent);
        let outcome = loop {
            if rest.is_empty() {
                break Ok(());
            }
            match send(rest) {
                Ok(count) => {
                    sent += count;
                    IoSlice::advance_slices(&mut rest, count);
                }
                Err(error) => break Err(error),
            }
        };
        drop(slices);
        self.advance(sent);
        outcome
    }

    /// Notes that so many bytes have been sent.
    pub(super) fn advance(&mut self, bytes: usize) {
        self.sent += bytes;
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
