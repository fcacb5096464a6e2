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
pub(super) struct Batch {
    own: Vec<u8>,
    /// Bytes at the beginning that have been sent.
    sent: usize,
    shared: ArrayVec<Arc<str>, SHARED_MAX>,
}

impl Batch {
    /// Bytes that are to be sent.
    pub(super) fn bytes(&self) -> usize {
        self.bytes_held() - self.sent
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes() == 0
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
    pub(super) fn take(&mut self, other: &mut Self) {
        self.own = std::mem::take(&mut other.own);
        self.sent = std::mem::take(&mut other.sent);
        // Not the whole array: most of it is not in use.
        self.shared.extend(other.shared.drain(..));
    }

    /// Calls `send` with what is left until nothing is, or until it fails.
    pub(super) fn send<E>(
        &mut self,
        mut send: impl FnMut(&[IoSlice<'_>]) -> Result<usize, E>,
    ) -> Result<(), E> {
        let mut slices = self.slices();
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
    pub(super) fn into_bytes(mut self) -> Vec<u8> {
        if self.shared.is_empty() {
            return self.own.split_off(self.sent);
        }
        let sent = self.sent;
        let mut bytes = Vec::with_capacity(self.bytes_held());
        self.slices().iter().for_each(|slice| bytes.extend_from_slice(slice));
        bytes.split_off(sent)
    }

    /// The rest of the line that is half sent, if one is.
    pub(super) fn into_rest_of_line(self) -> Self {
        let sent = self.sent;
        let whole = Self { sent: 0, ..self }.into_bytes();
        let half_sent = sent.checked_sub(1).is_some_and(|last| whole[last] != b'\n');
        if !half_sent {
            return Self::default();
        }
        let rest = whole[sent..].split_inclusive(|&byte| byte == b'\n').next();
        Self { own: rest.unwrap_or_default().to_vec(), ..Self::default() }
    }

    fn bytes_held(&self) -> usize {
        self.shared.iter().map(|lines| lines.len()).sum::<usize>() + self.own.len()
    }

    fn slices(&self) -> ArrayVec<IoSlice<'_>, { SHARED_MAX + 1 }> {
        let shared = self.shared.iter().map(|lines| lines.as_bytes());
        let own = Some(self.own.as_slice()).filter(|own| !own.is_empty());
        shared.chain(own).map(IoSlice::new).collect()
    }
}
