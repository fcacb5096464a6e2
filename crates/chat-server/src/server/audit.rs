//! What operators and services do is written down before it is done, or together with it.

use chat_protocol::Membership;
use chat_store::AuditEntry;

use crate::render::msgid;
use crate::state::access;
use crate::state::event::{Event, EventKind};
use crate::state::registration::RegistrationChange;
use crate::state::room::{Room, RoomState};
use crate::state::room_modes::{Flag, ModeChange};
use crate::state::session::Session;
use crate::state::visible::Visible;

use super::history::Unstored;
use super::{Origin, Server};

/// The longest detail and target of an entry.
const TEXT_BYTES_MAX: usize = 400;

/// Who answers for what happens in a room, by way of which service.
#[derive(Clone, Copy)]
pub(crate) struct AnswersFor<'a> {
    pub(crate) session: &'a Session,
    pub(crate) service: Option<&'static str>,
}

impl Server {
    /// Writes in the audit log. What can't be written there is not to be done.
    pub(crate) fn audit(&self, entry: &AuditEntry) -> Result<(), Unstored> {
        self.store.audit(entry).map_err(|error| {
            let (action, actor) = (&entry.action, &entry.actor);
            log::error!("can't write {action:?} of {actor} in the audit log: {error}");
            error.into()
        })
    }

    /// An entry about what is done by way of a session.
    pub(crate) fn audit_entry(&self, session: &Session, action: &str) -> AuditEntry {
        let source = session.user().map(|user| user.profile().source().clone());
        let actor = source.as_deref().unwrap_or("*");
        AuditEntry {
            account: session.login().map(|login| login.account.to_string()),
            address: Some(session.address()),
            ..AuditEntry::new(self.now_micros(), actor, action)
        }
    }

    /// An entry about what is about to happen in a room.
    #[inline(never)]
    pub(super) fn room_entry(
        &self,
        room: &Room,
        by: AnswersFor<'_>,
        events: &[Event],
    ) -> Option<Box<AuditEntry>> {
        let done = describe(&events.first()?.kind)?;
        let nicknames = events.iter().filter_map(|event| match &event.kind {
            EventKind::Kicked { nickname, .. } => Some(nickname.as_str()),
            _ => None,
        });
        let kicked: Vec<&str> = nicknames.collect();
        let detail = if kicked.is_empty() { done.detail } else { kicked.join(" ") };
        let service = by.service.map(|service| format!("{service} ")).unwrap_or_default();
        let entry = self.audit_entry(by.session, &format!("{service}{}", done.action));
        let entry = entry.on(room.name.as_str()).with(cut(&detail));
        Some(Box::new(entry.because(done.reason.unwrap_or_default())))
    }

    /// The same, if it takes an IRC operator: who governs a room of the server's own.
    #[inline(never)]
    pub(super) fn governing_entry(
        &self,
        room: &Room,
        state: &RoomState,
        origin: Origin<'_>,
        events: &[Event],
    ) -> Option<Box<AuditEntry>> {
        let takes_a_status = |event: &Event| match event.kind {
            EventKind::Kicked { .. } | EventKind::ModesChanged { .. } => true,
            EventKind::TopicSet { .. } => state.settings.modes.has(Flag::ProtectedTopic),
            _ => false,
        };
        if !events.iter().any(takes_a_status) {
            return None;
        }
        let has_none = state.status(origin.user).highest() < Some(Membership::HalfOp);
        if !has_none || !access::governs(state, origin.user) {
            return None;
        }
        let session = origin.own_session()?;
        self.room_entry(room, AnswersFor { session: &session, service: None }, events)
    }

    /// An entry about a room's new name, where it is its founder or an IRC operator who gives it.
    pub(super) fn rename_entry(
        &self,
        room: &Room,
        state: &RoomState,
        origin: Origin<'_>,
        event: &Event,
    ) -> Option<Box<AuditEntry>> {
        let is_ops = state.settings.registration.is_none()
            && state.status(origin.user).highest() >= Some(Membership::Op);
        let session = origin.own_session().filter(|_| !is_ops)?;
        let by = AnswersFor { session: &session, service: None };
        self.room_entry(room, by, std::slice::from_ref(event))
    }
}

/// What an entry says of an event.
struct Done<'e> {
    action: &'static str,
    detail: String,
    reason: Option<&'e str>,
}

fn describe(kind: &EventKind) -> Option<Done<'_>> {
    let done = |action, detail: &str| Done { action, detail: detail.to_owned(), reason: None };
    Some(match kind {
        EventKind::Kicked { reason, .. } => Done { reason: Some(reason), ..done("KICK", "") },
        EventKind::ModesChanged { changes, .. } => {
            let (modes, args) = ModeChange::wire(changes);
            done("MODE", &[&[modes], &args[..]].concat().join(" "))
        }
        EventKind::TopicSet { text, .. } => done("TOPIC", text),
        EventKind::Redacted { message, reason, .. } => {
            Done { reason: reason.as_deref(), ..done("REDACT", &msgid(*message)) }
        }
        EventKind::Renamed { to, reason, .. } => {
            Done { reason: Some(reason), ..done("RENAME", &format!("to {to}")) }
        }
        EventKind::RegistrationChanged(change) => {
            let (action, detail) = registration(change);
            done(action, &detail)
        }
        _ => return None,
    })
}

fn registration(change: &RegistrationChange) -> (&'static str, String) {
    let switch = |on: &Option<bool>| match on {
        Some(true) => "on".to_owned(),
        Some(false) => "off".to_owned(),
        None => "default".to_owned(),
    };
    let number = |wanted: &Option<u64>| wanted.map_or("default".to_owned(), |it| it.to_string());
    match change {
        RegistrationChange::Registered { .. } => ("REGISTER", String::new()),
        RegistrationChange::Dropped => ("DROP", String::new()),
        RegistrationChange::Offered(Some(to)) => ("TRANSFER", format!("offered to {to}")),
        RegistrationChange::Offered(None) => ("TRANSFER", "offered to nobody".to_owned()),
        RegistrationChange::FounderSet(Some(to)) => ("TRANSFER", format!("to {to}")),
        RegistrationChange::FounderSet(None) => ("TRANSFER", "to the server".to_owned()),
        RegistrationChange::AccessSet { account, status: Some(status) } => {
            ("ACCESS", format!("+{} {account}", status.mode()))
        }
        RegistrationChange::AccessSet { account, status: None } => {
            ("ACCESS", format!("- {account}"))
        }
        RegistrationChange::AccessCleared => ("CLEAR", "access".to_owned()),
        RegistrationChange::DescriptionSet(text) => {
            ("SET", format!("description {}", text.as_deref().unwrap_or("*")))
        }
        RegistrationChange::HistorySet(on) => ("SET", format!("history {}", switch(on))),
        RegistrationChange::VisibleSet(visible) => {
            ("SET", format!("visible {}", visible.map_or("default", Visible::name)))
        }
        RegistrationChange::KeepDaysSet(days) => ("SET", format!("keep-days {}", number(days))),
        RegistrationChange::KeepEntriesSet(most) => {
            ("SET", format!("keep-entries {}", number(most)))
        }
        RegistrationChange::KeepTopicSet(on) => {
            ("SET", format!("keeptopic {}", switch(&Some(*on))))
        }
    }
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(TEXT_BYTES_MAX)]
}
