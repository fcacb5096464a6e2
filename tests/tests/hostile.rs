//! Clients that mean harm, or whose network does. After each, the server serves the others and
//! holds nothing that it did not hold before.

use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use chat_tests::baseline::{Holdings, resident_bytes};
use chat_tests::{Client, Server};
use rustix::net::sockopt::{set_socket_linger, set_socket_recv_buffer_size};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

const CROWD: u64 = 10_000;

/// Starts a server and someone who watches it.
fn watched(config: &str) -> (Server, Client, Holdings) {
    let server = Server::start(config);
    let mut watcher = Client::registered(&server, "watcher");
    let before = Holdings::of(&server, &mut watcher);
    (server, watcher, before)
}

#[test]
fn an_endless_line_is_reported_once_and_takes_no_memory() {
    let (server, mut watcher, before) = watched("");
    let memory_before = resident_bytes(&server);
    let mut mallory = Client::registered(&server, "mallory");
    for _ in 0..256 {
        mallory.write(&[b'x'; 64 * 1024]).expect("the server reads on");
    }
    watcher.is_served();
    let grown = resident_bytes(&server).saturating_sub(memory_before);
    assert!(grown < 4 << 20, "16 MiB of one line took {grown} bytes");
    mallory.says("");
    mallory.says("PING after");
    mallory.gets("417 mallory :*");
    mallory.gets("PONG chat.example after");
    drop(mallory);
    before.are_restored(&server, &mut watcher);
}

#[test]
fn bytes_that_are_no_text_end_nothing() {
    let (server, mut watcher, before) = watched("");
    let mut mallory = Client::registered(&server, "mallory");
    let every_byte: Vec<u8> = (0..=255).collect();
    for bytes in [b"\0\r\n", b"\xff\r\n", b"\r\r\n", b"@\r\n", b":\r\n", every_byte.as_slice()] {
        mallory.write(bytes).expect("the server reads on");
    }
    mallory.says("");
    mallory.is_served();
    drop(mallory);
    before.are_restored(&server, &mut watcher);
}

#[test]
fn parameters_without_end_are_no_line() {
    let (server, mut watcher, before) = watched("");
    let mut mallory = Client::registered(&server, "mallory");
    mallory.says(&format!("PRIVMSG{}", " watcher".repeat(10_000)));
    mallory.gets("417 mallory :*");
    mallory.says(&format!("PING{}", " x".repeat(250)));
    mallory.gets("PONG chat.example x");
    drop(mallory);
    before.are_restored(&server, &mut watcher);
}

#[test]
fn a_line_may_come_byte_by_byte() {
    let (server, mut watcher, before) = watched("");
    let mut slow = Client::unregistered(&server, "slow");
    for byte in b"NICK slow\r\nUSER slow 0 * :Slow\r\nPRIVMSG watcher :\xe5\xb0\x8f\r\n" {
        slow.write(&[*byte]).expect("the server reads on");
    }
    slow.awaits("001 slow :*");
    watcher.awaits(":slow!* PRIVMSG watcher :小");
    drop(slow);
    before.are_restored(&server, &mut watcher);
}

#[test]
fn a_reset_in_the_middle_of_a_line_is_a_quit() {
    let (server, mut watcher, before) = watched("");
    watcher.says("JOIN #general");
    watcher.is_served();
    let mut broken = Client::registered(&server, "broken");
    broken.says("JOIN #general");
    broken.is_served();
    broken.write(b"PRIVMSG #general :half a li").expect("the server reads on");
    set_socket_linger(broken.stream(), Some(Duration::ZERO)).expect("a socket can be reset");
    drop(broken);
    watcher.awaits(":broken!* JOIN #general");
    watcher.gets(":broken!* QUIT :*");
    before.are_restored(&server, &mut watcher);
}

#[test]
fn half_closing_is_answered_to_the_end() {
    let (server, mut watcher, before) = watched("");
    let mut half = Client::registered(&server, "half");
    half.says("PRIVMSG watcher :the last");
    half.says("PING last");
    half.stream().shutdown(Shutdown::Write).expect("it was open");
    half.gets("PONG chat.example last");
    half.reads_to_end();
    watcher.awaits(":half!* PRIVMSG watcher :the last");
    before.are_restored(&server, &mut watcher);
}

#[test]
fn registration_has_to_end() {
    let (server, mut watcher, before) = watched("[timeouts]\nregistration_seconds = 1\n");
    let mut silent = Client::unregistered(&server, "silent");
    let mut busy = Client::unregistered(&server, "busy");
    busy.says("NICK busy");
    // Whoever talks is not registered by that.
    while busy.send("PING x").is_ok() {
        match busy.receive() {
            Ok(Some(line)) if line.is_pong("x") => {}
            Ok(Some(line)) => assert!(line.as_str().contains("ERROR :Closing Link"), "{line:?}"),
            _ => break,
        }
    }
    // Who knows what it speaks?
    assert_eq!(silent.reads_to_end(), []);
    before.are_restored(&server, &mut watcher);
}

#[test]
fn who_does_not_answer_pings_is_gone() {
    let (server, mut watcher, before) = watched("[timeouts]\nping_seconds = 1\npong_seconds = 1\n");
    let mut dead = Client::registered(&server, "dead");
    dead.says("JOIN #general");
    watcher.says("JOIN #general");
    // Answering the PINGs that come in between is what keeps the watcher.
    let quit = loop {
        let line = watcher.awaits("* …");
        match line.parts().command {
            "PING" => watcher.says("PONG x"),
            "QUIT" => break line,
            _ => {}
        }
    };
    assert!(quit.as_str().starts_with(":dead!"), "{quit:?}");
    assert!(quit.as_str().contains("Ping timeout"), "{quit:?}");
    dead.awaits("PING …");
    dead.gets("ERROR :Closing Link: *Ping timeout*");
    assert_eq!(dead.reads_to_end(), []);
    before.are_restored(&server, &mut watcher);
}

/// Ten thousand, or as many as this process may have files.
fn connections_max() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let all = Rlimit { current: limit.maximum, maximum: limit.maximum };
    setrlimit(Resource::Nofile, all).expect("the soft limit may be as high as the hard one");
    limit.maximum.map_or(CROWD, |files| CROWD.min(files / 2))
}

#[test]
fn ten_thousand_silent_connections_disturb_nobody() {
    let (server, mut watcher, before) = watched("");
    let count = connections_max();
    let silent: Vec<_> = (0..count)
        .map(|_| TcpStream::connect(server.address()).expect("the server accepts it"))
        .collect();
    let mut newcomer = Client::registered(&server, "newcomer");
    newcomer.is_served();
    watcher.is_served();
    watcher.says("LUSERS");
    watcher.awaits(&format!("253 watcher {count} :*"));
    drop(newcomer);
    drop(silent);
    before.are_restored(&server, &mut watcher);
}

#[test]
fn who_never_reads_delays_nobody() {
    let (server, mut watcher, before) = watched("[limits]\nsend_queue_bytes_max = 65536\n");
    let mut never = Client::registered(&server, "never");
    set_socket_recv_buffer_size(never.stream(), 4096).expect("a buffer can be small");
    never.says("JOIN #general");
    never.is_served();
    let mut talker = Client::registered(&server, "talker");
    talker.says("JOIN #general");
    watcher.says("JOIN #general");
    watcher.awaits("366 …");
    talker.is_served();
    // The kernel buffers megabytes before the server has to.
    let quit = (0..400).find_map(|round| {
        for _ in 0..100 {
            talker.says(&format!("PRIVMSG #general :{}", "x".repeat(400)));
        }
        talker.says(&format!("PRIVMSG #general :round {round}"));
        loop {
            let line = watcher.awaits("* …");
            let parts = line.parts();
            match (parts.command, parts.params.last()) {
                ("QUIT", _) => return Some(line),
                (_, Some(text)) if *text == format!("round {round}") => return None,
                _ => {}
            }
        }
    });
    let quit = quit.expect("what waits for one client has a bound");
    assert!(quit.as_str().starts_with(":never!"), "{quit:?}");
    assert!(quit.as_str().contains("SendQ exceeded"), "{quit:?}");
    // Nothing waits for the slow one to read what the kernel still holds for it.
    drop(talker);
    before.are_restored(&server, &mut watcher);
    drop(never);
}
