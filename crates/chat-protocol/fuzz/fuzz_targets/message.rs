//! What parses is written back so that it parses to the same.

#![no_main]

use chat_protocol::{Message, Source, TagsBuf};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &str| {
    let Ok(message) = Message::parse(line) else { return };
    let written = message.to_string();
    assert_eq!(Message::parse(&written), Ok(message));

    if let Some(source) = message.source {
        assert_eq!(Source::parse(source).to_string(), source);
    }
    for tag in message.tags.iter() {
        let mut tags = TagsBuf::new();
        tags.push("key", &tag.value());
        assert_eq!(tags.as_tags().value("key"), Some(tag.value()));
    }
});
