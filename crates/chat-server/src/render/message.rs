//! Messages as lines.

use chat_protocol::{Capability, CapabilitySet};

use crate::state::event::{Event, EventKind, Message, Verb};

use super::{LINE_BYTES_EXPECTED, Line};

/// What the tags of a message take, about, besides those that its author's client has added.
const TAGS_BYTES_EXPECTED: usize = 96;

/// Adds the line of a message.
pub(super) fn render_message(line: &Line<'_>, message: &Message, out: &mut String) {
    if message.verb == Verb::Tagmsg && !line.has(Capability::MessageTags) {
        return;
    }
    let mut writer = line.start(out, &message.tags, message.resend_id.as_deref());
    writer.command(message.verb.command()).param(&message.target);
    if message.verb != Verb::Tagmsg {
        writer.trailing(&message.text);
    }
    writer.end_within(line.bytes_max);
}

/// How long the lines of an event are, about: for most messages, to the byte.
pub(super) fn bytes_expected(event: &Event, capabilities: CapabilitySet) -> usize {
    let EventKind::Message(message) = &event.kind else { return LINE_BYTES_EXPECTED };
    let Message { verb, target, tags, text, .. } = message;
    let has_tags = capabilities.contains(Capability::MessageTags);
    let client_tags = if has_tags { tags.len() } else { 0 };
    let own_tags = if capabilities.is_empty() { 0 } else { TAGS_BYTES_EXPECTED };
    own_tags + client_tags + message_bytes(event.source.len(), *verb, target, text)
}

/// The bytes of a message's line without tags: what has to fit the limit for everyone.
pub(crate) fn message_bytes(source_bytes: usize, verb: Verb, target: &str, text: &str) -> usize {
    ":  \u{20}:\r\n".len() + source_bytes + verb.command().len() + target.len() + text.len()
}
