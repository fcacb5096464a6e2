//! The bytes on their way to one peer.
//!
//! What it promises: appending never waits for the peer; lines leave whole and in the order in
//! which they were appended; memory is bounded; past the bound the peer is cut off, nobody else is
//! slowed down. What it does not promise: that a line was received.

mod batch;
mod delivery;
mod flusher;
mod labeling;
mod queue;

use std::hint::black_box;
use std::io::{self, IoSlice};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chat_protocol::CapabilitySet;

use crate::fault;
use crate::lock::lock;
use crate::metrics::Metrics;

use batch::Underway;
pub(crate) use delivery::Delivery;
pub(crate) use flusher::Flusher;
pub(crate) use labeling::Labeling;
pub(crate) use queue::End;
use queue::{Queue, Role};

/// Whole lines that many queues hold, where they were put together.
pub(crate) type SharedLines = Arc<String>;

/// The way out to one peer.
pub(crate) trait Wire: Send + Sync + 'static {
    /// Sends what can be sent without waiting; `WouldBlock` if that is nothing. There is something.
    fn send(&self, bytes: &[IoSlice<'_>]) -> io::Result<usize>;

    /// Sends what [`Wire::send`] has taken and keeps, and what the wire says by itself; `WouldBlock` if
    /// the peer does not take all of it. Plain bytes are never kept.
    fn flush(&self) -> io::Result<()> {
        Ok(())
    }

    /// Asks for [`Outbound::resume`] to be called once the peer takes bytes again.
    fn park(&self, outbound: Arc<Outbound>);

    /// Makes the connection's own thread, which waits for the peer, look up.
    fn wake_reader(&self);
}

/// A queue of lines to one peer, bounded in bytes. It holds its wire itself, so that a message to
/// many reaches for one place in memory less for each.
// In this order, and where a cache line begins: sending to many is mostly waiting for memory.
#[repr(C, align(64))]
pub(crate) struct Outbound<W: ?Sized = dyn Wire> {
    capabilities: AtomicU64,
    queue: Mutex<Queue>,
    bytes_max: usize,
    metrics: Arc<Metrics>,
    /// Told when a thread has sent what it took, and when waiting has become pointless.
    changed: Condvar,
    wire: W,
}

impl<W: Wire> Outbound<W> {
    pub(crate) fn new(wire: W, bytes_max: usize, metrics: Arc<Metrics>) -> Arc<Self> {
        Arc::new(Self {
            capabilities: AtomicU64::default(),
            queue: Mutex::default(),
            bytes_max,
            metrics,
            changed: Condvar::new(),
            wire,
        })
    }

    pub(crate) fn wire(&self) -> &W {
        &self.wire
    }

    /// The wire and the bound, to be changed as long as nobody else has it.
    pub(crate) fn parts(outbound: &mut Arc<Self>) -> Option<(&mut W, &mut usize)> {
        Arc::get_mut(outbound).map(|outbound| (&mut outbound.wire, &mut outbound.bytes_max))
    }
}

impl Outbound {
    /// What the peer understands.
    pub(crate) fn capabilities(&self) -> CapabilitySet {
        CapabilitySet::from_bits(self.capabilities.load(Ordering::Acquire))
    }

    pub(crate) fn set_capabilities(&self, capabilities: CapabilitySet) {
        self.capabilities.store(capabilities.bits(), Ordering::Release);
    }

    /// Takes away capabilities that there are no longer; says which of them it had.
    pub(crate) fn withdraw(&self, gone: CapabilitySet) -> CapabilitySet {
        let before = self.capabilities.fetch_and(!gone.bits(), Ordering::AcqRel);
        CapabilitySet::from_bits(before & gone.bits())
    }

    /// What is not sent yet.
    pub(crate) fn bytes(&self) -> usize {
        self.lock().bytes()
    }

    /// Why the peer has been cut off, if it has.
    pub(crate) fn end(&self) -> Option<End> {
        self.lock().end
    }

    /// From now on lines that are a peer's own answer one labelled command.
    pub(crate) fn start_labeling(&self, labeling: Labeling) {
        self.lock().labeling = Some(Box::new(labeling));
    }

    /// Ends [`Outbound::start_labeling`]. An answer that `goes_on` is finished by something else.
    pub(crate) fn finish_labeling(self: &Arc<Self>, goes_on: bool, delivery: &mut Delivery) {
        let mut queue = self.lock();
        if queue.finish_labeling(goes_on) {
            delivery.note(self, &mut queue);
        }
    }

    /// From now on keeps back what others send, until [`Outbound::release`]: for who is being shown
    /// something that comes before.
    pub(crate) fn hold(&self) {
        self.lock().hold();
    }

    /// Ends [`Outbound::hold`].
    pub(crate) fn release(self: &Arc<Self>, delivery: &mut Delivery) {
        let mut queue = self.lock();
        if queue.release() {
            delivery.note(self, &mut queue);
        }
    }

    /// Whether much more can be appended.
    pub(crate) fn is_half_empty(&self) -> bool {
        let queue = self.lock();
        queue.is_open() && queue.bytes() * 2 <= self.bytes_max
    }

    /// Waits while the queue is more than half full; `false` if that takes too long, or if the
    /// connection is about to end. For the peer's own thread when it has much to answer: nobody
    /// else waits for a peer.
    pub(crate) fn wait_for_room(self: &Arc<Self>, timeout: Duration) -> bool {
        let is_full = |queue: &mut Queue| {
            queue.awaited = queue.is_open() && queue.bytes() * 2 > self.bytes_max;
            queue.awaited
        };
        let mut queue = self.lock();
        // Or it would wait for what it keeps back itself.
        queue.release();
        if !is_full(&mut queue) {
            return queue.is_open();
        }
        self.write(queue, None);
        queue = self.lock();
        let waited = self.changed.wait_timeout_while(queue, timeout, is_full);
        let (queue, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        queue.is_open() && !timeout.timed_out()
    }

    /// Waits for so long, or until the connection is about to end. For the peer's own thread.
    pub(crate) fn pause(&self, time: Duration) {
        let is_open = |queue: &mut Queue| {
            queue.awaited = queue.is_open();
            queue.awaited
        };
        drop(self.changed.wait_timeout_while(self.lock(), time, is_open));
    }

    /// Makes the connection's own thread look up, whatever it waits for, and find why.
    pub(crate) fn interrupt(&self) {
        let mut queue = self.lock();
        queue.interrupted = true;
        self.tell(&mut queue);
        drop(queue);
        self.wire.wake_reader();
    }

    /// Accepts nothing more and gives back what is still to be sent, `farewell` last; nothing if the
    /// peer is gone. Waits for another thread that is sending to it at this moment: sending does
    /// not wait for the peer, so that is soon over.
    pub(crate) fn close(&self, farewell: &[u8]) -> Option<Vec<u8>> {
        let mut queue = self.lock();
        queue.release();
        queue.finish_labeling(true);
        let ended = queue.end.replace(End::Closed);
        if matches!(ended, Some(End::PeerGone | End::Closed)) {
            return None;
        }
        let queue = self.changed.wait_while(queue, |queue| {
            queue.awaited = queue.role == Role::Taken;
            queue.awaited
        });
        let mut rest = queue.unwrap_or_else(PoisonError::into_inner).drain();
        rest.extend_from_slice(farewell);
        Some(rest)
    }

    /// Goes on after [`Wire::park`].
    pub(crate) fn resume(self: &Arc<Self>) {
        let mut queue = self.lock();
        if queue.role == Role::Parked {
            queue.role = Role::Free;
        }
        self.write(queue, None);
    }

    /// Sends what the wire says by itself, such as the answer to a ping of its own protocol.
    pub(crate) fn flush_wire(self: &Arc<Self>) {
        let mut queue = self.lock();
        queue.wire_waits = true;
        self.write(queue, None);
    }

    fn append(
        self: &Arc<Self>,
        bytes: usize,
        push: impl FnOnce(&mut Queue),
        delivery: &mut Delivery,
    ) {
        let mut queue = self.lock();
        if queue.end.is_some() {
            return;
        }
        if queue.bytes() + bytes <= self.bytes_max {
            push(&mut queue);
        } else {
            queue.finish(End::SendQueueExceeded);
            self.tell(&mut queue);
        }
        delivery.note(self, &mut queue);
    }

    /// Sends what waits. Small pieces are put together in `scratch`.
    fn flush(self: &Arc<Self>, scratch: Option<&mut Vec<u8>>) {
        let mut queue = self.lock();
        queue.dirty = false;
        if queue.end == Some(End::SendQueueExceeded) {
            drop(queue);
            return self.wire.wake_reader();
        }
        self.write(queue, scratch);
    }

    /// Sends until nothing is left or the peer takes no more. The lock is not held over `send`.
    fn write<'a>(
        self: &'a Arc<Self>,
        mut queue: MutexGuard<'a, Queue>,
        mut scratch: Option<&mut Vec<u8>>,
    ) {
        while queue.role == Role::Free && queue.end.is_none() && queue.has_output() {
            queue.wire_waits = false;
            queue.role = Role::Taken;
            let sent = self.send_from(queue, scratch.as_deref_mut());
            queue = self.lock();
            queue.in_flight = 0;
            queue.role = Role::Free;
            self.tell(&mut queue);
            match sent {
                Sent::All => {}
                Sent::Later(rest) => {
                    queue.unsent = rest;
                    queue.wire_waits = true;
                    if let Some(end @ End::SendQueueExceeded) = queue.end {
                        return queue.finish(end);
                    }
                    if queue.end.is_some() {
                        return;
                    }
                    queue.role = Role::Parked;
                    drop(queue);
                    return self.wire.park(self.clone());
                }
                Sent::Failed => {
                    queue.finish(End::PeerGone);
                    drop(queue);
                    return self.wire.wake_reader();
                }
            }
        }
    }

    /// Sends what comes next in the queue, which is let go of meanwhile. Who sends to many goes on
    /// whatever becomes of one, and nobody waits for who panicked.
    fn send_from(&self, mut queue: MutexGuard<'_, Queue>, scratch: Option<&mut Vec<u8>>) -> Sent {
        let mut underway = Underway::default();
        queue.take(&mut underway);
        drop(queue);
        let bytes = underway.bytes();
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            fault::point("send");
            underway.send(scratch, |bytes| uninterrupted(|| self.wire.send(bytes)))?;
            uninterrupted(|| self.wire.flush())
        }));
        self.metrics.bytes_out.add(bytes - underway.bytes());
        match outcome {
            Ok(Ok(())) => Sent::All,
            Ok(Err(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                let rest = Some(std::mem::take(&mut underway)).filter(|rest| rest.bytes() > 0);
                Sent::Later(rest.map(Box::new))
            }
            Ok(Err(_)) | Err(_) => Sent::Failed,
        }
    }

    /// Tells who waits. Only then: it takes a system call.
    fn tell(&self, queue: &mut Queue) {
        if std::mem::take(&mut queue.awaited) {
            self.changed.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        lock(&self.queue)
    }
}

/// Lets the processor fetch from memory what sending to each begins with, all at one time. Without it, one
/// after the other is waited for: a lock is taken when everything before it is done.
pub(crate) fn approach<'o>(outbounds: impl Iterator<Item = &'o Arc<Outbound>>) {
    let touch = |outbound: &Arc<Outbound>| {
        let capabilities = outbound.capabilities.load(Ordering::Relaxed);
        Arc::strong_count(outbound) as u64 ^ capabilities
    };
    black_box(outbounds.map(touch).fold(0, |sum, touched| sum ^ touched));
}

/// What became of what was to be sent.
enum Sent {
    All,
    /// The peer takes no more at present; the rest, if the wire has not taken it.
    Later(Option<Box<Underway>>),
    Failed,
}

/// Repeats what a signal has interrupted.
fn uninterrupted<T>(mut send: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match send() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}
