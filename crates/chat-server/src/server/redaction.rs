//! Messages taken away from conversations.

use std::slice;

use chat_protocol::Capability;
use chat_store::TargetKey;

use crate::outbound::Delivery;
use crate::render::Renderings;
use crate::state::event::{Event, EventKind};

use super::history::{Numbering, Unstored, record};
use super::submit::deliver;
use super::{Origin, Server};

impl Server {
    /// Takes a message of a conversation away, then shows that to both, as far as they are here.
    /// `other` is the nickname of the other one.
    pub(crate) fn redact_direct(
        &self,
        key: &TargetKey,
        other: &str,
        kind: EventKind,
        origin: Origin<'_>,
        delivery: &mut Delivery,
    ) -> Result<(), Unstored> {
        let mut event = origin.user.event(self.next_event(), kind);
        let records = |events: &[Event]| {
            events.iter().filter_map(|event| record(event, key, other)).collect()
        };
        let number = Numbering { next: &|| self.next_event(), records: &records };
        let told = self.sequencer.store(slice::from_mut(&mut event), number);
        told.recv().unwrap_or_else(|_| Err(Unstored::stopped()))?;
        let mut renderings = Renderings::of(slice::from_ref(&event), self.line_bytes_max());
        let other = self.user(other).filter(|other| other.id != origin.user.id);
        let sessions = other.iter().chain([origin.user]).flat_map(|user| user.sessions().to_vec());
        for session in sessions.filter(|session| session.has(Capability::MessageRedaction)) {
            deliver(session.id, &session.outbound, &mut renderings, origin, delivery);
        }
        Ok(())
    }
}
