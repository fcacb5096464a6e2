//! The server stops in time, whatever its clients and its disk do, and forgets nothing that anybody
//! has seen.

use std::collections::HashSet;
use std::io::Write as _;
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use chat_tests::{Client, Server, administration};
use rusqlite::Connection;
use rustix::net::sockopt::{set_socket_recv_buffer_size, set_socket_send_buffer_size};
use rustix::process::{Resource, Rlimit, Signal, getrlimit, setrlimit};

const CROWD: usize = 1000;
const SENDERS: usize = 4;
/// Messages that a sender has on their way.
const WINDOW: usize = 64;
/// How long a stop may take, whatever happens.
const STOP_MAX: Duration = Duration::from_secs(5);
/// How long nothing more is taken from a client before it counts as waited for.
const STANDSTILL: Duration = Duration::from_millis(500);

#[test]
fn a_thousand_clients_do_not_delay_it_and_no_echo_is_forgotten() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).expect("it is allowed");
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let mut server =
        Server::start_with_data(folder.path(), "[limits]\nsend_queue_bytes_max = 65536\n");
    let mut watcher = member(&server, "watcher");
    let crowd: Vec<TcpStream> = (0..CROWD).map(|at| visitor(&server, at)).collect();
    loop {
        watcher.says("LUSERS");
        if watcher.awaits("255 …").as_str().contains(&format!("{} clients", CROWD + 1)) {
            break;
        }
    }
    let stuck = [stuck(&server, "stuck1"), stuck(&server, "stuck2")];
    let mut senders: Vec<Client> =
        (0..SENDERS).map(|at| member(&server, &format!("sender{at}"))).collect();
    let echoes: Vec<String> = thread::scope(|scope| {
        let talking: Vec<_> = senders
            .iter_mut()
            .enumerate()
            .map(|(at, sender)| scope.spawn(move || talk_until_closed(sender, at)))
            .collect();
        watcher.awaits("PRIVMSG #room *");
        server.signal(Signal::TERM);
        let status = server.wait(STOP_MAX).expect("it ends in time");
        assert!(status.success(), "{status}\n{}", server.log());
        talking.into_iter().flat_map(|it| it.join().expect("it ends with the server")).collect()
    });
    drop((crowd, stuck));
    assert!(echoes.len() > WINDOW, "hardly anything was said");
    let export = ["history", "export", "room", "--format", "text"];
    let stored = administration::succeeds(folder.path(), &export, "");
    let stored: HashSet<&str> =
        stored.lines().filter_map(|line| line.split_whitespace().last()).collect();
    let lost: Vec<_> = echoes.iter().filter(|echo| !stored.contains(echo.as_str())).collect();
    assert!(lost.is_empty(), "{} of {} are lost: {lost:?}", lost.len(), echoes.len());
}

#[test]
fn a_database_that_is_locked_does_not_keep_it_from_ending() {
    let mut server = Server::start("");
    let mut alice = member(&server, "alice");
    let _other = lock_database(&server);
    alice.says("PRIVMSG #room :never stored");
    server.signal(Signal::TERM);
    let status = server.wait(STOP_MAX).expect("it ends in time");
    assert!(status.success(), "{status}\n{}", server.log());
    let seen = alice.reads_to_end();
    assert!(!seen.iter().any(|line| line.parts().command == "PRIVMSG"), "{seen:?}");
}

#[test]
fn nobody_is_let_in_while_it_stops_and_a_second_signal_forces_it() {
    let mut server = Server::start("");
    let mut alice = member(&server, "alice");
    let _other = lock_database(&server);
    // It waits for the disk.
    alice.says("PRIVMSG #room :never stored");
    server.signal(Signal::TERM);
    server.awaits_log("SIGTERM received, shutting down");
    let mut late = Client::unregistered(&server, "late");
    late.gets("ERROR :Closing Link: * (Server shutting down)");
    server.signal(Signal::TERM);
    let status = server.wait(Duration::from_secs(1)).expect("it ends at once");
    assert_eq!(status.code(), Some(1));
}

/// While the connection lasts, the server can't store anything.
fn lock_database(server: &Server) -> Connection {
    let other = Connection::open(server.data().join("chat.db")).expect("it is a database");
    other.execute_batch("BEGIN IMMEDIATE").expect("nobody else writes at this moment");
    other
}

#[track_caller]
fn member(server: &Server, name: &str) -> Client {
    Client::member(server, name, "#room", &["echo-message"])
}

/// Somebody who registers and is never heard of again.
fn visitor(server: &Server, at: usize) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).expect("the server is listening");
    let said = format!("NICK visitor{at}\r\nUSER visitor 0 * :V\r\n");
    stream.write_all(said.as_bytes()).expect("it is open");
    stream
}

/// A member that asks for much and reads nothing, until the server waits for it.
fn stuck(server: &Server, name: &str) -> Client {
    let mut never = member(server, name);
    set_socket_recv_buffer_size(never.stream(), 4096).expect("a buffer can be small");
    set_socket_send_buffer_size(never.stream(), 65536).expect("a buffer can be small");
    never.stream().set_write_timeout(Some(STANDSTILL)).expect("it is not zero");
    while never.write("WHO visitor*\r\n".repeat(50).as_bytes()).is_ok() {}
    never
}

/// Says one thing after the other, and returns what it has seen of it.
fn talk_until_closed(sender: &mut Client, at: usize) -> Vec<String> {
    let own = format!(":sender{at}!");
    let (mut sent, mut echoes) = (0, Vec::new());
    loop {
        while sent - echoes.len() < WINDOW {
            // The server may be gone.
            if sender.send(format!("PRIVMSG #room :{at}-{sent}")).is_err() {
                break;
            }
            sent += 1;
        }
        let Ok(Some(line)) = sender.receive() else { return echoes };
        let parts = line.parts();
        if parts.command == "PRIVMSG" && line.as_str().starts_with(&own) {
            echoes.push(parts.params[1].to_owned());
        }
    }
}
