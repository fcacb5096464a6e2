//! `/metrics`: who may see them, and that they count what happens.

use std::time::Instant;

use chat_tests::http::{HttpResponse, get};
use chat_tests::server::PATIENCE;
use chat_tests::web_client::WebClient;
use chat_tests::{Client, Server};

fn metrics(server: &Server) -> HttpResponse {
    let answer = get(server, "/metrics", "");
    assert_eq!(answer.status, 200, "{answer:?}");
    answer
}

/// Asks until a number is this: connections end, and are counted, in threads of their own.
#[track_caller]
fn becomes(server: &Server, name: &str, expected: f64) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let value = metrics(server).metric(name);
        if (value - expected).abs() < f64::EPSILON {
            return;
        }
        assert!(Instant::now() < deadline, "{name} is {value} and not {expected}");
    }
}

#[test]
fn they_are_for_this_machine_and_for_who_has_the_token() {
    let token = "0123456789abcdef";
    let bearer = |token: &str| format!("Authorization: Bearer {token}\r\n");
    let open = Server::start(&format!("[metrics]\ntoken = \"{token}\"\n"));
    assert_eq!(get(&open, "/metrics", "").status, 200);
    // A proxy on this machine asks for somebody else.
    let proxied = "X-Forwarded-For: 192.0.2.1\r\n";
    let refused = get(&open, "/metrics", proxied);
    assert_eq!((refused.status, refused.header("www-authenticate")), (401, Some("Bearer")));
    assert_eq!(get(&open, "/metrics", &format!("{proxied}{}", bearer(token))).status, 200);

    let shut = Server::start(&format!("[metrics]\nloopback = false\ntoken = \"{token}\"\n"));
    assert_eq!(get(&shut, "/metrics", &bearer(token)).status, 200);
    assert_eq!(get(&shut, "/metrics", &bearer(token).to_lowercase()).status, 200);
    for headers in [
        String::new(),
        bearer(""),
        bearer("0123456789abcdeg"),
        bearer("0123456789abcdef0"),
        bearer(token).repeat(2),
        format!("Authorization: Basic {token}\r\n"),
    ] {
        assert_eq!(get(&shut, "/metrics", &headers).status, 401, "{headers}");
    }
    assert!(metrics(&open).metric("chat_refusals_total{reason=\"http_unauthorized\"}") >= 1.0);

    let closed = Server::start("[metrics]\nloopback = false\n");
    assert_eq!(get(&closed, "/metrics", &bearer("")).status, 403);
}

#[test]
fn they_count_what_happens() {
    let server = Server::start("");
    let before = metrics(&server);
    let mut alice = Client::registered(&server, "alice");
    let mut bob = WebClient::registered(&server, "bob");
    for line in ["JOIN #room", "PING x"] {
        alice.says(line);
        bob.says(line);
        alice.awaits(if line == "PING x" { "PONG …" } else { "366 …" });
        bob.awaits(if line == "PING x" { "PONG …" } else { "366 …" });
    }
    for _ in 0..3 {
        alice.says("PRIVMSG #room :hello");
    }
    alice.says("NOTICE bob :hello");
    bob.awaits("NOTICE …");
    alice.is_served();
    let _silent = std::net::TcpStream::connect(server.address()).expect("the server is listening");

    let after = metrics(&server);
    let uptime = after.metric("chat_uptime_seconds");
    assert!(uptime > before.metric("chat_uptime_seconds") && uptime < 3600.0, "{uptime}");
    assert!(after.metric("process_start_time_seconds") > 1e9);
    assert!(after.metric("process_threads") > before.metric("process_threads"));
    assert!(after.metric("process_open_fds") > before.metric("process_open_fds"));
    assert!(after.metric("process_resident_memory_bytes") > 1e6);
    let grown = |name: &str| after.metric(name) - before.metric(name);
    let is = |name: &str, expected: f64| assert_eq!(after.metric(name), expected, "{name}");
    is("chat_users", 2.0);
    is("chat_rooms", 2.0);
    is("chat_connections{transport=\"tcp\"}", 1.0);
    is("chat_connections{transport=\"websocket\"}", 1.0);
    is("chat_sessions_total{transport=\"tcp\"}", 1.0);
    is("chat_sessions_total{transport=\"websocket\"}", 1.0);
    is("chat_registrations_total", 2.0);
    is("chat_messages_received_total", 4.0);
    // Nobody has asked for echoes.
    is("chat_deliveries_total{kind=\"message\"}", 4.0);
    // Each sees its own coming, and alice sees bob's.
    is("chat_deliveries_total{kind=\"event\"}", 3.0);
    // Three messages, and two who came. The notice is between people without accounts.
    is("chat_store_records_total", 5.0);
    is("chat_send_queue_bytes", 0.0);
    is("chat_store_queue_records", 0.0);
    assert!(grown("chat_store_commit_duration_seconds_count") >= 1.0);
    assert!(grown("chat_store_commit_duration_seconds_bucket{le=\"+Inf\"}") >= 1.0);
    assert!(grown("chat_store_commit_duration_seconds_sum") > 0.0);
    // NICK, USER, PING, JOIN, PING of both, four messages and a PING of alice.
    is("chat_lines_received_total", 15.0);
    assert!(grown("chat_network_receive_bytes_total") >= 100.0);
    assert!(grown("chat_network_transmit_bytes_total") >= 500.0);
    becomes(&server, "chat_history_entries", 5.0);
    becomes(&server, "chat_connections{transport=\"other\"}", 2.0);

    drop((alice, bob));
    becomes(&server, "chat_connections{transport=\"tcp\"}", 0.0);
    becomes(&server, "chat_connections{transport=\"websocket\"}", 0.0);
    becomes(&server, "chat_users", 0.0);
}

#[test]
fn refusals_are_counted_by_reason() {
    let server = Server::start("[timeouts]\nregistration_seconds = 1\n");
    let refusals = |reason: &str| {
        metrics(&server).metric(&format!("chat_refusals_total{{reason=\"{reason}\"}}"))
    };
    assert_eq!(get(&server, "/", "Broken\r\n").status, 400);
    assert_eq!(refusals("http_malformed"), 1.0);
    assert_eq!(get(&server, "/ws", "Origin: http://evil.example\r\n").status, 426);
    let mut late = Client::unregistered(&server, "late");
    late.says("NICK late");
    late.awaits("ERROR …");
    assert_eq!(refusals("registration_timeout"), 1.0);
}

#[test]
fn the_format_is_what_prometheus_reads() {
    let server = Server::start("");
    let answer = metrics(&server);
    let expected = "text/plain; version=0.0.4; charset=utf-8";
    assert_eq!(answer.header("content-type"), Some(expected));
    let mut described = Vec::new();
    for line in answer.body.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            described.push(rest.split(' ').next().unwrap_or_default().to_owned());
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').expect("a type has a name");
            assert_eq!(Some(name), described.last().map(String::as_str));
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
        } else {
            let (name, value) = line.rsplit_once(' ').expect("a sample has a value");
            let family = described.last().expect("a sample has a head");
            assert!(name.starts_with(family.as_str()), "{line} is not of {family}");
            value.parse::<f64>().unwrap_or_else(|_| panic!("{line}"));
        }
    }
    let count = described.len();
    described.dedup();
    described.sort();
    described.dedup();
    assert_eq!(described.len(), count, "a metric has two heads");
}
