//! What was said while there was no connection.

use super::*;

const CAPABILITIES: &str =
    "batch chat-server/id draft/chathistory echo-message message-tags server-time";

/// A client that has heard of a message `m1` before the connection was lost, and is back in the room.
fn is_back() -> Bench {
    let config = Config { reconnects: true, history: 0, ..config() };
    let mut bench = Bench::in_room_with(config, CAPABILITIES);
    bench.line(&said("m1", 1, "bob", "one"));
    comes_back(&mut bench);
    let sent = bench.line(":alice!al@host JOIN #general");
    assert_eq!(sent[1..], ["> CHATHISTORY LATEST #general msgid=m1 100"]);
    bench
}

fn comes_back(bench: &mut Bench) {
    bench.event(Event::Closed("x"));
    bench.event(Event::Connected(Link::default()));
    bench.is_welcomed("alice", CAPABILITIES);
}

fn said(msgid: &str, minute: u32, nickname: &str, text: &str) -> String {
    let tags = format!("msgid={msgid};time=2026-05-01T13:{minute:02}:00.000Z");
    format!("@{tags} :{nickname}!u@h PRIVMSG #general :{text}")
}

fn page(bench: &mut Bench, target: &str, lines: &[String]) -> Vec<String> {
    bench.line(&format!(":s.x BATCH +h chathistory {target}"));
    for line in lines {
        bench.line(&line.replacen('@', "@batch=h;", 1));
    }
    bench.line(":s.x BATCH -h")
}

fn numbered(numbers: impl Iterator<Item = u32>) -> Vec<String> {
    numbers.map(|number| said(&format!("m{number}"), 2, "bob", &number.to_string())).collect()
}

#[test]
fn it_is_shown_set_apart_and_before_what_arrives_meanwhile() {
    let mut bench = is_back();
    assert!(bench.line(&said("m3", 3, "bob", "three")).is_empty());
    assert!(bench.line(":carol!u@h JOIN #general").is_empty());
    assert!(bench.line(&said("m4", 4, "bob", "four")).is_empty());
    let lines = [said("m2", 2, "bob", "alice: two"), said("m3", 3, "bob", "three")];
    assert_eq!(
        page(&mut bench, "#general", &lines),
        [
            "14:02 -- while you were away --",
            "13:02 > bob: alice: two",
            "13:03 bob: three",
            "14:02 -- now --",
            "14:02 -- carol joined",
            "13:04 bob: four"
        ]
    );
    assert_eq!(bench.line(&said("m5", 5, "bob", "five")), ["13:05 bob: five"]);
}

#[test]
fn nothing_is_shown_where_nothing_was_said() {
    let mut bench = is_back();
    assert!(page(&mut bench, "#general", &[]).is_empty());
    assert!(!bench.0.is_catching_up("#general"));
}

#[test]
fn pages_are_fetched_from_the_end_until_there_is_no_more() {
    let mut bench = is_back();
    let asked = page(&mut bench, "#general", &numbered(150..250));
    assert_eq!(asked, ["> CHATHISTORY BETWEEN #general msgid=m150 msgid=m1 100"]);
    assert_eq!(bench.typed("/history"), ["14:02 !! The lines before are still on their way."]);
    let shown = page(&mut bench, "#general", &numbered(100..150));
    assert_eq!(shown.len(), 152);
    assert_eq!((shown[1].as_str(), shown[150].as_str()), ("13:02 bob: 100", "13:02 bob: 249"));
}

#[test]
fn a_server_that_does_not_say_how_much_it_gives_is_asked_until_it_gives_nothing() {
    let mut bench = is_back();
    bench.line(":s.x 005 alice -CHATHISTORY :are supported");
    let asked = page(&mut bench, "#general", &[said("m3", 3, "bob", "three")]);
    assert_eq!(asked, ["> CHATHISTORY BETWEEN #general msgid=m3 msgid=m1 100"]);
    let asked = page(&mut bench, "#general", &[said("m2", 2, "bob", "two")]);
    assert_eq!(asked, ["> CHATHISTORY BETWEEN #general msgid=m2 msgid=m1 100"]);
    assert_eq!(page(&mut bench, "#general", &[])[1..3], ["13:02 bob: two", "13:03 bob: three"]);
}

#[test]
fn what_is_too_much_is_left_to_history() {
    let mut bench = is_back();
    for hundred in [9, 8, 7, 6] {
        page(&mut bench, "#general", &numbered(hundred * 100..hundred * 100 + 100));
    }
    let shown = page(&mut bench, "#general", &numbered(500..600));
    assert_eq!(shown[0], "14:02 -- … more was said; /history shows it --");
    assert_eq!((shown[2].as_str(), shown.len()), ("13:02 bob: 500", 503));
    assert_eq!(bench.typed("/history"), ["> CHATHISTORY BEFORE #general msgid=m500 50"]);
    assert_eq!(page(&mut bench, "#general", &numbered(499..500)).len(), 3);
    assert_eq!(bench.typed("/history"), ["> CHATHISTORY BEFORE #general msgid=m499 50"]);
    let further = page(&mut bench, "#general", &[said("m1", 1, "bob", "one")]);
    assert_eq!(further, ["> CHATHISTORY BEFORE #general msgid=m1 50"], "that was shown before");
}

#[test]
fn what_the_user_says_meanwhile_comes_after_it() {
    let mut bench = is_back();
    assert!(bench.typed("hello").is_empty());
    let shown = page(&mut bench, "#general", &[said("m2", 2, "bob", "two")]);
    assert_eq!(shown[3], "> @chat-server/id=random-1 PRIVMSG #general :hello");
}

#[test]
fn an_own_line_that_was_stored_is_shown_once() {
    let config = Config { reconnects: true, history: 0, ..config() };
    let mut bench = Bench::in_room_with(config, CAPABILITIES);
    bench.line(&said("m1", 1, "bob", "one"));
    bench.typed("mine");
    comes_back(&mut bench);
    bench.line(":alice!al@host JOIN #general");
    let shown = page(&mut bench, "#general", &[said("m2", 2, "alice", "mine")]);
    assert_eq!(shown[1], "13:02 alice: mine");
    assert_eq!(shown[3], "> @chat-server/id=random-1 PRIVMSG #general :mine");
    let echo = said("m2", 2, "alice", "mine").replacen('@', "@chat-server/id=random-1;", 1);
    assert!(bench.line(&echo).is_empty());
    assert_eq!(bench.0.delivery().waiting(), 0);
}

#[test]
fn an_id_that_the_server_does_not_know_is_replaced_by_a_time() {
    let mut bench = is_back();
    let refused = "FAIL CHATHISTORY INVALID_PARAMS LATEST #general :No such message";
    let time = "timestamp=2026-05-01T13:00:59.999Z";
    assert_eq!(bench.line(refused), [format!("> CHATHISTORY LATEST #general {time} 100")]);
    bench.line(&said("m3", 3, "bob", "three"));
    assert_eq!(
        bench.line(refused),
        [
            "14:02 -- what was said meanwhile is not to be had: lines of #general may be missing",
            "13:03 bob: three"
        ]
    );
}

#[test]
fn an_answer_that_does_not_come_keeps_nothing_back() {
    let mut bench = is_back();
    bench.line(&said("m3", 3, "bob", "three"));
    let later = now() + SignedDuration::from_secs(15);
    let told = shown(bench.0.update(Event::Tick, later));
    assert_eq!(told[1], "13:03 bob: three");
}

#[test]
fn a_connection_that_is_lost_again_loses_nothing() {
    let mut bench = is_back();
    bench.line(&said("m3", 3, "bob", "three"));
    comes_back(&mut bench);
    let sent = bench.line(":alice!al@host JOIN #general");
    assert_eq!(sent[1..], ["> CHATHISTORY LATEST #general msgid=m1 100"]);
}

#[test]
fn a_room_in_which_nothing_was_said_is_caught_up_with_from_when_it_was_joined() {
    let config = Config { reconnects: true, history: 0, ..config() };
    let mut bench = Bench::in_room_with(config, CAPABILITIES);
    comes_back(&mut bench);
    let sent = bench.line(":alice!al@host JOIN #general");
    let time = "timestamp=2026-05-01T14:02:02.999Z";
    assert_eq!(sent[1..], [format!("> CHATHISTORY LATEST #general {time} 100")]);
}

/// The same after a direct conversation with bob.
fn is_back_with_bob() -> Bench {
    let config = Config { reconnects: true, history: 0, ..config() };
    let mut bench = Bench::in_room_with(config, CAPABILITIES);
    bench.line(&to_alice("d1", 1, "psst"));
    comes_back(&mut bench);
    assert!(bench.line(":s.x 372 alice :- Read this").is_empty(), "the user has read it");
    let sent = bench.line(":s.x 376 alice :End");
    assert_eq!(sent, ["> CHATHISTORY LATEST bob msgid=d1 100"]);
    bench
}

fn to_alice(msgid: &str, minute: u32, text: &str) -> String {
    said(msgid, minute, "bob", text).replace("#general", "alice")
}

#[test]
fn direct_conversations_are_caught_up_with_too() {
    let mut bench = is_back_with_bob();
    assert!(bench.line(&to_alice("d3", 3, "here?")).is_empty());
    let lines = [to_alice("d2", 2, "still there?"), to_alice("d3", 3, "here?")];
    assert_eq!(
        page(&mut bench, "bob", &lines),
        [
            "14:02 -- while you were away, with bob --",
            "13:02 bob (to you): still there?",
            "13:03 bob (to you): here?",
            "14:02 -- now --"
        ]
    );
    assert!(bench.line(&to_alice("d3", 3, "here?")).is_empty());
}

#[test]
fn a_server_that_keeps_nothing_is_said_to() {
    let mut bench = Bench::in_room_with(Config { reconnects: true, ..config() }, "");
    bench.event(Event::Closed("x"));
    bench.event(Event::Connected(Link::default()));
    let told = bench.is_welcomed("alice", "");
    let missing = "14:02 -- the server does not keep what is said: lines may be missing";
    assert_eq!(told.last().map(String::as_str), Some(missing));
}

#[test]
fn what_has_come_is_shown_when_nothing_more_will() {
    let missing =
        "14:02 -- what was said meanwhile is not to be had: lines of #general may be missing";
    let three = "13:03 bob: three";
    let mut bench = is_back();
    bench.line(&said("m3", 3, "bob", "three"));
    bench.typed("hello");
    let told = bench.line(":bob!b@h KICK #general alice :bye");
    let kicked = "14:02 !! bob removed you from #general (bye)";
    assert_eq!(told, [missing, three, "14:02 !! NOT delivered to #general: hello", kicked]);
    assert_eq!(bench.0.delivery().waiting(), 0);
    let mut bench = is_back();
    bench.line(&said("m3", 3, "bob", "three"));
    let told = bench.line("ERROR :Closing Link: h (Killed (admin (bye)))");
    assert_eq!(told, [missing, three]);
    assert!(bench.event(Event::Closed("x")).is_empty());
}

#[test]
fn a_page_of_another_room_that_is_refused_changes_nothing() {
    let mut bench = is_back();
    bench.line(":alice!al@host JOIN #ops");
    let told = bench.line("FAIL CHATHISTORY INVALID_TARGET LATEST #ops :No such history");
    assert!(!told.iter().any(|line| line.starts_with('>')), "nothing is asked again: {told:?}");
    assert_eq!(page(&mut bench, "#general", &[said("m2", 2, "bob", "two")]).len(), 3);
}

#[test]
fn a_page_of_a_conversation_that_comes_too_late_repeats_nothing() {
    let mut bench = is_back_with_bob();
    bench.line(&to_alice("d3", 3, "here?"));
    let later = now() + SignedDuration::from_secs(15);
    bench.0.update(Event::Tick, later);
    let lines = [to_alice("d2", 2, "still there?"), to_alice("d3", 3, "here?")];
    let shown = page(&mut bench, "bob", &lines);
    assert_eq!(shown[1..], ["13:02 bob (to you): still there?", "14:02 -- now --"]);
}
