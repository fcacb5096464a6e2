//! A thread panics in the middle of something: its connection ends, and nobody else notices. The
//! server of these tests panics where it is told to, which no release does.

use std::fs;
use std::path::Path;

use chat_protocol::Message;
use chat_tests::{Client, Server, binaries, http};

/// The next who passes this point panics.
fn arm(faults: &Path, point: &str) {
    fs::write(faults.join(point), "").expect("the folder is writable");
}

#[track_caller]
fn member(server: &Server, name: &str) -> Client {
    Client::member(server, name, "#room", &["echo-message", "message-tags", "server-time"])
}

/// Everything still works in #room, for those who are there and for those who come.
#[track_caller]
fn all_goes_on(server: &Server, bob: &mut Client) {
    bob.says("PRIVMSG #room :still here");
    bob.awaits(":bob!* PRIVMSG #room :still here");
    let mut carol = member(server, "carol");
    carol.says("PRIVMSG #room :hello");
    bob.awaits(":carol!* PRIVMSG #room :hello");
    bob.says("TOPIC #room :calm");
    carol.awaits("TOPIC #room :calm");
    bob.says("RENAME #room #other");
    bob.awaits("366 * #other :*");
    carol.says("PRIVMSG #other :there");
    bob.awaits(":carol!* PRIVMSG #other :there");
    carol.says("QUIT");
    bob.awaits(":carol!* QUIT *");
}

/// One of two in a room does something that panics.
#[track_caller]
fn survives(point: &str, says: &str) {
    let (server, faults) = Server::start_with_faults("");
    let (mut bob, mut alice) = (member(&server, "bob"), member(&server, "alice"));
    bob.says("MODE #room +o alice");
    alice.awaits("MODE #room +o alice");
    bob.is_served();
    arm(&faults, point);
    alice.says(says);
    alice.awaits("ERROR :Closing Link: * (Internal server error)");
    assert_eq!(alice.reads_to_end(), []);
    bob.awaits(":alice!* QUIT :Internal server error");
    server.awaits_log("panicked at crates/chat-server/src/");
    server.awaits_log(&format!("the fault \\\"{point}\\\" was asked for"));
    all_goes_on(&server, &mut bob);
}

#[test]
fn in_a_command() {
    survives("command", "AWAY :for a moment");
}

#[test]
fn while_the_queue_of_what_is_stored_and_the_room_are_locked() {
    survives("say", "PRIVMSG #room :unheard");
}

#[test]
fn while_a_room_is_being_changed() {
    survives("change", "TOPIC #room :unseen");
}

#[test]
fn while_a_name_is_reserved() {
    survives("rename", "RENAME #room #other");
}

#[test]
fn while_a_password_is_hashed() {
    survives("hash", "NS REGISTER correcthorse");
}

#[test]
fn in_the_answer_to_a_request() {
    let (server, faults) = Server::start_with_faults("");
    let mut bob = member(&server, "bob");
    arm(&faults, "http");
    let broken = http::get(&server, "/", "");
    assert_eq!((broken.status, broken.body.as_str()), (500, "Internal server error\n"));
    let metrics = http::get(&server, "/metrics", "");
    assert!((metrics.metric("chat_panics_total") - 1.0).abs() < f64::EPSILON);
    all_goes_on(&server, &mut bob);
}

#[test]
fn in_what_is_stored_for_everybody() {
    let (server, faults) = Server::start_with_faults("");
    let (mut bob, mut alice) = (member(&server, "bob"), member(&server, "alice"));
    bob.is_served();
    arm(&faults, "commit");
    alice.says("PRIVMSG #room :refused");
    alice.awaits("FAIL PRIVMSG TEMPORARILY_UNAVAILABLE #room :*");
    arm(&faults, "show");
    alice.says("PRIVMSG #room :stored and not shown");
    alice.is_served();
    server.awaits_log("messages were stored that could not be shown");
    alice.says("QUIT");
    bob.awaits(":alice!* QUIT *");
    all_goes_on(&server, &mut bob);
}

#[test]
fn in_what_is_sent_to_one_of_many() {
    let (server, faults) = Server::start_with_faults("");
    let (mut bob, mut alice) = (member(&server, "bob"), member(&server, "alice"));
    bob.is_served();
    arm(&faults, "send");
    alice.says("PING x");
    assert_eq!(alice.reads_to_end(), []);
    bob.awaits(":alice!* QUIT *");
    all_goes_on(&server, &mut bob);
}

#[test]
fn in_housekeeping() {
    let (server, faults) = Server::start_with_faults("");
    arm(&faults, "housekeeping");
    server.awaits_log("The thread housekeeping panicked");
    // It goes on all the same, and would panic again.
    arm(&faults, "housekeeping");
    let mut bob = member(&server, "bob");
    while faults.join("housekeeping").exists() {
        bob.is_served();
    }
    all_goes_on(&server, &mut bob);
}

#[test]
fn a_clock_that_is_set_back_changes_no_order() {
    const HOUR_MICROS: i64 = 3_600_000_000;
    let (server, faults) = Server::start_with_faults("");
    let mut bob = member(&server, "bob");
    let mut seen = Vec::new();
    for (at, offset) in [0, -HOUR_MICROS, HOUR_MICROS, 0].into_iter().enumerate() {
        fs::write(faults.join("clock"), offset.to_string()).expect("the folder is writable");
        for number in 0..20 {
            bob.says(&format!("PRIVMSG #room :{at} {number}"));
            let line = bob.awaits(&format!("@time=*;msgid=* PRIVMSG #room :{at} {number}"));
            let message = Message::parse(line.as_str()).expect("a line is a message");
            let tag = |key| message.tags.value(key).expect("it has this tag").into_owned();
            seen.push((tag("time"), tag("msgid")));
        }
    }
    assert!(seen.is_sorted_by(|one, next| one.0 <= next.0 && one.1 != next.1), "{seen:?}");
    let mut ids: Vec<_> = seen.iter().map(|(_, id)| id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), seen.len());
    let mut reader = Client::unregistered(&server, "reader");
    let capabilities = ["batch", "draft/chathistory", "message-tags"].map(str::to_owned);
    reader.register(&capabilities).expect("the server lets it in");
    reader.says("JOIN #room");
    reader.awaits("366 …");
    reader.says("CHATHISTORY LATEST #room * 200");
    for at in 0..4 {
        for number in 0..20 {
            reader.awaits(&format!("PRIVMSG #room :{at} {number}"));
        }
    }
}

#[test]
fn no_release_has_faults() {
    const VARIABLE: &[u8] = b"CHAT_SERVER_FAULTS";
    let has = |binary: &Path| {
        let bytes = fs::read(binary).expect("it is built");
        bytes.windows(VARIABLE.len()).any(|window| window == VARIABLE)
    };
    assert!(has(binaries::chat_server_with_faults()));
    assert!(!has(&binaries::chat_server()));
}
