//! Messages: what is written is read back, and no text panics.

use chat_protocol::{LineWriter, Message, Params, Source, Tags, TagsBuf};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// Text that a line can carry.
const TEXT: &str = "[^\\x00\r\n]{0,12}";
/// A parameter that needs no colon.
const MIDDLE: &str = "[^\\x00\r\n :][^\\x00\r\n ]{0,8}";
/// Mostly a message, with empty and doubled parts.
const LINE: &str = " {0,2}(@[a-z;=\\\\:]{0,8} {1,2})?(:[a-z!@:]{0,6} {1,2})?([A-Za-z]{1,3}|[0-9]{3}|\\PC{0,3})\
    ( | :|[a-z:@]{1,2} |\\PC){0,30}";
const KEY: &str = "[+]?([a-z.]{1,6}/)?[a-zA-Z0-9.-]{1,8}";

#[derive(Debug)]
struct Parts {
    tags: TagsBuf,
    source: Option<String>,
    command: String,
    middle: Vec<String>,
    last: Option<String>,
}

impl Parts {
    fn message(&self) -> Message<'_> {
        let params: Vec<&str> = self.middle.iter().chain(&self.last).map(String::as_str).collect();
        Message {
            tags: self.tags.as_tags(),
            source: self.source.as_deref(),
            command: &self.command,
            params: Params::of(&params).expect("these are parameters a line can carry"),
        }
    }
}

prop_compose! {
    fn parts()(
        tags in vec((KEY, any::<String>()), 0..4),
        source in option::of("[^\\x00\r\n ]{0,20}"),
        command in "[a-zA-Z]{1,8}|[0-9]{3}",
        middle in vec(MIDDLE, 0..=14),
        last in option::of(TEXT),
    ) -> Parts {
        let mut buffer = TagsBuf::new();
        tags.iter().for_each(|(key, value)| buffer.push(key, value));
        Parts { tags: buffer, source, command, middle, last }
    }
}

proptest! {
    #[test]
    fn a_written_message_is_read_back(parts in parts()) {
        let line = parts.message().to_string();
        prop_assert_eq!(Message::parse(&line), Ok(parts.message()));
    }

    #[test]
    fn a_parsed_line_is_written_back(line in LINE) {
        if let Ok(message) = Message::parse(&line) {
            let written = message.to_string();
            prop_assert_eq!(Message::parse(&written), Ok(message));
        }
    }

    #[test]
    fn any_text_is_a_message_or_an_error(line in any::<String>()) {
        if let Ok(message) = Message::parse(&line) {
            prop_assert!(message.tags.iter().all(|tag| !tag.key.is_empty()));
            prop_assert!(message.params.len() <= chat_protocol::message::PARAMS_MAX);
        }
    }

    /// Whatever a part holds, it stays one part, and the line one line.
    #[test]
    fn hostile_parts_keep_their_place(
        value in any::<String>(),
        source in "[a-z!@ \\x00\r\n:]{0,12}",
        param in "[a-z\\x00\r\n][a-z\\x00\r\n:]{0,8}",
        text in "[a-z \\x00\r\n:@]{0,12}",
    ) {
        let mut line = String::new();
        let mut writer = LineWriter::new(&mut line);
        writer.tag("a", Some(&value)).tag("b", None).source(&source).command("PRIVMSG");
        writer.param(&param).trailing(&text);
        writer.end();
        let message = Message::parse(line.trim_end_matches("\r\n"));
        let message = message.expect("one line was written");
        prop_assert_eq!(message.tags.iter().map(|tag| tag.key).collect::<Vec<_>>(), ["a", "b"]);
        prop_assert_eq!(message.source.map(|source| source.chars().count()), Some(source.len()));
        prop_assert_eq!(message.command, "PRIVMSG");
        let lengths: Vec<_> = message.params.iter().map(|param| param.chars().count()).collect();
        prop_assert_eq!(lengths, [param.len(), text.len()]);
    }

    #[test]
    fn params_are_pushed_or_refused(items in vec("[a: \r\n\\x00]{0,3}", 0..18)) {
        let mut params = Params::new();
        for item in &items {
            let before = params;
            if params.push(item).is_err() {
                prop_assert_eq!(params, before);
            }
        }
        let line = Message::new("X", params).to_string();
        prop_assert_eq!(Message::parse(&line), Ok(Message::new("X", params)));
    }

    #[test]
    fn tag_values_are_escaped_and_unescaped(value in "([;\\\\ \r\n:sn=]|[^\\x00]){0,20}") {
        let mut raw = String::new();
        chat_protocol::tags::escape_into(&value, &mut raw);
        prop_assert!(!raw.contains([';', ' ', '\r', '\n', '\0']));
        prop_assert_eq!(chat_protocol::tags::unescape(&raw), value);
    }

    #[test]
    fn the_last_value_of_a_key_counts(values in vec("[^\\x00]{0,6}", 1..4)) {
        let mut tags = TagsBuf::new();
        values.iter().for_each(|value| tags.push("key", value));
        let read: Vec<_> = tags.as_tags().iter().map(|tag| tag.value().into_owned()).collect();
        prop_assert_eq!(&read, &values);
        let last = tags.as_tags().value("key");
        prop_assert_eq!(last.as_deref(), values.last().map(String::as_str));
    }

    #[test]
    fn any_text_has_tags(raw in "([;=\\\\+/:]|\\PC){0,30}", key in "[a-z]{0,2}") {
        let tags = Tags::from_raw(&raw);
        prop_assert_eq!(tags.value(&key).is_some(), tags.iter().any(|tag| tag.key == key));
    }

    #[test]
    fn a_source_is_written_back(source in "([!@]|\\PC){0,20}") {
        prop_assert_eq!(Source::parse(&source).to_string(), source);
    }
}
