//! An entry as one line, for people or for programs. What others wrote can't play tricks on a terminal.

use chat_protocol::Message;
use chat_store::{Entry, EntryKind};
use serde::Serialize;

use crate::cli::printable::{escape, printable};
use crate::render::{msgid, time};
use crate::state::event::EventId;

/// `TIME <nickname> text`, in UTC.
pub(super) fn text(entry: &Entry) -> String {
    let body = format!("X{}", entry.body);
    let params = params(entry, &body);
    let first = params.first().copied().unwrap_or_default();
    let last = params.last().copied().unwrap_or_default();
    let name = nickname(&entry.source);
    let what = match entry.kind {
        EntryKind::Privmsg => match action(&entry.body) {
            Some(action) => format!("* {name} {action}"),
            None => format!("<{name}> {}", entry.body),
        },
        EntryKind::Notice => format!("-{name}- {}", entry.body),
        EntryKind::Tagmsg => format!("-- {name}: {}", entry.tags),
        EntryKind::Join => format!("-- {name} joined"),
        EntryKind::Part => format!("-- {name} left ({last})"),
        EntryKind::Quit => format!("-- {name} quit ({last})"),
        EntryKind::Kick => format!("-- {name} removed {first} ({last})"),
        EntryKind::Nick => format!("-- {name} is now {first}"),
        EntryKind::Topic => format!("-- {name} set the topic: {last}"),
        EntryKind::Mode => format!("-- {name} set mode {}", params.join(" ")),
        EntryKind::Rename => {
            let to = params.get(1).copied().unwrap_or_default();
            format!("-- {name} renamed {first} to {to} ({last})")
        }
        EntryKind::Redact => format!("-- {name} deleted the message {first}"),
    };
    let what = printable(&what);
    format!("{} {}", time(EventId(entry.id.0)), what.trim_end_matches(" ()"))
}

/// A JSON object.
pub(super) fn json(entry: &Entry) -> String {
    let body = format!("X{}", entry.body);
    let is_message = matches!(entry.kind, EntryKind::Privmsg | EntryKind::Notice);
    let written = Written {
        id: msgid(EventId(entry.id.0)),
        time: time(EventId(entry.id.0)),
        kind: name(entry.kind),
        source: &entry.source,
        account: entry.account.as_deref(),
        bot: entry.is_bot,
        target: &entry.shown_target,
        tags: Some(entry.tags.as_str()).filter(|tags| !tags.is_empty()),
        text: is_message.then_some(entry.body.as_str()),
        params: (!is_message).then(|| params(entry, &body)).filter(|params| !params.is_empty()),
    };
    let json = serde_json::to_string(&written).expect("texts and numbers are JSON");
    escape(&json)
}

#[derive(Serialize)]
struct Written<'a> {
    id: String,
    time: String,
    kind: &'static str,
    source: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    bot: bool,
    target: &'a str,
    /// As they stood on the wire.
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    /// What the line of another event has after its target.
    #[serde(skip_serializing_if = "Option::is_none")]
    params: Option<Vec<&'a str>>,
}

/// The command of the line.
const fn name(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Privmsg => "PRIVMSG",
        EntryKind::Notice => "NOTICE",
        EntryKind::Tagmsg => "TAGMSG",
        EntryKind::Join => "JOIN",
        EntryKind::Part => "PART",
        EntryKind::Quit => "QUIT",
        EntryKind::Kick => "KICK",
        EntryKind::Nick => "NICK",
        EntryKind::Topic => "TOPIC",
        EntryKind::Mode => "MODE",
        EntryKind::Rename => "RENAME",
        EntryKind::Redact => "REDACT",
    }
}

/// What is stored of an event that is no message; `body` stands behind a word in place of a command.
fn params<'b>(entry: &Entry, body: &'b str) -> Vec<&'b str> {
    if matches!(entry.kind, EntryKind::Privmsg | EntryKind::Notice) {
        return Vec::new();
    }
    Message::parse(body).map(|message| message.params.to_vec()).unwrap_or_default()
}

fn nickname(source: &str) -> &str {
    source.split('!').next().unwrap_or(source)
}

fn action(text: &str) -> Option<&str> {
    text.strip_prefix("\u{1}ACTION ").map(|text| text.trim_end_matches('\u{1}'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::printable::is_unsafe;
    use chat_store::{EntryId, TargetKey};
    use proptest::prelude::*;

    fn entry(kind: EntryKind, body: &str) -> Entry {
        Entry {
            id: EntryId(1_769_862_896_789_123),
            target: TargetKey::room("#rust"),
            kind,
            source: "alice!a@example.org".into(),
            account: Some("Alice".into()),
            is_bot: false,
            rank_min: 0,
            shown_target: "#Rust".to_owned(),
            tags: String::new(),
            body: body.to_owned(),
        }
    }

    #[test]
    fn every_kind_can_be_read() {
        for (kind, body, expected) in [
            (EntryKind::Privmsg, "你好 all", "<alice> 你好 all"),
            (EntryKind::Privmsg, "\u{1}ACTION waves\u{1}", "* alice waves"),
            (EntryKind::Privmsg, "\u{1b}[31m\u{9b}2J\u{202e}red\u{7}", "<alice> [31m2Jred"),
            (EntryKind::Notice, "done", "-alice- done"),
            (EntryKind::Join, " :Real Name", "-- alice joined"),
            (EntryKind::Part, " :see you", "-- alice left (see you)"),
            (EntryKind::Part, "", "-- alice left"),
            (EntryKind::Quit, " :gone", "-- alice quit (gone)"),
            (EntryKind::Kick, " bob :too loud", "-- alice removed bob (too loud)"),
            (EntryKind::Nick, " alicia", "-- alice is now alicia"),
            (EntryKind::Topic, " :a : b", "-- alice set the topic: a : b"),
            (EntryKind::Mode, " +ov bob carol", "-- alice set mode +ov bob carol"),
            (EntryKind::Rename, " #a #b :why", "-- alice renamed #a to #b (why)"),
            (EntryKind::Redact, " abc", "-- alice deleted the message abc"),
        ] {
            let line = text(&entry(kind, body));
            assert_eq!(line, format!("2026-01-31T12:34:56.789Z {expected}"));
        }
    }

    #[test]
    fn an_object_has_what_there_is() {
        let message = json(&entry(EntryKind::Privmsg, "a \"b\" \u{9b}"));
        let expected = r##"{"id":"1j9ns8m79m3","time":"2026-01-31T12:34:56.789Z","kind":"PRIVMSG","source":"alice!a@example.org","account":"Alice","target":"#Rust","text":"a \"b\" \u009b"}"##;
        assert_eq!(message, expected);
        let kick = json(&entry(EntryKind::Kick, " bob :too loud"));
        assert!(kick.ends_with(r##""target":"#Rust","params":["bob","too loud"]}"##), "{kick}");
    }

    proptest! {
        #[test]
        fn nothing_unsafe_is_printed(body in any::<String>()) {
            let entry = entry(EntryKind::Privmsg, &body);
            prop_assert!(!text(&entry).contains(is_unsafe));
            let json = json(&entry);
            prop_assert!(!json.contains(is_unsafe));
            let read: serde_json::Value = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(read["text"].as_str(), Some(body.as_str()));
        }
    }
}
