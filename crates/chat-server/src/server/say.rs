//! Messages: said, stored where there is a history, then seen.

use std::slice;
use std::sync::Arc;

use chat_protocol::{Capability, LineWriter};
use chat_store::{EntryId, Outcome, Record, TargetKey};

use crate::fault;
use crate::metrics::Refusal;
use crate::outbound::Delivery;
use crate::render::{Renderings, Speaker, write_fail};
use crate::state::event::{Event, EventId, EventKind, Message, Verb};
use crate::state::room::{Room, RoomState};
use crate::state::session::Session;
use crate::state::user::User;

use super::history::{Audience, Numbering, OnItsWay, Outstanding, Said, Unstored, entry};
use super::submit::deliver;
use super::{Origin, Server, room_key};

/// Who says something, through which connection.
#[derive(Clone, Copy)]
pub(crate) struct Author<'a> {
    pub(crate) user: &'a Arc<User>,
    pub(crate) session: &'a Arc<Session>,
    pub(crate) outstanding: &'a Arc<Outstanding>,
}

impl<'a> Author<'a> {
    fn origin(&self) -> Origin<'a> {
        Origin { user: self.user, session: Some(self.session.id) }
    }
}

impl Server {
    /// Says in a room those of the messages, which all last or all do not ([`is_lasting`]), that
    /// `allow` lets pass. Where there is a history they
    /// are seen later, once they are stored; [`Outstanding`] tells when.
    pub(crate) fn say(
        &self,
        room: &Arc<Room>,
        author: Author<'_>,
        delivery: &mut Delivery,
        mut messages: Vec<Message>,
        mut allow: impl FnMut(&mut RoomState, &Message) -> bool,
    ) {
        let lasting = messages.iter().any(is_lasting);
        author.outstanding.wait_for_few();
        let mut state = if lasting { room.state_for_messages() } else { room.state() };
        messages.retain(|message| allow(&mut state, message));
        if messages.is_empty() {
            return;
        }
        let ids = self.next_events(messages.len());
        let events: Vec<Event> = {
            let mut profile = author.user.profile();
            ids.zip(messages).map(|(id, message)| profile.says(id, message)).collect()
        };
        self.metrics.messages.add(events.len());
        if !lasting || !state.has_history {
            return self.show_in_room(&state, &events, author.origin(), delivery);
        }
        let target = room_key(room);
        state.has_spoken = true;
        let on_its_way = OnItsWay::to_room(room, author.outstanding, events.len());
        let to = Audience::Room(room.clone());
        let said = self.said(author, to, events, on_its_way);
        let refused = self.numbered(&target, |number| self.sequencer.say(said, number));
        drop(state);
        if let Err((why, said)) = refused {
            self.refuse(&said, &why, delivery);
        }
    }

    /// Says something to a user. It is stored if both have accounts.
    pub(crate) fn say_to_user(
        &self,
        target: &Arc<User>,
        author: Author<'_>,
        delivery: &mut Delivery,
        message: Message,
    ) {
        let event = author.user.profile().says(self.next_event(), message);
        self.metrics.messages.add(1);
        let is_lasting = matches!(&event.kind, EventKind::Message(message) if is_lasting(message));
        let is_stored = is_lasting && self.history().is_some();
        let conversation = is_stored.then(|| self.conversation(author.user, target));
        let Some(key) = conversation.flatten() else {
            author.outstanding.wait_for_all();
            let sessions = [target.sessions(), author.user.sessions()];
            return self.show_to_pair(&sessions, &event, author.origin(), delivery);
        };
        author.outstanding.wait_for_few();
        let on_its_way = OnItsWay::to_user(author.outstanding, 1);
        let said = self.said(author, Audience::User(target.clone()), vec![event], on_its_way);
        if let Err((why, said)) = self.numbered(&key, |number| self.sequencer.say(said, number)) {
            self.refuse(&said, &why, delivery);
        }
    }

    /// Shows messages that have been stored, or tells their author that they have not.
    pub(super) fn settle(
        &self,
        said: &Said,
        outcome: Result<&[Outcome], &Unstored>,
        delivery: &mut Delivery,
    ) {
        fault::point("show");
        let outcomes = match outcome {
            Ok(outcomes) => outcomes,
            Err(why) => return self.refuse(said, why, delivery),
        };
        let origin = Origin { user: &said.user, session: Some(said.session.id) };
        let mut stored = Vec::with_capacity(said.events.len());
        for (event, outcome) in said.events.iter().zip(outcomes) {
            match outcome {
                Outcome::Duplicate(EntryId(id)) => {
                    self.show_echo(&Event { id: EventId(*id), ..event.clone() }, said, delivery);
                }
                Outcome::Stored | Outcome::Missing => stored.push(event.clone()),
            }
        }
        match &said.to {
            Audience::Room(room) => {
                let mut state = room.state();
                state.heard = stored.last().map_or(state.heard, |event| event.id);
                self.show_in_room(&state, &stored, origin, delivery);
            }
            Audience::User(target) => {
                for event in &stored {
                    let pair = [target, &said.user];
                    let sessions = pair.map(|user| user.sessions_hearing(event.id));
                    self.show_to_pair(&sessions, event, origin, delivery);
                }
            }
        }
    }

    fn numbered<T>(&self, target: &TargetKey, with: impl FnOnce(Numbering<'_>) -> T) -> T {
        let records = |events: &[Event]| {
            fault::point("say");
            events.iter().filter_map(|event| record(event, target)).collect()
        };
        with(Numbering { next: &|| self.next_event(), records: &records })
    }

    fn said(
        &self,
        author: Author<'_>,
        to: Audience,
        events: Vec<Event>,
        on_its_way: OnItsWay,
    ) -> Said {
        let (user, session) = (author.user.clone(), author.session.clone());
        Said { events, to, user, session, on_its_way }
    }

    fn show_in_room(
        &self,
        state: &RoomState,
        events: &[Event],
        origin: Origin<'_>,
        delivery: &mut Delivery,
    ) {
        for events in events.chunk_by(are_seen_together) {
            self.fan_out(state, events, origin, delivery);
        }
    }

    /// Shows a message to the sessions of one user, and its echo to the sender's.
    fn show_to_pair(
        &self,
        [target, own]: &[Arc<[Arc<Session>]>; 2],
        event: &Event,
        origin: Origin<'_>,
        delivery: &mut Delivery,
    ) {
        let mut renderings = Renderings::of(slice::from_ref(event), self.line_bytes_max());
        for session in target.iter() {
            deliver(
                session.id,
                &session.outbound,
                &mut renderings,
                Origin { session: None, ..origin },
                delivery,
            );
        }
        for session in own.iter().filter(|session| session.has(Capability::EchoMessage)) {
            deliver(session.id, &session.outbound, &mut renderings, origin, delivery);
        }
    }

    /// Shows the author alone that its message is stored.
    fn show_echo(&self, event: &Event, said: &Said, delivery: &mut Delivery) {
        if said.session.has(Capability::EchoMessage) {
            let mut renderings = Renderings::of(slice::from_ref(event), self.line_bytes_max());
            let origin = Origin { user: &said.user, session: Some(said.session.id) };
            deliver(said.session.id, &said.session.outbound, &mut renderings, origin, delivery);
        }
    }

    fn refuse(&self, said: &Said, why: &Unstored, delivery: &mut Delivery) {
        let nickname = said.user.nickname();
        let speaker = Speaker {
            name: self.name(),
            client: nickname.as_str(),
            bytes_max: self.line_bytes_max(),
        };
        let mut line = String::new();
        for event in &said.events {
            let EventKind::Message(message) = &event.kind else { continue };
            self.metrics.refusals.count(Refusal::Unstored);
            line.clear();
            let text = format!("Not sent: {why}");
            let params = [&*message.target].into_iter();
            let command = message.verb.command();
            let mut writer = LineWriter::new(&mut line);
            if let Some(id) =
                message.resend_id.as_deref().filter(|_| said.session.has(Capability::ResendId))
            {
                writer.tag(Capability::ResendId.name(), Some(id));
            }
            write_fail(writer, &speaker, (command, UNSTORED), params, &text);
            delivery.append(&said.session.outbound, line.as_bytes(), true);
        }
    }
}

/// The code of FAIL when something can't be stored.
pub(crate) const UNSTORED: &str = "TEMPORARILY_UNAVAILABLE";

fn record(event: &Event, target: &TargetKey) -> Option<Record> {
    let EventKind::Message(message) = &event.kind else { return None };
    let entry = Arc::new(entry(event, target, &message.target)?);
    Some(Record::Entry { entry, resend_id: message.resend_id.as_deref().map(str::to_owned) })
}

/// Whether two messages are seen by the same members, so that they can be shown together.
fn are_seen_together(one: &Event, other: &Event) -> bool {
    match (&one.kind, &other.kind) {
        (EventKind::Message(one), EventKind::Message(other)) => one.status_min == other.status_min,
        _ => false,
    }
}

/// Whether a message is worth keeping: that somebody is typing is not.
pub(crate) fn is_lasting(message: &Message) -> bool {
    let is_passing = |tag: &str| {
        let key = tag.split('=').next().unwrap_or(tag);
        matches!(key, "+typing" | "+draft/typing")
    };
    message.verb != Verb::Tagmsg || !message.tags.split(';').all(is_passing)
}
