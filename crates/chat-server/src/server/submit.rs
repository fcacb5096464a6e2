//! The one way by which anything happens in a room: submitted, applied, seen.

use std::collections::HashSet;
use std::slice;
use std::sync::{Arc, MutexGuard};

use chat_protocol::{Capability, Membership};

use crate::outbound::{Delivery, Outbound};
use crate::render::Renderings;
use crate::state::event::{Event, EventKind};
use crate::state::hearers::Hearer;
use crate::state::room::{Room, RoomState};
use crate::state::session::{Session, SessionId};
use crate::state::user::User;

use super::Server;
use super::audit::AnswersFor;
use super::history::Unstored;

/// Who makes something happen, and through which of its connections.
#[derive(Clone, Copy)]
pub(crate) struct Origin<'a> {
    pub(crate) user: &'a Arc<User>,
    pub(crate) session: Option<SessionId>,
}

impl Origin<'_> {
    /// The user's connection by which it does it.
    pub(super) fn own_session(self) -> Option<Arc<Session>> {
        let id = self.session?;
        self.user.sessions().iter().find(|session| session.id == id).cloned()
    }
}

impl Server {
    /// Lets happen in a room what `decide` makes of its present state, and says what that was, or
    /// returns its refusal.
    ///
    /// `decide` only looks; the events change the room. Everyone in the room sees its events in
    /// the order in which they are applied, and those of a room with a history once they are stored;
    /// who comes and goes does not wait for that.
    pub(crate) fn submit<E: From<Unstored>>(
        &self,
        room: &Arc<Room>,
        origin: Origin<'_>,
        delivery: &mut Delivery,
        decide: impl FnOnce(&RoomState) -> Result<Vec<EventKind>, E>,
    ) -> Result<Vec<Event>, E> {
        self.submit_for(room, origin, None, delivery, decide)
    }

    /// Like [`Server::submit`], with an entry in the audit log for who answers for it. Without one
    /// there is an entry if it takes an IRC operator.
    pub(crate) fn submit_for<E: From<Unstored>>(
        &self,
        room: &Arc<Room>,
        origin: Origin<'_>,
        by: Option<AnswersFor<'_>>,
        delivery: &mut Delivery,
        decide: impl FnOnce(&RoomState) -> Result<Vec<EventKind>, E>,
    ) -> Result<Vec<Event>, E> {
        let state = room.state_for_change();
        match decide(&state) {
            Ok(kinds) => self.happen(room, state, kinds, origin, by, delivery).map_err(E::from),
            Err(refusal) => {
                self.close_if_abandoned(room, state);
                Err(refusal)
            }
        }
    }

    /// What has been decided, which does not depend on by whom.
    #[inline(never)]
    fn happen(
        &self,
        room: &Arc<Room>,
        state: MutexGuard<'_, RoomState>,
        kinds: Vec<EventKind>,
        origin: Origin<'_>,
        by: Option<AnswersFor<'_>>,
        delivery: &mut Delivery,
    ) -> Result<Vec<Event>, Unstored> {
        let mut events = self.events(kinds, origin);
        let audit = match by {
            Some(by) => self.room_entry(room, by, &events),
            None => self.governing_entry(room, &state, origin, &events),
        };
        let (mut state, stored) = self.store_change(room, state, &mut events, audit.as_deref());
        if stored.is_ok() {
            events.iter().for_each(|event| self.apply(room, &mut state, event, origin, delivery));
        }
        self.close_if_abandoned(room, state);
        stored.map(|()| events)
    }

    #[inline(never)]
    fn events(&self, kinds: Vec<EventKind>, origin: Origin<'_>) -> Vec<Event> {
        let event = |kind| origin.user.event(self.next_event(), kind);
        kinds.into_iter().map(event).collect()
    }

    /// Takes a room out of the directory that nobody is in: left, or made for a JOIN that was
    /// refused.
    #[inline(never)]
    fn close_if_abandoned(&self, room: &Arc<Room>, mut state: MutexGuard<'_, RoomState>) {
        let abandoned = state.is_abandoned();
        state.closed |= abandoned;
        drop(state);
        if abandoned {
            self.remove_room(room);
        }
    }

    /// Lets everyone who shares a room with the user see what happened to it, each once, and those
    /// who watch it. A QUIT takes it out of its rooms.
    pub(super) fn announce(&self, event: &Event, origin: Origin<'_>, delivery: &mut Delivery) {
        let mut renderings = Renderings::of(slice::from_ref(event), self.line_bytes_max());
        let mut reached = HashSet::new();
        let mut show = |session: SessionId, outbound: &Arc<Outbound>| {
            if reached.insert(session) {
                deliver(session, outbound, &mut renderings, origin, delivery);
            }
        };
        let to_self = !matches!(event.kind, EventKind::AwayChanged { .. } | EventKind::Quit { .. });
        for room in origin.user.rooms() {
            self.announce_in(&room, event, origin.user, &mut |hearer| {
                if to_self || hearer.user != origin.user.id {
                    show(hearer.session, &hearer.outbound);
                }
            });
        }
        if to_self {
            origin.user.sessions().iter().for_each(|session| show(session.id, &session.outbound));
        }
        if matches!(
            event.kind,
            EventKind::AwayChanged { .. }
                | EventKind::RealnameChanged { .. }
                | EventKind::AccountChanged { .. }
        ) {
            let watchers = self.watchers_of(&origin.user.key());
            watchers
                .iter()
                .filter(|watcher| watcher.has(Capability::ExtendedMonitor))
                .for_each(|watcher| show(watcher.id, &watcher.outbound));
        }
    }

    fn announce_in(
        &self,
        room: &Arc<Room>,
        event: &Event,
        user: &Arc<User>,
        show: &mut dyn FnMut(&Hearer),
    ) {
        let mut state = room.state_for_change();
        if let Some(heir) = state.moved_to.clone() {
            drop(state);
            return self.announce_in(&heir, event, user, show);
        }
        // One id is one entry: the history of every room has it under its own.
        self.note(room, &state, &mut event.clone());
        state.hearers.iter().for_each(show);
        if matches!(event.kind, EventKind::Quit { .. }) {
            state.apply(event, user);
            user.left(room);
            self.close_if_abandoned(room, state);
        }
    }

    /// Shows an event to users, whatever rooms they are in.
    pub(crate) fn show_to_users<'u>(
        &self,
        users: impl IntoIterator<Item = &'u Arc<User>>,
        event: &Event,
        origin: Origin<'_>,
        delivery: &mut Delivery,
    ) {
        let mut renderings = Renderings::of(slice::from_ref(event), self.line_bytes_max());
        for user in users {
            let sessions = user.sessions();
            for session in sessions.iter() {
                deliver(session.id, &session.outbound, &mut renderings, origin, delivery);
            }
        }
    }

    pub(super) fn apply(
        &self,
        room: &Arc<Room>,
        state: &mut RoomState,
        event: &Event,
        origin: Origin<'_>,
        delivery: &mut Delivery,
    ) {
        let events = slice::from_ref(event);
        // Who comes sees its own coming, who goes its own going.
        match &event.kind {
            EventKind::Joined { .. } => {
                state.apply(event, origin.user);
                self.fan_out(state, events, origin, delivery);
                return origin.user.entered(room);
            }
            EventKind::Parted { .. } => origin.user.left(room),
            EventKind::Kicked { user, .. } => {
                if let Some(member) = state.members.get(user) {
                    member.user.left(room);
                }
            }
            _ => {}
        }
        self.fan_out(state, events, origin, delivery);
        state.apply(event, origin.user);
    }

    /// One look at the members, whatever the number of events. More than one are messages.
    pub(super) fn fan_out(
        &self,
        state: &RoomState,
        events: &[Event],
        origin: Origin<'_>,
        delivery: &mut Delivery,
    ) {
        let Some(first) = events.first() else { return };
        let is_message = matches!(first.kind, EventKind::Message(_));
        let mut renderings = Renderings::of(events, self.line_bytes_max());
        delivery.expect(state.hearers.len());
        let mut show = |session: SessionId, outbound: &Arc<Outbound>| {
            let is_echo = is_message && origin.session == Some(session);
            if !is_echo || outbound.capabilities().contains(Capability::EchoMessage) {
                deliver(session, outbound, &mut renderings, origin, delivery);
            }
        };
        let mut is_member = false;
        for hearer in state.hearers.iter() {
            is_member |= hearer.user == origin.user.id;
            if is_shown_to(first, hearer, origin) {
                show(hearer.session, &hearer.outbound);
            }
        }
        // Whoever is a member and not met has no connection that could be shown an echo.
        if is_message && !is_member {
            origin.user.sessions().iter().for_each(|session| show(session.id, &session.outbound));
        }
    }
}

fn is_shown_to(event: &Event, hearer: &Hearer, origin: Origin<'_>) -> bool {
    let is_self = hearer.user == origin.user.id;
    match &event.kind {
        EventKind::Message(message) => {
            is_self || message.status_min.is_none_or(|status| hearer.status.at_least(status))
        }
        EventKind::Invited { .. } => {
            let notified = hearer.outbound.capabilities().contains(Capability::InviteNotify);
            !is_self && notified && hearer.status.at_least(Membership::HalfOp)
        }
        _ => true,
    }
}

pub(super) fn deliver(
    session: SessionId,
    outbound: &Arc<Outbound>,
    renderings: &mut Renderings<'_>,
    origin: Origin<'_>,
    delivery: &mut Delivery,
) {
    let is_own = origin.session == Some(session);
    let mut capabilities = outbound.capabilities();
    if !is_own {
        // What a client calls its message is for itself.
        capabilities.set(Capability::ResendId, false);
    }
    let lines = renderings.for_capabilities(capabilities);
    if !lines.is_empty() {
        delivery.append_shared(outbound, lines, is_own);
        let (messages, events) = renderings.counts();
        delivery.delivered(messages, events);
    }
}
