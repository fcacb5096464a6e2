//! What was stored as lines: what was said and what happened, at its time.

use chat_protocol::{Capability, CapabilitySet, LineWriter, Message};
use chat_store::{Entry, EntryKind};

use crate::state::event::EventId;

use super::{msgid, time};

/// How a line of the past is shown.
pub(crate) struct Playback<'a> {
    pub(crate) capabilities: CapabilitySet,
    /// The batch that it is part of.
    pub(crate) batch: Option<&'a str>,
    /// What the target is called now; what it was called then, if this is not set.
    pub(crate) target: Option<&'a str>,
    /// Longer lines are cut, their tags not counted.
    pub(crate) bytes_max: usize,
}

impl Playback<'_> {
    /// Adds the line to the end of `out`; none for what needs a capability that is not there.
    pub(crate) fn write(&self, entry: &Entry, out: &mut String) {
        match entry.kind {
            EntryKind::Privmsg => self.write_message(entry, "PRIVMSG", out),
            EntryKind::Notice => self.write_message(entry, "NOTICE", out),
            EntryKind::Tagmsg if self.has(Capability::MessageTags) => {
                let mut writer = self.start(entry, out);
                writer.command("TAGMSG").param(self.target(entry)).end_within(self.bytes_max);
            }
            EntryKind::Tagmsg => {}
            EntryKind::Join => self.write_join(entry, out),
            EntryKind::Part => self.write_event(entry, "PART", true, out),
            EntryKind::Quit => self.write_event(entry, "QUIT", false, out),
            EntryKind::Kick => self.write_event(entry, "KICK", true, out),
            EntryKind::Nick => self.write_event(entry, "NICK", false, out),
            EntryKind::Topic => self.write_event(entry, "TOPIC", true, out),
            EntryKind::Mode => self.write_event(entry, "MODE", true, out),
            EntryKind::Rename if self.has(Capability::ChannelRename) => {
                self.write_event(entry, "RENAME", false, out);
            }
            EntryKind::Redact if self.has(Capability::MessageRedaction) => {
                self.write_event(entry, "REDACT", true, out);
            }
            EntryKind::Rename | EntryKind::Redact => {}
        }
    }

    /// Who has not asked and can't be told the time in a tag is told in the text.
    fn write_message(&self, entry: &Entry, command: &str, out: &mut String) {
        let mut writer = self.start(entry, out);
        writer.command(command).param(self.target(entry));
        let knows_history = [Capability::ServerTime, Capability::Chathistory, Capability::Search];
        if knows_history.into_iter().any(|capability| self.has(capability)) {
            writer.trailing(&entry.body);
        } else {
            writer.trailing(&dated(entry));
        }
        writer.end_within(self.bytes_max);
    }

    fn write_join(&self, entry: &Entry, out: &mut String) {
        let mut writer = self.start(entry, out);
        writer.command("JOIN").param(self.target(entry));
        if self.has(Capability::ExtendedJoin) {
            writer.param(entry.account.as_deref().unwrap_or("*"));
            writer.trailing(entry.body.trim_start_matches(" :"));
        }
        writer.end_within(self.bytes_max);
    }

    fn write_event(&self, entry: &Entry, command: &str, has_target: bool, out: &mut String) {
        let line = format!("{command}{}", entry.body);
        let Ok(message) = Message::parse(&line) else { return };
        let mut writer = self.start(entry, out);
        writer.command(command);
        if has_target {
            writer.param(self.target(entry));
        }
        let (last, middle) = match message.params.split_last() {
            Some((last, middle)) if entry.body.contains(" :") => (Some(last), middle),
            _ => (None, &*message.params),
        };
        middle.iter().for_each(|param| {
            writer.param(param);
        });
        if let Some(last) = last {
            writer.trailing(last);
        }
        writer.end_within(self.bytes_max);
    }

    fn start<'b>(&self, entry: &Entry, out: &'b mut String) -> LineWriter<'b> {
        let id = EventId(entry.id.0);
        let mut writer = LineWriter::new(out);
        if let Some(batch) = self.batch {
            writer.tag("batch", Some(batch));
        }
        if self.has(Capability::ServerTime) {
            writer.tag("time", Some(&time(id)));
        }
        if let Some(account) = entry.account.as_deref().filter(|_| self.has(Capability::AccountTag))
        {
            writer.tag("account", Some(account));
        }
        if self.has(Capability::MessageTags) {
            writer.tag("msgid", Some(&msgid(id)));
            if entry.is_bot {
                writer.tag("bot", None);
            }
            writer.raw_tags(&entry.tags);
        }
        writer.source(&entry.source);
        writer
    }

    fn target<'e>(&'e self, entry: &'e Entry) -> &'e str {
        self.target.unwrap_or(&entry.shown_target)
    }

    fn has(&self, capability: Capability) -> bool {
        self.capabilities.contains(capability)
    }
}

/// A message behind its day and minute. That somebody did something (CTCP ACTION) stays that.
fn dated(entry: &Entry) -> String {
    let time = time(EventId(entry.id.0));
    let minute = time.get(..16).unwrap_or(&time).replace('T', " ");
    match entry.body.strip_prefix("\u{1}ACTION ") {
        Some(action) => format!("\u{1}ACTION [{minute}] {action}"),
        None => format!("[{minute}] {}", entry.body),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use chat_store::{EntryId, TargetKey};

    fn shown(kind: EntryKind, body: &str, capabilities: &[Capability]) -> String {
        let entry = Entry {
            id: EntryId(1_769_862_896_789_123),
            target: TargetKey::room("#x"),
            kind,
            source: Arc::from("a!b@c"),
            account: Some(Arc::from("alice")),
            is_bot: false,
            rank_min: 0,
            shown_target: "#X".to_owned(),
            tags: "+reply=1".to_owned(),
            body: body.to_owned(),
        };
        let capabilities = CapabilitySet::of(capabilities);
        let batch = capabilities.contains(Capability::Batch).then_some("7");
        let mut out = String::new();
        Playback { capabilities, batch, target: None, bytes_max: 512 }.write(&entry, &mut out);
        out
    }

    #[test]
    fn messages_have_their_time() {
        use Capability::{Batch, MessageTags, ServerTime};
        assert_eq!(
            shown(EntryKind::Privmsg, "hi", &[Batch, MessageTags, ServerTime]),
            "@batch=7;time=2026-01-31T12:34:56.789Z;msgid=1j9ns8m79m3;+reply=1 :a!b@c PRIVMSG #X :hi\r\n"
        );
        assert_eq!(
            shown(EntryKind::Privmsg, "hi", &[]),
            ":a!b@c PRIVMSG #X :[2026-01-31 12:34] hi\r\n"
        );
        assert_eq!(
            shown(EntryKind::Privmsg, "\u{1}ACTION waves\u{1}", &[]),
            ":a!b@c PRIVMSG #X :\u{1}ACTION [2026-01-31 12:34] waves\u{1}\r\n"
        );
    }

    #[test]
    fn events_have_their_parameters() {
        assert_eq!(shown(EntryKind::Mode, " +o bob", &[]), ":a!b@c MODE #X +o bob\r\n");
        assert_eq!(shown(EntryKind::Topic, " :", &[]), ":a!b@c TOPIC #X :\r\n");
        assert_eq!(shown(EntryKind::Quit, " :gone home", &[]), ":a!b@c QUIT :gone home\r\n");
        assert_eq!(shown(EntryKind::Join, " :Alice A", &[]), ":a!b@c JOIN #X\r\n");
        assert_eq!(
            shown(EntryKind::Join, " :Alice A", &[Capability::ExtendedJoin]),
            ":a!b@c JOIN #X alice :Alice A\r\n"
        );
        assert_eq!(shown(EntryKind::Redact, " 1", &[]), "");
        assert_eq!(shown(EntryKind::Tagmsg, "", &[]), "");
    }
}
