//! A server that says anything.

use proptest::prelude::*;

use super::*;
use crate::core::secret::Secret;

const CAPABILITIES: &str = "batch chat-server/id draft/chathistory draft/read-marker echo-message \
                            labeled-response message-tags sasl server-time soju.im/search";

const TAGS: &str = "batch=a batch=b;msgid=1 label=1 time=9999-12-31T23:59:59Z;msgid=2 \
                    time=-9999-01-02T00:00:00Z;batch=a chat-server/id=random-1";
const SOURCES: &str = "s.x alice!a@h bob!b@h NickServ";
const COMMANDS: &str = "PRIVMSG NOTICE JOIN PART KICK NICK QUIT BATCH BATCH CAP FAIL REGISTER \
                        MARKREAD AUTHENTICATE 001 005 353 366 433 474 900 903 904 908 ACK PONG";
const PARAMS: &str = "#general alice bob +a -a +b chathistory soju.im/search * LS ACK NEW DEL \
                      sasl=PLAIN batch draft/chathistory PRIVMSG CHATHISTORY SUCCESS + 密码 \
                      timestamp=2026-01-01T00:00:00Z CHATHISTORY=-1 PREFIX= \u{1}ACTION";

fn one_of(words: &'static str) -> impl Strategy<Value = &'static str> {
    prop::sample::select(words.split_ascii_whitespace().collect::<Vec<_>>())
}

/// Words that mean something, in any order.
fn line() -> impl Strategy<Value = String> {
    let tags = prop::option::of(one_of(TAGS));
    let source = prop::option::of(one_of(SOURCES));
    let params = prop::collection::vec(one_of(PARAMS), 0..6);
    let parts = (tags, source, one_of(COMMANDS), params, "\\PC{0,12}");
    parts.prop_map(|(tags, source, command, params, text)| {
        let tags = tags.map_or(String::new(), |tags| format!("@{tags} "));
        let source = source.map_or(String::new(), |source| format!(":{source} "));
        format!("{tags}{source}{command} {} :{text}", params.join(" "))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_it_says_panics(lines in prop::collection::vec(line(), 0..60), logs_in: bool) {
        let password = Secret::new("x");
        let mut bench = if logs_in {
            let account = Some(("alice".to_owned(), password.clone()));
            Bench::with(Config { account, ..config() })
        } else {
            Bench::in_room_with(Config { reconnects: true, ..config() }, CAPABILITIES)
        };
        for line in lines {
            bench.line(&line);
            if bench.0.question().is_some() {
                bench.event(Event::Secret(Some(&password)));
            }
            bench.typed("/history");
            if line.contains("密码") {
                bench.typed("hello");
                bench.event(Event::Closed("lost"));
                bench.event(Event::Connected(Link::default()));
                bench.is_welcomed("alice", CAPABILITIES);
                bench.line(":alice!al@host JOIN #general");
            }
        }
        bench.event(Event::Closed("over"));
    }
}
