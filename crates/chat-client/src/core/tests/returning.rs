//! Back on the server: in the same rooms, with what was not sent.

use super::reconnect::{connected, in_room, lasting};
use super::*;

const HISTORY: &str = "batch draft/chathistory message-tags server-time";
const IDS: &str = "chat-server/id echo-message";

#[test]
fn the_user_is_where_it_was() {
    let config = Config { password: Some("open sesame".to_owned()), ..lasting() };
    let mut bench = Bench::in_room_with(config, HISTORY);
    bench.typed("/join secret word");
    bench.line(":alice!al@host JOIN #secret");
    bench.typed("/join ops");
    bench.line(":alice!al@host JOIN #ops");
    bench.line(":bob!b@h MODE #ops +k later");
    bench.typed("/away at lunch");
    bench.typed("/room secret");
    bench.typed("/join never");
    bench.typed("/room secret");
    bench.event(Event::Closed("x"));
    assert_eq!(bench.0.current(), Some("#secret"));
    assert_eq!(connected(&mut bench)[1], "> PASS :open sesame");
    assert_eq!(
        bench.is_welcomed("alice", HISTORY),
        [
            "14:02 -- connected again to s.x as alice",
            "> AWAY :at lunch",
            "> JOIN #general",
            "> JOIN #ops later",
            "> JOIN #secret word",
            "> JOIN #never"
        ]
    );
    assert_eq!(bench.0.current(), Some("#secret"));
    bench.line(":alice!al@host JOIN #secret");
    bench.line(":s.x 475 alice #ops :Cannot join channel (+k)");
    assert_eq!(bench.typed("/room ops"), ["14:02 !! You are not in #ops: /join #ops"]);
    assert_eq!(bench.0.current(), Some("#secret"));
}

#[test]
fn a_room_that_is_too_busy_to_let_the_user_in_is_asked_again() {
    let mut bench = in_room(IDS);
    bench.typed("mine");
    bench.event(Event::Closed("x"));
    connected(&mut bench);
    bench.is_welcomed("alice", IDS);
    bench.line(":s.x 480 alice #general :Cannot join channel (+j)");
    assert_eq!(bench.0.current(), Some("#general"));
    let later = now() + SignedDuration::from_secs(10);
    assert_eq!(shown(bench.0.update(Event::Tick, later)), ["> JOIN #general"]);
    let sent = bench.line(":alice!al@host JOIN #general");
    assert_eq!(sent[1], "> @chat-server/id=random-1 PRIVMSG #general :mine");
}

#[test]
fn what_was_not_confirmed_is_sent_again_with_its_id() {
    let mut bench = in_room(IDS);
    bench.typed("one");
    bench.typed("/me waves");
    bench.line("@chat-server/id=random-1 :alice!al@host PRIVMSG #general :one");
    let told = bench.event(Event::Closed("x"));
    assert_eq!(told[1], "14:02 -- 1 line is not confirmed: it will be sent again");
    let told = bench.typed("later");
    assert_eq!(told, ["14:02 -- sent once there is a connection, to #general: later"]);
    connected(&mut bench);
    let told = bench.event(Event::Closed("that did not last"));
    assert_eq!(told[1], "14:02 -- 1 line is not confirmed: it will be sent again");
    connected(&mut bench);
    bench.is_welcomed("alice", IDS);
    assert_eq!(
        bench.line(":alice!al@host JOIN #general")[1..],
        [
            "> @chat-server/id=random-2 PRIVMSG #general :\u{1}ACTION waves\u{1}",
            "> @chat-server/id=random-3 PRIVMSG #general :later"
        ]
    );
    let echo = "@chat-server/id=random-2 :alice!al@host PRIVMSG #general :\u{1}ACTION waves\u{1}";
    assert_eq!(bench.line(echo), ["14:02 * alice waves"]);
    assert_eq!(bench.0.delivery().waiting(), 1);
}

#[test]
fn without_ids_or_as_somebody_else_it_is_not() {
    let mut bench = in_room("echo-message");
    bench.typed("one");
    let told = bench.event(Event::Closed("x"));
    assert_eq!(told[0], "14:02 !! NOT delivered to #general: one");
    let mut bench = in_room(IDS);
    bench.typed("one");
    bench.event(Event::Closed("x"));
    connected(&mut bench);
    bench.line(":s.x 433 * alice :Nickname is already in use");
    bench.is_welcomed("alice_", IDS);
    let shown = bench.line(":alice_!al@host JOIN #general");
    assert_eq!(shown[1..], ["14:02 !! NOT delivered to #general: one"]);
}

#[test]
fn what_waits_for_a_room_that_is_closed_is_named() {
    let mut bench = in_room(IDS);
    bench.typed("/join ops");
    bench.line(":alice!al@host JOIN #ops");
    bench.typed("secret");
    bench.typed("/msg bob psst");
    bench.event(Event::Closed("x"));
    connected(&mut bench);
    bench.is_welcomed("alice", IDS);
    assert_eq!(bench.line(":alice!al@host JOIN #general").len(), 1);
    let told = bench.line(":s.x 474 alice #ops :Cannot join channel (+b)");
    assert_eq!(
        told,
        [
            "14:02 !! NOT delivered to #ops: secret",
            "14:02 !! You can't join #ops: you are banned.",
            "> @chat-server/id=random-2 PRIVMSG bob :psst"
        ]
    );
    assert_eq!(bench.0.current(), Some("#general"));
}

#[test]
fn what_waits_is_not_sent_all_at_once() {
    let mut bench = in_room("");
    bench.event(Event::Closed("x"));
    (1..=20).for_each(|number| drop(bench.typed(&number.to_string())));
    connected(&mut bench);
    bench.is_welcomed("alice", "");
    let mut sent = bench.line(":alice!al@host JOIN #general");
    let mut texts: Vec<String> = Vec::new();
    while let Some(token) = sent.iter().find_map(|line| line.strip_prefix("> PING ")) {
        assert_eq!(sent.iter().filter(|line| line.contains("PRIVMSG")).count(), WINDOW);
        let answer = format!(":s.x PONG s.x :{token}");
        texts.append(&mut sent);
        sent = bench.line(&answer);
    }
    texts.append(&mut sent);
    let said = texts.iter().filter_map(|line| line.strip_prefix("> PRIVMSG #general :"));
    assert!(said.eq((1..=20).map(|number| number.to_string())));
}

#[test]
fn a_room_that_was_left_is_not_entered_again() {
    let mut bench = in_room("");
    for room in ["ops", "dev"] {
        bench.typed(&format!("/join {room}"));
        bench.line(&format!(":alice!al@host JOIN #{room}"));
    }
    bench.typed("/part #ops");
    bench.event(Event::Closed("x"));
    bench.typed("too late");
    connected(&mut bench);
    let told = bench.typed("/part #dev");
    assert_eq!(told, ["14:02 !! NOT delivered to #dev: too late", "14:02 -- you left #dev"]);
    assert_eq!(bench.0.current(), Some("#general"));
    assert_eq!(bench.typed("/part #dev"), ["14:02 !! You are not in #dev: /join #dev"]);
    assert_eq!(bench.is_welcomed("alice", "").iter().filter(|it| it.contains("JOIN")).count(), 1);
}

#[test]
fn the_password_of_a_room_is_the_one_it_has_now() {
    let joined = |modes: &str| {
        let mut bench = in_room("");
        bench.line(":s.x 005 alice CHANMODES=beI,k,l,imnst PREFIX=(ov)@+ :are supported");
        bench.line(&format!(":bob!b@h MODE #general {modes}"));
        bench.event(Event::Closed("x"));
        connected(&mut bench);
        let sent = bench.is_welcomed("alice", "");
        sent.into_iter().find(|line| line.contains("JOIN")).unwrap()
    };
    assert_eq!(joined("+lok 5 bob later"), "> JOIN #general later");
    assert_eq!(joined("+k-k later later"), "> JOIN #general");
}

#[test]
fn a_room_that_is_asked_for_later_can_be_left() {
    let mut bench = in_room("");
    bench.typed("/join ops");
    bench.event(Event::Closed("x"));
    assert_eq!(bench.typed("/part #ops"), ["14:02 -- you left #ops"]);
    connected(&mut bench);
    let sent = bench.is_welcomed("alice", "");
    assert_eq!(sent.iter().filter(|line| line.contains("JOIN")).count(), 1);
    bench.line(":s.x 480 alice #general :Cannot join channel (+j)");
    assert_eq!(bench.typed("/part #general"), ["14:02 -- you left #general"]);
    let later = now() + SignedDuration::from_secs(10);
    assert!(bench.0.update(Event::Tick, later).is_empty());
}
