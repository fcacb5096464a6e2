//! The load generator against the real server: everything arrives once and in order.

use std::process::Command;

use chat_tests::{Server, binaries};

#[test]
fn nothing_is_lost_repeated_or_reordered_in_rooms() {
    runs(&["fanout", "--rooms", "2", "--members", "5", "--senders", "2", "--window", "4"]);
}

#[test]
fn nor_when_half_of_the_members_have_capabilities() {
    runs(&["fanout", "--rooms", "1", "--members", "6", "--senders", "3", "--caps-half"]);
}

#[test]
fn nor_between_two() {
    runs(&["pingpong", "--pairs", "2"]);
}

#[test]
fn everybody_hears_of_everybody_in_a_join_storm() {
    runs(&["join", "--connections", "30", "--storms", "2"]);
}

#[test]
fn who_comes_and_goes_leaves_nothing_behind() {
    runs(&["churn", "--connections", "5"]);
}

#[track_caller]
fn runs(mode: &[&str]) {
    let server = Server::start("");
    let output = Command::new(binaries::chat_bench())
        .args(mode)
        .args(["--json", "--seconds", "1.5", "--pid", &server.pid().to_string()])
        .arg(server.address().to_string())
        .output()
        .expect("chat-bench runs");
    let json = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && json.contains("\"errors\":0"), "{json}{errors}");
}
