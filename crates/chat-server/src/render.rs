//! Events as lines: what a recipient sees is a function of the event and of its capabilities.

mod member;
mod message;
mod operators;
mod playback;

use std::sync::Arc;

use chat_protocol::{Capability, CapabilitySet, LineWriter, Membership, MembershipSet, Numeric};

use crate::outbound::SharedLines;
use crate::state::event::{Event, EventId, EventKind};
use crate::state::room_modes::ModeChange;

pub(crate) use member::member_name;
pub(crate) use message::message_bytes;
use message::{bytes_expected, render_message};
pub(crate) use operators::{audit_line, ban_line, ban_text};
pub(crate) use playback::Playback;

/// The digits of a `msgid`: Crockford's base 32, in the order of their bytes.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// What a line's buffer starts with, in bytes.
pub(crate) const LINE_BYTES_EXPECTED: usize = 192;
/// Enough digits for microseconds until the year 3000.
const MSGID_DIGITS: u32 = 11;

/// Capabilities that make a difference to what is seen of an event.
const RELEVANT: CapabilitySet = CapabilitySet::of(&[
    Capability::AccountNotify,
    Capability::AccountTag,
    Capability::AwayNotify,
    Capability::ChannelRename,
    Capability::ExtendedJoin,
    Capability::InviteNotify,
    Capability::MessageRedaction,
    Capability::MessageTags,
    Capability::ResendId,
    Capability::ServerTime,
    Capability::Setname,
]);

/// Events as seen by many recipients: rendered once for each distinct set of capabilities.
pub(crate) struct Renderings<'e> {
    events: &'e [Event],
    messages: usize,
    bytes_max: usize,
    /// For most there is one, and one is not worth a place of its own in memory.
    first: Option<Seen>,
    others: Vec<Seen>,
}

/// What those with a set of capabilities see.
type Seen = (CapabilitySet, SharedLines);

impl<'e> Renderings<'e> {
    /// Lines have at most `bytes_max` bytes, their tags not counted; longer ones are cut.
    pub(crate) fn of(events: &'e [Event], bytes_max: usize) -> Self {
        let is_message = |event: &&Event| matches!(event.kind, EventKind::Message(_));
        let messages = events.iter().filter(is_message).count();
        Self { events, messages, bytes_max, first: None, others: Vec::new() }
    }

    /// How many of the events are messages, and how many are not.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.messages, self.events.len() - self.messages)
    }

    /// Whole lines, ready to be sent; empty if such a recipient sees nothing of the event.
    pub(crate) fn for_capabilities(&mut self, capabilities: CapabilitySet) -> &SharedLines {
        let relevant = capabilities.intersection(RELEVANT);
        let Self { events, bytes_max, first, others, .. } = self;
        let new = || (relevant, render_all(events, relevant, *bytes_max));
        let first = first.get_or_insert_with(new);
        if first.0 == relevant {
            return &first.1;
        }
        let at = others.iter().position(|(seen, _)| *seen == relevant).unwrap_or_else(|| {
            others.push(new());
            others.len() - 1
        });
        &others[at].1
    }
}

fn render_all(events: &[Event], capabilities: CapabilitySet, bytes_max: usize) -> SharedLines {
    let expected = events.iter().map(|event| bytes_expected(event, capabilities)).sum();
    let mut out = String::with_capacity(expected);
    for event in events {
        render(&Line { event, capabilities, bytes_max }, &mut out);
    }
    Arc::new(out)
}

/// Adds the lines of one event for one set of capabilities.
fn render(line: &Line<'_>, out: &mut String) {
    match &line.event.kind {
        EventKind::Message(message) => render_message(line, message, out),
        EventKind::Joined { room, realname, away, status, given_by } => {
            render_joined(line, room, realname, away.as_deref(), out);
            if let Some(giver) = given_by {
                render_given(line, room, giver, *status, out);
            }
        }
        EventKind::Parted { room, reason } => {
            line.write(out, "PART", &[room], reason.as_deref());
        }
        EventKind::TopicSet { room, text } => line.write(out, "TOPIC", &[room], Some(text)),
        EventKind::ModesChanged { room, changes } => render_modes(line, room, changes, out),
        EventKind::Kicked { room, nickname, reason, .. } => {
            line.write(out, "KICK", &[room, nickname], Some(reason));
        }
        EventKind::Invited { room, nickname, .. } => {
            line.write(out, "INVITE", &[nickname, room], None);
        }
        EventKind::Redacted { target, message, reason } => {
            if line.has(Capability::MessageRedaction) {
                let msgid = msgid(*message);
                line.write(out, "REDACT", &[target, &msgid], reason.as_deref());
            }
        }
        EventKind::Renamed { from, to, reason } => {
            if line.has(Capability::ChannelRename) {
                line.write(out, "RENAME", &[from, to], Some(reason));
            }
        }
        EventKind::Quit { reason } => line.write(out, "QUIT", &[], Some(reason)),
        EventKind::NickChanged { nickname } => line.write(out, "NICK", &[nickname], None),
        EventKind::AwayChanged { message } if line.has(Capability::AwayNotify) => {
            line.write(out, "AWAY", &[], message.as_deref());
        }
        EventKind::RealnameChanged { realname } if line.has(Capability::Setname) => {
            line.write(out, "SETNAME", &[], Some(realname));
        }
        EventKind::AccountChanged { account } if line.has(Capability::AccountNotify) => {
            line.write(out, "ACCOUNT", &[account.as_deref().unwrap_or("*")], None);
        }
        EventKind::AwayChanged { .. }
        | EventKind::RealnameChanged { .. }
        | EventKind::AccountChanged { .. }
        | EventKind::RegistrationChanged(_) => {}
        EventKind::Wallops { text } => line.write(out, "WALLOPS", &[], Some(text)),
    }
}

#[inline(never)]
fn render_modes(line: &Line<'_>, room: &str, changes: &[ModeChange], out: &mut String) {
    let (modes, args) = ModeChange::wire(changes);
    let params: Vec<&str> =
        [room, &modes].into_iter().chain(args.iter().map(String::as_str)).collect();
    line.write(out, "MODE", &params, None);
}

fn render_joined(
    line: &Line<'_>,
    room: &str,
    realname: &str,
    away: Option<&str>,
    out: &mut String,
) {
    if line.has(Capability::ExtendedJoin) {
        let account = line.event.account.as_deref().unwrap_or("*");
        line.write(out, "JOIN", &[room, account], Some(realname));
    } else {
        line.write(out, "JOIN", &[room], None);
    }
    if away.is_some() && line.has(Capability::AwayNotify) {
        // The msgid belongs to the JOIN alone.
        let mut unnamed = line.capabilities;
        unnamed.set(Capability::MessageTags, false);
        Line { capabilities: unnamed, ..*line }.write(out, "AWAY", &[], away);
    }
}

/// The roles that somebody has from the moment it comes.
#[inline(never)]
fn render_given(line: &Line<'_>, room: &str, giver: &str, status: MembershipSet, out: &mut String) {
    let nickname = line.event.source.split('!').next().unwrap_or_default();
    let modes: String = std::iter::once('+').chain(status.iter().map(Membership::mode)).collect();
    let mut writer = LineWriter::new(out);
    if line.has(Capability::ServerTime) {
        writer.tag("time", Some(&time(line.event.id)));
    }
    writer.source(giver).command("MODE").param(room).param(&modes);
    status.iter().for_each(|_| {
        writer.param(nickname);
    });
    writer.end_within(line.bytes_max);
}

struct Line<'e> {
    event: &'e Event,
    capabilities: CapabilitySet,
    bytes_max: usize,
}

impl Line<'_> {
    fn has(&self, capability: Capability) -> bool {
        self.capabilities.contains(capability)
    }

    /// A whole line that has no client-only tags.
    fn write(&self, out: &mut String, command: &str, params: &[&str], text: Option<&str>) {
        let mut writer = self.start(out, "", None);
        writer.command(command);
        params.iter().for_each(|param| {
            writer.param(param);
        });
        if let Some(text) = text {
            writer.trailing(text);
        }
        writer.end_within(self.bytes_max);
    }

    /// Starts a line with the tags every event has, then `client_tags`, then the source.
    fn start<'b>(
        &self,
        out: &'b mut String,
        client_tags: &str,
        resend_id: Option<&str>,
    ) -> LineWriter<'b> {
        let event = self.event;
        let mut writer = LineWriter::new(out);
        if self.has(Capability::ServerTime) {
            writer.tag("time", Some(&time(event.id)));
        }
        if let Some(account) = event.account.as_deref().filter(|_| self.has(Capability::AccountTag))
        {
            writer.tag("account", Some(account));
        }
        if let Some(id) = resend_id.filter(|_| self.has(Capability::ResendId)) {
            writer.tag(Capability::ResendId.name(), Some(id));
        }
        if self.has(Capability::MessageTags) {
            if !is_of_many_rooms(&event.kind) {
                writer.tag("msgid", Some(&msgid(event.id)));
            }
            if event.is_bot {
                writer.tag("bot", None);
            }
            writer.raw_tags(client_tags);
        }
        writer.source(&event.source);
        writer
    }
}

/// Whether the history of each room that sees it has it under an id of its own. Seen once, it has none.
fn is_of_many_rooms(kind: &EventKind) -> bool {
    matches!(kind, EventKind::NickChanged { .. } | EventKind::Quit { .. })
}

/// Writes a numeric reply of the server: `client` is the nickname it is sent to, `text` the last
/// parameter.
pub(crate) fn write_numeric<'p>(
    mut writer: LineWriter<'_>,
    speaker: &Speaker<'_>,
    numeric: Numeric,
    params: impl Iterator<Item = &'p str>,
    text: Option<&str>,
) {
    writer.source(speaker.name).numeric(numeric).param(speaker.client);
    params.for_each(|param| {
        writer.param(param);
    });
    if let Some(text) = text {
        writer.trailing(text);
    }
    writer.end_within(speaker.bytes_max);
}

/// Writes `FAIL command code params :text` (IRCv3, "Standard Replies"). `of` is command and code.
pub(crate) fn write_fail<'p>(
    mut writer: LineWriter<'_>,
    speaker: &Speaker<'_>,
    of: (&str, &str),
    params: impl Iterator<Item = &'p str>,
    text: &str,
) {
    writer.source(speaker.name).command("FAIL").param(of.0).param(of.1);
    params.for_each(|param| {
        writer.param(param);
    });
    writer.trailing(text);
    writer.end_within(speaker.bytes_max);
}

/// What every line of the server to one client is made with.
pub(crate) struct Speaker<'a> {
    pub(crate) name: &'a str,
    /// The client's nickname, or `*` before it has one.
    pub(crate) client: &'a str,
    /// Longer lines are cut.
    pub(crate) bytes_max: usize,
}

/// IRCv3, "server-time": `YYYY-MM-DDThh:mm:ss.sssZ`.
pub(crate) fn time(id: EventId) -> String {
    let time =
        i64::try_from(id.0).ok().and_then(|micros| jiff::Timestamp::from_microsecond(micros).ok());
    format!("{:.3}", time.unwrap_or(jiff::Timestamp::UNIX_EPOCH))
}

/// IRCv3, "Message IDs".
pub(crate) fn msgid(id: EventId) -> String {
    (0..MSGID_DIGITS)
        .rev()
        .map(|digit| char::from(DIGITS[(id.0 >> (5 * digit)) as usize & 31]))
        .collect()
}

/// Reverses [`msgid`].
pub(crate) fn parse_msgid(msgid: &str) -> Option<EventId> {
    let digit = |byte: u8| DIGITS.iter().position(|&digit| digit == byte);
    if msgid.len() != MSGID_DIGITS as usize {
        return None;
    }
    let id = msgid.bytes().try_fold(0, |id, byte| Some(id << 5 | digit(byte)? as u64))?;
    Some(EventId(id))
}

#[cfg(test)]
mod tests {
    use crate::state::event::{Message, Verb};

    use super::*;

    fn event(kind: EventKind) -> Event {
        let id = EventId(1_769_862_896_789_123);
        Event { id, source: "a!~a@host".into(), account: Some("alice".into()), is_bot: true, kind }
    }

    fn message(verb: Verb) -> EventKind {
        let (target, tags, text) = ("#room".into(), "+reply=1".to_owned(), "hi".to_owned());
        EventKind::Message(Message { verb, target, status_min: None, tags, resend_id: None, text })
    }

    fn seen(kind: EventKind, capabilities: &[Capability]) -> String {
        let event = event(kind);
        Renderings::of(std::slice::from_ref(&event), 512)
            .for_capabilities(CapabilitySet::of(capabilities))
            .to_string()
    }

    #[test]
    fn tags_are_for_those_who_asked() {
        assert_eq!(seen(message(Verb::Privmsg), &[]), ":a!~a@host PRIVMSG #room :hi\r\n");
        assert_eq!(
            seen(message(Verb::Privmsg), &[Capability::ServerTime]),
            "@time=2026-01-31T12:34:56.789Z :a!~a@host PRIVMSG #room :hi\r\n"
        );
        assert_eq!(
            seen(message(Verb::Notice), &[Capability::MessageTags, Capability::AccountTag]),
            "@account=alice;msgid=1j9ns8m79m3;bot;+reply=1 :a!~a@host NOTICE #room :hi\r\n"
        );
        assert_eq!(seen(message(Verb::Tagmsg), &[]), "");
    }

    #[test]
    fn a_message_is_as_long_as_it_says() {
        let EventKind::Message(message) = message(Verb::Privmsg) else { unreachable!() };
        let line = seen(EventKind::Message(message.clone()), &[]);
        let bytes = message_bytes("a!~a@host".len(), message.verb, &message.target, &message.text);
        assert_eq!(bytes, line.len());
    }

    #[test]
    fn joining_shows_what_was_negotiated() {
        let joined = EventKind::Joined {
            room: "#room".into(),
            realname: "Alice A".into(),
            status: MembershipSet::new(),
            given_by: None,
            away: Some("lunch".into()),
        };
        assert_eq!(seen(joined.clone(), &[]), ":a!~a@host JOIN #room\r\n");
        assert_eq!(
            seen(joined, &[Capability::ExtendedJoin, Capability::AwayNotify]),
            ":a!~a@host JOIN #room alice :Alice A\r\n:a!~a@host AWAY :lunch\r\n"
        );
    }

    #[test]
    fn msgids_sort_like_time() {
        assert_eq!(parse_msgid(&msgid(EventId(31))), Some(EventId(31)));
        assert!(msgid(EventId(31)) < msgid(EventId(32)));
        assert!(msgid(EventId(1 << 50)) < msgid(EventId((1 << 50) + 1)));
    }
}
