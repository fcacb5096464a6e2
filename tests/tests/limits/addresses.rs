//! How many connections an address may have, and how fast it may make them.

use std::net::Ipv4Addr;

use chat_tests::http::get;
use chat_tests::{Client, Server};

use super::rehash;

#[test]
fn an_address_has_so_many_connections() {
    let server = Server::start("[throttle]\nexempt = []\nconnections_per_address_max = 2\n");
    let first = Client::registered(&server, "first");
    let mut second = Client::registered(&server, "second");
    let mut third = Client::unregistered(&server, "third");
    third.awaits("ERROR :*Too many connections from your address*");
    assert!(third.reads_to_end().is_empty());
    second.is_served();
    drop(first);
    // The place is free once the server has noticed.
    loop {
        let mut next = Client::unregistered(&server, "next");
        // Who is refused may be gone before it has spoken.
        let _ = next.write(b"NICK next\r\nUSER next 0 * :Next\r\n");
        match next.receive().expect("the server answers") {
            Some(line) if line.parts().command == "001" => break,
            Some(line) => assert!(line.as_str().contains("Too many"), "{}", line.as_str()),
            None => {}
        }
    }
}

#[test]
fn an_address_has_so_many_connections_that_say_nothing() {
    let server = Server::start(
        "[throttle]\nexempt = []\nunregistered_per_address_max = 2\nnew_connections_max = 6\n",
    );
    let registered = Client::registered(&server, "alice");
    let silent: Vec<_> = (0..2).map(|_| Client::unregistered(&server, "silent")).collect();
    let mut refused = Client::unregistered(&server, "refused");
    refused.awaits("ERROR :*Too many connections that have not registered*");
    drop(silent);
    // Whoever tries on is too fast in the end.
    loop {
        let mut next = Client::unregistered(&server, "next");
        let _ = next.write(b"QUIT\r\n");
        if next.reads_to_end().iter().any(|line| line.as_str().contains("connects too often")) {
            break;
        }
    }
    drop(registered);
}

/// Registers, from an address of its own.
#[track_caller]
fn registered_from(server: &Server, nickname: &str, address: [u8; 4]) -> Client {
    let mut client = Client::unregistered_from(server, nickname, Ipv4Addr::from(address));
    client.register(&[]).expect("it is let in");
    client
}

#[track_caller]
fn is_refused_from(server: &Server, address: [u8; 4]) {
    let mut client = Client::unregistered_from(server, "refused", Ipv4Addr::from(address));
    client.awaits("ERROR :*Too many connections from your address*");
}

#[test]
fn a_network_may_count_as_one_address() {
    let server = Server::start(
        "[throttle]\nexempt = []\nipv4_prefix = 24\nconnections_per_address_max = 2\n",
    );
    let _first = registered_from(&server, "first", [127, 0, 0, 1]);
    let _second = registered_from(&server, "second", [127, 0, 0, 2]);
    is_refused_from(&server, [127, 0, 0, 3]);
    registered_from(&server, "other", [127, 0, 1, 1]);
}

#[test]
fn who_is_connected_counts_as_the_configuration_is_now() {
    let server = Server::start("");
    let _clients = ["a", "b", "c"].map(|it| registered_from(&server, it, [127, 0, 0, 5]));
    rehash(&server, "[throttle]\nexempt = []\nconnections_per_address_max = 3\n", 1);
    is_refused_from(&server, [127, 0, 0, 5]);
    let _other = registered_from(&server, "d", [127, 0, 0, 6]);
    let wide = "[throttle]\nexempt = []\nipv4_prefix = 24\nconnections_per_address_max = 4\n";
    rehash(&server, wide, 2);
    is_refused_from(&server, [127, 0, 0, 6]);
}

#[test]
fn who_is_told_that_it_is_let_in_is_counted_as_such() {
    // What follows the registration is still waiting when the next one comes.
    let server = Server::start(
        "[throttle]\nexempt = []\nunregistered_per_address_max = 1\nlines_burst = 8\n\
         lines_per_second = 1\n",
    );
    let mut first = Client::unregistered(&server, "first");
    let lines = "NICK first\r\nUSER first 0 * :First\r\n".to_owned() + &"PING x\r\n".repeat(9);
    first.write(lines.as_bytes()).expect("it is read");
    first.awaits("001 …");
    let mut second = Client::unregistered(&server, "second");
    second.says("NICK second");
    second.says("USER second 0 * :Second");
    second.gets("001 …");
}

#[test]
fn a_full_server_does_not_fill_the_log() {
    let server = Server::start("[limits]\nconnections_max = 1\n");
    let _first = Client::registered(&server, "first");
    for _ in 0..50 {
        let mut refused = Client::unregistered(&server, "refused");
        refused.awaits("ERROR :*This server is full*");
    }
    server.awaits_log("49 more refused in 5 seconds: server_full");
    assert_eq!(refused_in_log(&server), 1, "{}", server.log());
}

#[test]
fn refusals_are_counted_by_reason() {
    let server = Server::start("[throttle]\nexempt = []\nconnections_per_address_max = 1\n");
    let _first = registered_from(&server, "first", [127, 0, 0, 7]);
    for _ in 0..9 {
        is_refused_from(&server, [127, 0, 0, 7]);
    }
    let refusals = get(&server, "/metrics", "");
    assert_eq!(refusals.metric("chat_refusals_total{reason=\"address_connections\"}"), 9.0);
    assert_eq!(refused_in_log(&server), 1, "{}", server.log());
}

fn refused_in_log(server: &Server) -> usize {
    server.log().lines().filter(|line| line.contains(" refused: ")).count()
}
