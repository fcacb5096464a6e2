//! Clients that ask for much and read it slowly, or never. The others do not notice.

use std::io::{self, Write};
use std::thread;
use std::time::Duration;

use chat_tests::baseline::Holdings;
use chat_tests::{Client, Server};
use rustix::net::sockopt::{set_socket_recv_buffer_size, set_socket_send_buffer_size};
use rustix::process::Signal;

/// As small as a queue may be: what is in the way of a test is the kernel's.
const SMALL_QUEUES: &str = "[limits]\nsend_queue_bytes_max = 65536\n";
/// How long nothing more is taken from a client before it counts as waited for.
const STANDSTILL: Duration = Duration::from_secs(2);
/// How long the server may take to say goodbye to everyone.
const STOP_MAX: Duration = Duration::from_secs(3);
const PASSWORD_HASH: &str =
    "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$fIbdC2xakJ6cNlONBQKde0ZQtJof49m9l+7mj3O30mA";

/// A client in #general that reads nothing of what it asks for, until the server waits for it.
#[track_caller]
fn stuck(server: &Server) -> Client {
    let mut never = Client::registered(server, "never");
    set_socket_recv_buffer_size(never.stream(), 4096).expect("a buffer can be small");
    set_socket_send_buffer_size(never.stream(), 65536).expect("a buffer can be small");
    never.stream().set_write_timeout(Some(STANDSTILL)).expect("it is not zero");
    never.says("JOIN #general");
    while never.write(questions().as_bytes()).is_ok() {}
    never
}

/// What others are to get is in the same segments as the questions with the long answers.
fn questions() -> String {
    format!("PRIVMSG #general :x\r\n{}", "WHO #general\r\n".repeat(50))
}

/// Asks on and on, however long nothing is taken, until the connection is gone.
fn ask_until_closed(never: &Client) {
    let mut stream = never.stream();
    let is_waiting = |error: &io::Error| {
        matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
    };
    loop {
        match stream.write(questions().as_bytes()) {
            Err(error) if !is_waiting(&error) => return,
            _ => {}
        }
    }
}

#[track_caller]
fn member(server: &Server, name: &str) -> Client {
    Client::member(server, name, "#general", &[])
}

#[test]
fn who_never_reads_its_answers_delays_nobody() {
    let server = Server::start(SMALL_QUEUES);
    let (mut watcher, mut talker) = (member(&server, "watcher"), member(&server, "talker"));
    let before = Holdings::of(&server, &mut watcher);
    let never = stuck(&server);
    watcher.is_served();
    talker.is_served();
    talker.says("PRIVMSG #general :hello");
    watcher.awaits(":talker!* PRIVMSG #general hello");
    // The server need not wait any longer for who is gone.
    drop(never);
    watcher.awaits(":never!* QUIT *");
    before.are_restored(&server, &mut watcher);
}

#[test]
fn who_never_reads_its_answers_is_disconnected() {
    let server = Server::start(&format!("{SMALL_QUEUES}[timeouts]\npong_seconds = 1\n"));
    let mut watcher = member(&server, "watcher");
    let before = Holdings::of(&server, &mut watcher);
    let never = stuck(&server);
    thread::scope(|scope| {
        scope.spawn(|| ask_until_closed(&never));
        watcher.awaits(":never!* QUIT *SendQ*exceeded*");
    });
    before.are_restored(&server, &mut watcher);
    drop(never);
}

#[test]
fn who_never_reads_its_answers_can_be_killed() {
    let oper = format!("[[opers]]\nname = \"admin\"\npassword = \"{PASSWORD_HASH}\"\n");
    let server = Server::start(&format!("{SMALL_QUEUES}{oper}"));
    let mut watcher = member(&server, "watcher");
    watcher.says("OPER admin secret");
    watcher.awaits("381 …");
    let before = Holdings::of(&server, &mut watcher);
    let never = stuck(&server);
    watcher.says("KILL never :read!");
    watcher.awaits(":never!* QUIT *Killed*");
    before.are_restored(&server, &mut watcher);
    drop(never);
}

#[test]
fn who_never_reads_its_answers_does_not_keep_the_server_from_ending() {
    let mut server = Server::start(SMALL_QUEUES);
    let mut watcher = member(&server, "watcher");
    let never = stuck(&server);
    server.signal(Signal::TERM);
    watcher.awaits("ERROR *");
    let status = server.wait(STOP_MAX).expect("it ends soon");
    assert!(status.success(), "{status}\n{}", server.log());
    drop(never);
}

#[test]
fn an_answer_with_a_label_may_be_longer_than_the_queue() {
    const ROOMS: usize = 300;
    let config = format!("{SMALL_QUEUES}rooms_per_user_max = {ROOMS}\n[rooms]\ndefault = []\n");
    let server = Server::start(&config);
    let mut host = Client::registered(&server, "host");
    for at in 0..ROOMS {
        host.says(&format!("JOIN #room{at}"));
        host.says(&format!("TOPIC #room{at} :{}", "x".repeat(380)));
        host.is_served();
    }
    let mut reader = Client::unregistered(&server, "reader");
    let capabilities = ["batch", "labeled-response"].map(str::to_owned);
    reader.register(&capabilities).expect("it is welcomed");
    reader.says("@label=1 LIST");
    let start = reader.awaits("@label=1 BATCH * labeled-response");
    let batch = start.parts().params[0].strip_prefix('+').expect("a batch is opened").to_owned();
    reader.gets(&format!("@batch={batch};!label 321 …"));
    for _ in 0..ROOMS {
        reader.gets(&format!("@batch={batch};!label 322 …"));
    }
    reader.gets(&format!("@batch={batch};!label 323 …"));
    reader.gets(&format!("@!batch BATCH -{batch}"));
    reader.is_served();
}
