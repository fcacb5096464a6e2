//! WebSocket clients that mean harm. The server closes with the code that fits, serves the others,
//! and holds nothing that it did not hold before.

use std::io::Write;

use chat_tests::baseline::{Holdings, resident_bytes};
use chat_tests::web_client::{WebClient, frame};
use chat_tests::{Client, Server};
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};

const TEXT: OpCode = OpCode::Data(Data::Text);
const BINARY: OpCode = OpCode::Data(Data::Binary);
const CONTINUE: OpCode = OpCode::Data(Data::Continue);

fn watched(config: &str) -> (Server, Client, Holdings) {
    let server = Server::start(config);
    let mut watcher = Client::registered(&server, "watcher");
    let before = Holdings::of(&server, &mut watcher);
    watcher.is_served();
    (server, watcher, before)
}

#[test]
fn frames_that_are_not_allowed_are_answered_with_their_code() {
    let (server, mut watcher, before) = watched("");
    let big = vec![b'x'; 20_000];
    let pieces = [vec![b'x'; 9000], vec![b'x'; 9000]];
    for (name, bytes, code) in [
        ("unmasked", b"\x81\x06PING x".to_vec(), 1002),
        ("compressed", [&[0xc1], &frame(TEXT, b"PING x", true)[1..]].concat(), 1002),
        ("reserved", [&[0x83], &frame(TEXT, b"PING x", true)[1..]].concat(), 1002),
        ("nothing", frame(CONTINUE, b"PING x", true), 1002),
        ("long-ping", frame(OpCode::Control(Control::Ping), &[0; 126], true), 1002),
        ("half-ping", frame(OpCode::Control(Control::Ping), b"", false), 1002),
        ("latin-1", frame(TEXT, b"PRIVMSG watcher :caf\xe9", true), 1007),
        ("cut", frame(TEXT, "PRIVMSG watcher :小".as_bytes().split_at(19).0, true), 1007),
        ("big", frame(TEXT, &big, true), 1009),
        ("announced", b"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0".to_vec(), 1009),
        (
            "piecewise",
            [frame(BINARY, &pieces[0], false), frame(CONTINUE, &pieces[1], true)].concat(),
            1009,
        ),
    ] {
        let mut web = WebClient::registered(&server, name);
        web.sends(&bytes);
        let (closed, last) = web.reads_to_close();
        assert_eq!(closed, code, "{name}");
        assert!(last.is_some_and(|line| line.as_str().starts_with("ERROR :Closing Link")));
    }
    watcher.silent().expect("none of it was a message");
    before.are_restored(&server, &mut watcher);
}

#[test]
fn what_only_the_line_is_too_long_for_is_answered() {
    let (server, _, _) = watched("");
    let mut web = WebClient::registered(&server, "web");
    web.says(&format!("PRIVMSG watcher :{}", "x".repeat(10_000)));
    web.gets("417 web :*");
    web.says(&format!("PING {}", "x".repeat(510 - 5)));
    web.awaits("PONG …");
    // Bytes that are no text may come in a message that need not be text.
    web.sends(&frame(BINARY, b"PRIVMSG watcher :caf\xe9", true));
    web.gets("FAIL PRIVMSG INVALID_UTF8 :*");
    // Lines within a message are lines.
    web.says("PING one\r\nPING two");
    web.gets("PONG chat.example one");
    web.gets("PONG chat.example two");
}

#[test]
fn a_frame_that_does_not_end_does_not_outlast_registration() {
    let (server, mut watcher, before) = watched("[timeouts]\nregistration_seconds = 1\n");
    let mut half = WebClient::open(&server, "text.ircv3.net", "");
    half.sends(&frame(TEXT, b"NICK half", true)[..9]);
    let mut silent = WebClient::open(&server, "text.ircv3.net", "");
    let mut pinging = WebClient::open(&server, "text.ircv3.net", "");
    pinging.sends(&frame(OpCode::Control(Control::Ping), b"", true));
    let empty = frame(CONTINUE, b"", false);
    let mut endless = WebClient::open(&server, "text.ircv3.net", "");
    endless.sends(&frame(TEXT, b"NICK endless", false));
    endless.sends(&empty.repeat(1000));
    for client in [&mut half, &mut silent, &mut pinging, &mut endless] {
        let (code, last) = client.reads_to_close();
        assert_eq!(code, 1000);
        assert!(last.is_some_and(|line| line.as_str().contains("Registration timed out")));
    }
    before.are_restored(&server, &mut watcher);
}

#[test]
fn pings_without_end_take_no_memory() {
    let (server, mut watcher, before) = watched("");
    let web = WebClient::registered(&server, "web");
    let memory_before = resident_bytes(&server);
    let pings = frame(OpCode::Control(Control::Ping), &[b'x'; 125], true).repeat(100);
    // What is not read comes back into the way of what is sent, in the end: then it is enough.
    let mut stream = web.stream();
    let timeout = Some(std::time::Duration::from_millis(200));
    stream.set_write_timeout(timeout).expect("a timeout can be set");
    let sent = (0..2000).take_while(|_| stream.write_all(&pings).is_ok()).count();
    assert!(sent > 10, "{sent}");
    watcher.is_served();
    let grown = resident_bytes(&server).saturating_sub(memory_before);
    assert!(grown < 4 << 20, "{} pings took {grown} bytes", sent * 100);
    drop(web);
    before.are_restored(&server, &mut watcher);
}

#[test]
fn who_never_reads_is_cut_off() {
    let (server, mut watcher, before) =
        watched("[limits]\nsend_queue_bytes_max = 65536\n[history]\nenabled = false\n");
    let mut never = WebClient::registered(&server, "never");
    rustix::net::sockopt::set_socket_recv_buffer_size(never.stream(), 4096)
        .expect("a buffer can be small");
    never.says("JOIN #general");
    never.awaits("366 …");
    watcher.says("JOIN #general");
    watcher.awaits("366 …");
    let text = "x".repeat(400);
    let quit = (0..400).find_map(|round| {
        (0..100).for_each(|_| watcher.says(&format!("PRIVMSG #general :{text}")));
        watcher.says(&format!("PING {round}"));
        let line = watcher.awaits_any(&["QUIT …", &format!("PONG * {round}")]);
        Some(line).filter(|line| line.parts().command == "QUIT")
    });
    let quit = quit.expect("what waits for one client has a bound");
    assert!(quit.as_str().contains("SendQ exceeded"), "{quit:?}");
    before.are_restored(&server, &mut watcher);
    drop(never);
}
