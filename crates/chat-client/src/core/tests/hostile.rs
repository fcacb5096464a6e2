//! A server that says anything.

use proptest::prelude::*;

use super::*;
use crate::core::secret::Secret;

const CAPABILITIES: &str = "batch chat-server/id draft/chathistory draft/read-marker echo-message \
                            labeled-response message-tags sasl server-time soju.im/search";

/// Words that mean something, in any order, with some that mean nothing.
fn line() -> impl Strategy<Value = String> {
    let tags = prop::sample::select(vec![
        "",
        "@batch=a ",
        "@batch=b;msgid=1 ",
        "@label=1 ",
        "@time=9999-12-31T23:59:59Z;msgid=2 ",
        "@time=-9999-01-02T00:00:00Z;batch=a ",
        "@chat-server/id=random-1 ",
    ]);
    let source = prop::sample::select(vec!["", ":s.x ", ":alice!a@h ", ":bob!b@h ", ":NickServ "]);
    let command = prop::sample::select(vec![
        "PRIVMSG",
        "NOTICE",
        "JOIN",
        "PART",
        "KICK",
        "NICK",
        "QUIT",
        "BATCH",
        "CAP",
        "FAIL",
        "REGISTER",
        "MARKREAD",
        "AUTHENTICATE",
        "001",
        "005",
        "353",
        "366",
        "433",
        "474",
        "900",
        "903",
        "904",
        "908",
        "ACK",
        "PONG",
        "ERROR",
    ]);
    let param = prop::sample::select(vec![
        "#general",
        "alice",
        "bob",
        "+a",
        "-a",
        "+b",
        "chathistory",
        "soju.im/search",
        "*",
        "LS",
        "ACK",
        "NEW",
        "DEL",
        "sasl=PLAIN",
        "batch",
        "draft/chathistory",
        "PRIVMSG",
        "CHATHISTORY",
        "SUCCESS",
        "timestamp=2026-01-01T00:00:00Z",
        "CHATHISTORY=-1",
        "PREFIX=",
        "+",
        "",
        "\u{1}ACTION",
        "密码",
    ]);
    let params = prop::collection::vec(param, 0..6);
    (tags, source, command, params, "\\PC{0,12}").prop_map(
        |(tags, source, command, params, text)| {
            format!("{tags}{source}{command} {} :{text}", params.join(" "))
        },
    )
}

proptest! {
    #[test]
    fn nothing_it_says_panics(lines in prop::collection::vec(line(), 0..60), logs_in: bool) {
        let password = Secret::new("x");
        let mut bench = if logs_in {
            let account = Some(("alice".to_owned(), password.clone()));
            Bench::with(Config { account, ..config() })
        } else {
            Bench::in_room(CAPABILITIES)
        };
        for line in lines {
            bench.line(&line);
            if bench.0.question().is_some() {
                bench.event(Event::Secret(Some(&password)));
            }
            bench.typed("/history");
        }
        bench.event(Event::Closed("over"));
    }
}
