//! Events as they are stored.

use std::sync::Arc;

use chat_protocol::LineWriter;
use chat_store::{Entry, EntryId, EntryKind, Record, Redaction, TargetKey};

use crate::render::msgid;
use crate::state::event::{Event, EventKind, Verb};
use crate::state::room_modes::ModeChange;

/// What is done in the store for an event that is no message.
pub(crate) fn record(event: &Event, target: &TargetKey, shown_target: &str) -> Option<Record> {
    let entry = Arc::new(entry(event, target, shown_target)?);
    Some(match &event.kind {
        EventKind::Redacted { message, .. } => {
            Record::Redaction(Redaction { id: EntryId(message.0), entry })
        }
        _ => Record::Entry { entry, resend_id: None },
    })
}

/// What is stored of an event; nothing of those that are of no account later.
///
/// The body of what is no message is what its line has after the target.
pub(crate) fn entry(event: &Event, target: &TargetKey, shown_target: &str) -> Option<Entry> {
    let mut entry = Entry {
        id: EntryId(event.id.0),
        target: target.clone(),
        kind: EntryKind::Privmsg,
        source: event.source.clone(),
        account: event.account.clone(),
        is_bot: event.is_bot,
        rank_min: 0,
        shown_target: shown_target.to_owned(),
        tags: String::new(),
        body: String::new(),
    };
    (entry.kind, entry.body) = match &event.kind {
        EventKind::Message(message) => {
            entry.shown_target = message.target.as_ref().to_owned();
            entry.tags.clone_from(&message.tags);
            entry.rank_min = message.status_min.map_or(0, |status| status as u8 + 1);
            (kind_of(message.verb), message.text.clone())
        }
        EventKind::Joined { realname, .. } => (EntryKind::Join, params(&[], Some(realname))),
        EventKind::Parted { reason, .. } => (EntryKind::Part, params(&[], reason.as_deref())),
        EventKind::Quit { reason } => (EntryKind::Quit, params(&[], Some(reason))),
        EventKind::Kicked { nickname, reason, .. } => {
            (EntryKind::Kick, params(&[nickname], Some(reason)))
        }
        EventKind::NickChanged { nickname } => (EntryKind::Nick, params(&[nickname], None)),
        EventKind::TopicSet { text, .. } => (EntryKind::Topic, params(&[], Some(text))),
        EventKind::ModesChanged { changes, .. } => {
            let (modes, args) = ModeChange::wire(changes);
            let all: Vec<&str> =
                [&*modes].into_iter().chain(args.iter().map(String::as_str)).collect();
            (EntryKind::Mode, params(&all, None))
        }
        EventKind::Redacted { message, reason, .. } => {
            (EntryKind::Redact, params(&[&msgid(*message)], reason.as_deref()))
        }
        EventKind::Renamed { from, to, reason } => {
            (EntryKind::Rename, params(&[from, to], Some(reason)))
        }
        EventKind::RegistrationChanged(_)
        | EventKind::AccountChanged { .. }
        | EventKind::Invited { .. }
        | EventKind::AwayChanged { .. }
        | EventKind::RealnameChanged { .. }
        | EventKind::Wallops { .. } => return None,
    };
    Some(entry)
}

fn kind_of(verb: Verb) -> EntryKind {
    match verb {
        Verb::Privmsg => EntryKind::Privmsg,
        Verb::Notice => EntryKind::Notice,
        Verb::Tagmsg => EntryKind::Tagmsg,
    }
}

/// Parameters as they stand on the wire, the last behind a colon.
fn params(middle: &[&str], last: Option<&str>) -> String {
    let mut line = String::new();
    let mut writer = LineWriter::new(&mut line);
    middle.iter().for_each(|param| {
        writer.param(param);
    });
    if let Some(last) = last {
        writer.trailing(last);
    }
    writer.end_without_newline();
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::event::EventId;

    fn body(kind: EventKind) -> Option<String> {
        let (id, source) = (EventId(1), "a!b@c".into());
        let event = Event { id, source, account: None, is_bot: false, kind };
        entry(&event, &TargetKey::room("#x"), "#X").map(|entry| entry.body)
    }

    #[test]
    fn bodies_are_parameters() {
        let room = || "#X".into();
        let topic = EventKind::TopicSet { room: room(), text: "a b".into() };
        assert_eq!(body(topic).as_deref(), Some(" :a b"));
        assert_eq!(body(EventKind::Parted { room: room(), reason: None }).as_deref(), Some(""));
        assert_eq!(
            body(EventKind::NickChanged { nickname: "小明".into() }).as_deref(),
            Some(" 小明")
        );
        assert_eq!(body(EventKind::Wallops { text: "x".into() }), None);
    }
}
