//! Who hears what happens in a room: the connections of its members, side by side.
//!
//! It says again what the members and their sessions say, for the one walk that a room makes for every
//! message: through memory that lies in a row.

use std::sync::Arc;

use chat_protocol::MembershipSet;

use crate::outbound::{Outbound, approach};

use super::room::Member;
use super::session::{Session, SessionId};
use super::user::UserId;

/// Listeners whose queues are fetched from memory at one time: as many as a processor waits for at once.
const AHEAD: usize = 16;

/// One connection of a member.
pub(crate) struct Listener {
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
    pub(crate) status: MembershipSet,
    pub(crate) outbound: Arc<Outbound>,
}

#[derive(Default)]
pub(crate) struct Audience {
    listeners: Vec<Listener>,
}

impl Audience {
    /// Everyone, in no order that means something.
    pub(crate) fn listeners(&self) -> impl Iterator<Item = &Listener> {
        self.listeners.chunks(AHEAD).flat_map(|listeners| {
            approach(listeners.iter().map(|listener| &listener.outbound));
            listeners
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.listeners.len()
    }

    pub(super) fn add(&mut self, member: &Member) {
        let listener = |session: &Arc<Session>| Listener {
            user: member.user.id,
            session: session.id,
            status: member.status,
            outbound: session.outbound.clone(),
        };
        self.listeners.extend(member.sessions.iter().map(listener));
    }

    pub(super) fn remove(&mut self, user: UserId) {
        self.listeners.retain(|listener| listener.user != user);
    }

    pub(super) fn change_status(&mut self, user: UserId, status: MembershipSet) {
        let listeners = self.listeners.iter_mut().filter(|listener| listener.user == user);
        listeners.for_each(|listener| listener.status = status);
    }
}
