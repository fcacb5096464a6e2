//! The ways out to connections, made a row at a time.
//!
//! Sending to many is mostly waiting for memory. What is made one after the other mostly lies side by side,
//! on a few pages, where each on a page of its own would have to be looked up in the page tables first.

use std::sync::{Arc, Mutex};

use crate::lock::lock;
use crate::metrics::Metrics;
use crate::outbound::Outbound;

use super::drainer::Drainer;
use super::stream::Stream;
use super::transport::StreamWire;

const ROW: usize = 32;

/// Those that lead nowhere yet.
pub(super) struct Rows {
    left: Mutex<Vec<Arc<Outbound<StreamWire>>>>,
    drainer: Arc<Drainer>,
    metrics: Arc<Metrics>,
}

impl Rows {
    pub(super) fn new(drainer: Arc<Drainer>, metrics: Arc<Metrics>) -> Arc<Self> {
        Arc::new(Self { left: Mutex::default(), drainer, metrics })
    }

    /// One that leads to the peer of a stream.
    pub(super) fn take(&self, stream: Stream, bytes_max: usize) -> Arc<Outbound<StreamWire>> {
        let mut left = lock(&self.left);
        if left.is_empty() {
            left.extend((0..ROW).map(|_| self.unconnected()));
        }
        let mut outbound = left.pop().unwrap_or_else(|| self.unconnected());
        drop(left);
        let (wire, bound) = Outbound::parts(&mut outbound).expect("nobody else has it yet");
        wire.connect(stream);
        *bound = bytes_max;
        outbound
    }

    fn unconnected(&self) -> Arc<Outbound<StreamWire>> {
        Outbound::new(StreamWire::unconnected(self.drainer.clone()), 0, self.metrics.clone())
    }
}
