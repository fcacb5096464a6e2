//! The bytes on their way to one peer.
//!
//! What it promises: appending never waits for the peer; lines leave whole and in the order in
//! which they were appended; memory is bounded; past the bound the peer is cut off, nobody else is
//! slowed down. What it does not promise: that a line was received.

mod delivery;
mod flusher;
mod queue;

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::lock::lock;

pub(crate) use delivery::Delivery;
pub(crate) use flusher::Flusher;
pub(crate) use queue::{End, Held};
use queue::{Queue, Role};

/// The way out to one peer.
pub(crate) trait Wire: Send + Sync {
    /// Sends what can be sent without waiting; `WouldBlock` if that is nothing.
    fn send(&self, bytes: &[u8]) -> io::Result<usize>;

    /// Asks for [`Outbound::resume`] to be called once the peer takes bytes again.
    fn park(&self, outbound: Arc<Outbound>);

    /// Makes the connection's own thread, which waits for the peer, look up.
    fn wake_reader(&self);
}

/// A queue of lines to one peer, bounded in bytes.
pub(crate) struct Outbound {
    wire: Box<dyn Wire>,
    bytes_max: usize,
    queue: Mutex<Queue>,
    /// Told when a thread has sent what it took.
    sent: Condvar,
}

impl Outbound {
    pub(crate) fn new(wire: Box<dyn Wire>, bytes_max: usize) -> Arc<Self> {
        Arc::new(Self { wire, bytes_max, queue: Mutex::default(), sent: Condvar::new() })
    }

    /// Why the peer has been cut off, if it has.
    pub(crate) fn end(&self) -> Option<End> {
        self.lock().end
    }

    /// Keeps lines back until [`Outbound::release`], so that a label can be put on those that
    /// answer a command. Lines of others wait with them: the order stays what it was.
    pub(crate) fn hold(&self) {
        self.lock().held.get_or_insert_default();
    }

    /// Sends on what was held, as `frame` puts it together.
    pub(crate) fn release(
        self: &Arc<Self>,
        delivery: &mut Delivery,
        frame: impl FnOnce(Vec<Held>) -> Vec<u8>,
    ) {
        let mut queue = self.lock();
        let Some(held) = queue.held.take() else { return };
        if queue.end.is_some() {
            return;
        }
        queue.pending.extend_from_slice(&frame(held.lines));
        delivery.note(self, &mut queue);
    }

    /// Waits, for a bounded time, while the queue is more than half full of lines that could be
    /// sent. For the peer's own thread when it has much to answer; nobody else waits for a peer.
    pub(crate) fn wait_for_room(self: &Arc<Self>, timeout: Duration) {
        let is_full = |queue: &mut Queue| {
            queue.awaited =
                queue.end.is_none() && queue.held.is_none() && queue.bytes() * 2 > self.bytes_max;
            queue.awaited
        };
        let mut queue = self.lock();
        if !is_full(&mut queue) {
            return;
        }
        drop(queue);
        self.flush();
        queue = self.lock();
        // Whether there is room now is for the next append to find out.
        let _ = self.sent.wait_timeout_while(queue, timeout, is_full);
    }

    /// Makes the connection's own thread look up, which then finds why.
    pub(crate) fn wake_reader(&self) {
        self.wire.wake_reader();
    }

    /// Accepts nothing more and gives back what is still to be sent, `farewell` last; nothing if the
    /// peer is gone. Waits for another thread that is sending to it at this moment: sending does
    /// not wait for the peer, so that is soon over.
    pub(crate) fn close(&self, farewell: &[u8]) -> Option<Vec<u8>> {
        let mut queue = self.lock();
        let ended = queue.end.replace(End::Closed);
        if matches!(ended, Some(End::PeerGone | End::Closed)) {
            return None;
        }
        let queue = self.sent.wait_while(queue, |queue| {
            queue.awaited = queue.role == Role::Taken;
            queue.awaited
        });
        let mut queue = queue.unwrap_or_else(PoisonError::into_inner);
        let mut rest = std::mem::take(&mut queue.unsent).split_off(std::mem::take(&mut queue.sent));
        rest.append(&mut queue.pending);
        rest.extend_from_slice(farewell);
        Some(rest)
    }

    /// Goes on after [`Wire::park`].
    pub(crate) fn resume(self: &Arc<Self>) {
        let mut queue = self.lock();
        if queue.role == Role::Parked {
            queue.role = Role::Free;
        }
        self.write(queue);
    }

    fn append(self: &Arc<Self>, line: &[u8], own: bool, delivery: &mut Delivery) {
        let mut queue = self.lock();
        if queue.end.is_some() {
            return;
        }
        if queue.bytes() + line.len() > self.bytes_max {
            queue.finish(End::SendQueueExceeded);
            drop(queue);
            self.wire.wake_reader();
            return;
        }
        match &mut queue.held {
            Some(held) => {
                held.push(line, own);
            }
            None => {
                queue.push(line);
                delivery.note(self, &mut queue);
            }
        }
    }

    fn flush(self: &Arc<Self>) {
        let mut queue = self.lock();
        queue.dirty = false;
        self.write(queue);
    }

    /// Sends until nothing is left or the peer takes no more. The lock is not held over `send`.
    fn write<'a>(self: &'a Arc<Self>, mut queue: MutexGuard<'a, Queue>) {
        if queue.role != Role::Free || queue.end.is_some() {
            return;
        }
        while let Some((bytes, mut sent)) = queue.take() {
            queue.role = Role::Taken;
            drop(queue);
            let outcome = self.send(&bytes, &mut sent);
            queue = self.lock();
            queue.in_flight = 0;
            queue.role = Role::Free;
            // Telling takes a system call.
            if std::mem::take(&mut queue.awaited) {
                self.sent.notify_all();
            }
            match outcome {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    (queue.unsent, queue.sent) = (bytes, sent);
                    if queue.end.is_none() {
                        queue.role = Role::Parked;
                        drop(queue);
                        self.wire.park(self.clone());
                    }
                    return;
                }
                Err(_) => {
                    queue.finish(End::PeerGone);
                    drop(queue);
                    return self.wire.wake_reader();
                }
            }
            if queue.end.is_some() {
                return;
            }
        }
    }

    fn send(&self, bytes: &[u8], sent: &mut usize) -> io::Result<()> {
        while *sent < bytes.len() {
            match self.wire.send(&bytes[*sent..]) {
                Ok(count) => *sent += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        lock(&self.queue)
    }
}
