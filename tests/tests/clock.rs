//! The clock of the machine is set back while people talk.

use std::collections::HashSet;
use std::io::Write as _;

use chat_protocol::Tags;
use chat_tests::{Client, Server};

const CAPABILITIES: [&str; 6] = [
    "message-tags",
    "server-time",
    "echo-message",
    "batch",
    "draft/chathistory",
    "draft/event-playback",
];
/// Messages before it is set back, and after.
const MESSAGES: usize = 5;

/// The id and the time of an echo.
fn says(alice: &mut Client, text: &str) -> (String, String) {
    alice.says(&format!("PRIVMSG #clock :{text}"));
    let echo = alice.awaits(&format!("PRIVMSG #clock :{text}"));
    let tags = Tags::from_raw(echo.parts().tags.unwrap_or_default());
    let tag = |key: &str| tags.value(key).unwrap_or_else(|| panic!("{key} is missing: {echo:?}"));
    (tag("msgid").into_owned(), tag("time").into_owned())
}

/// The time in the log when somebody connects, without its fractions.
fn time_of_arrival(server: &Server, name: &str) -> String {
    Client::registered(server, name).is_served();
    let log = server.log();
    let line = log.lines().rfind(|line| line.contains("Connected by")).expect("it is logged");
    line.trim_start_matches('[').split('Z').next().unwrap_or_default().to_owned()
}

#[test]
fn messages_keep_their_order_when_it_is_set_back() {
    let Some((server, clock)) = Server::start_with_clock("") else {
        let why = "skipped: it takes libfaketime (Debian: apt install faketime)";
        let _ = writeln!(std::io::stderr(), "{why}");
        return;
    };
    let mut alice = Client::member(&server, "alice", "#clock", &CAPABILITIES);
    let texts: Vec<String> = (0..2 * MESSAGES).map(|at| format!("text {at}")).collect();
    let mut echoes: Vec<_> = texts[..MESSAGES].iter().map(|text| says(&mut alice, text)).collect();
    let before = time_of_arrival(&server, "before");
    std::fs::write(&clock, "-3600").expect("the folder is writable");
    let after = time_of_arrival(&server, "after");
    assert!(after < before, "the clock goes on: {before}, {after}");
    echoes.extend(texts[MESSAGES..].iter().map(|text| says(&mut alice, text)));

    let ids: HashSet<_> = echoes.iter().map(|(id, _)| id).collect();
    assert_eq!(ids.len(), texts.len(), "{echoes:?}");
    assert!(echoes.is_sorted(), "{echoes:?}");
    assert!(echoes.iter().map(|(_, time)| time).is_sorted(), "{echoes:?}");
    alice.says("CHATHISTORY LATEST #clock * 100");
    let page = alice.drain();
    let stored: Vec<&str> = page
        .iter()
        .filter(|line| line.parts().command == "PRIVMSG")
        .filter_map(|line| line.as_str().rsplit_once(':').map(|(_, text)| text))
        .collect();
    assert_eq!(stored, texts);
    alice.says(&format!("CHATHISTORY AFTER #clock msgid={} 100", echoes[MESSAGES - 1].0));
    let after = alice.drain();
    let after = after.iter().filter(|line| line.parts().command == "PRIVMSG").count();
    assert_eq!(after, MESSAGES);
}
