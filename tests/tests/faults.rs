//! What the server does when the system has no more of something, and when clients come and go as
//! roughly as they can.

use std::io::Write as _;
use std::net::TcpStream;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use chat_tests::baseline::Holdings;
use chat_tests::{Client, Server, binaries};
use rusqlite::Connection;
use rustix::net::sockopt::set_socket_linger;
use rustix::process::geteuid;

/// A user of the system that nobody else is.
const USER: u32 = 54_321;
/// The processes and threads that it may have. The server keeps some of them in reserve.
const THREADS_MAX: u32 = 200;
/// Where the limit is put back to: above what any test takes.
const PLENTY: u64 = 500;

#[track_caller]
fn member(server: &Server, name: &str) -> Client {
    Client::member(server, name, "#room", &["echo-message"])
}

/// Two in a room hear each other.
#[track_caller]
fn talk(alice: &mut Client, bob: &mut Client, text: &str) {
    alice.says(&format!("PRIVMSG #room :{text}"));
    alice.awaits(&format!("PRIVMSG #room :{text}"));
    bob.awaits(&format!(":alice!* PRIVMSG #room :{text}"));
}

#[test]
fn without_descriptors_those_who_are_there_go_on() {
    let server = Server::start("");
    let (mut alice, mut bob) = (member(&server, "alice"), member(&server, "bob"));
    let before = Holdings::of(&server, &mut alice);
    let (_, files) = server.threads_and_files();
    server.limit_files(files as u64 + 2);
    let waiting: Vec<Client> =
        (0..20).map(|at| Client::unregistered(&server, &format!("late{at}"))).collect();
    server.awaits_log("can't accept connections at present");
    talk(&mut alice, &mut bob, "still here");
    // What is stored needs no descriptor that was not there.
    bob.says("TOPIC #room :full");
    alice.says("WHOIS bob");
    alice.awaits("318 …");
    server.limit_files(PLENTY);
    // Nobody who waited was lost.
    for mut late in waiting {
        late.register(&[]).expect("it is let in now");
    }
    before.are_restored(&server, &mut alice);
    assert_eq!(server.log().matches("can't accept").count(), 1, "{}", server.log());
}

#[test]
fn without_threads_those_who_come_are_told() {
    if !geteuid().is_root() {
        let _ = writeln!(std::io::stderr(), "not tested: only root can be another user");
        return;
    }
    let server = Server::start_as_user(USER, THREADS_MAX, "");
    let (mut alice, mut bob) = (member(&server, "alice"), member(&server, "bob"));
    let before = Holdings::of(&server, &mut alice);
    let others = Others::as_many_as(THREADS_MAX);
    for at in 0..5 {
        let mut late = Client::unregistered(&server, &format!("late{at}"));
        late.gets("ERROR :Closing Link: * (This server is out of threads, try again later)");
        assert_eq!(late.reads_to_end(), []);
    }
    server.awaits_log("can't start a thread");
    talk(&mut alice, &mut bob, "still here");
    drop(others);
    Client::registered(&server, "late").is_served();
    before.are_restored(&server, &mut alice);
}

/// Other processes of the same user, which use up what it may have.
struct Others(Vec<Child>);

impl Others {
    fn as_many_as(count: u32) -> Self {
        let mut other = Command::new("sleep");
        other.arg("60").uid(USER).gid(USER);
        Self((0..count).map(|_| other.spawn().expect("root has no such limit")).collect())
    }
}

impl Drop for Others {
    fn drop(&mut self) {
        for other in &mut self.0 {
            other.kill().and_then(|()| other.wait()).expect("it is ours");
        }
    }
}

#[test]
fn a_database_that_another_process_has_locked_loses_nothing() {
    let server = Server::start("");
    let (mut alice, mut bob) = (member(&server, "alice"), member(&server, "bob"));
    let mut other = Connection::open(server.data().join("chat.db")).expect("it is a database");
    let locked = |other: &mut Connection| {
        other.execute_batch("BEGIN IMMEDIATE").expect("nobody else writes at this moment");
    };
    // For a moment: who says something waits, and is heard.
    locked(&mut other);
    alice.says("PRIVMSG #room :waits");
    // The queue is read from meanwhile.
    bob.is_served();
    other.execute_batch("COMMIT").expect("it has the lock");
    alice.awaits("PRIVMSG #room waits");
    bob.awaits(":alice!* PRIVMSG #room waits");
    // For long: it is refused, and nobody has seen it.
    locked(&mut other);
    alice.says("PRIVMSG #room :refused");
    alice.awaits("FAIL PRIVMSG TEMPORARILY_UNAVAILABLE #room :*locked*");
    alice.says("TOPIC #room :refused");
    alice.awaits("FAIL TOPIC TEMPORARILY_UNAVAILABLE :*locked*");
    bob.silent().expect("nobody sees what is not stored");
    other.execute_batch("COMMIT").expect("it has the lock");
    talk(&mut alice, &mut bob, "heard again");
    server.awaits_log("what is said is stored again");
    let mut reader = Client::unregistered(&server, "reader");
    let capabilities = ["batch", "draft/chathistory"].map(str::to_owned);
    reader.register(&capabilities).expect("the server lets it in");
    reader.says("JOIN #room");
    reader.says("CHATHISTORY LATEST #room * 10");
    reader.awaits("BATCH * chathistory #room");
    reader.gets("PRIVMSG #room waits");
    reader.gets("PRIVMSG #room :heard again");
    reader.gets("BATCH *");
}

#[test]
fn a_storm_of_resets_leaves_nothing_behind() {
    const CONNECTIONS: usize = 400;
    let server = Server::start("");
    let (mut alice, mut bob) = (member(&server, "alice"), member(&server, "bob"));
    let before = Holdings::of(&server, &mut alice);
    for at in 0..CONNECTIONS {
        let mut storm = TcpStream::connect(server.address()).expect("the server is listening");
        // In every phase: nothing said, half a line, registered and in the room.
        let said = match at % 4 {
            0 => String::new(),
            1 => "NICK sto".to_owned(),
            2 => format!("NICK storm{at}\r\nUSER s 0 * :S\r\n"),
            _ => format!("NICK storm{at}\r\nUSER s 0 * :S\r\nJOIN #room\r\nPRIVMSG #room :hi\r\n"),
        };
        storm.write_all(said.as_bytes()).expect("it is open");
        set_socket_linger(&storm, Some(Duration::ZERO)).expect("a socket can be reset");
    }
    talk(&mut alice, &mut bob, "what was that?");
    before.are_restored(&server, &mut alice);
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

#[test]
fn who_comes_and_goes_does_not_disturb_those_who_talk() {
    let server = Server::start("");
    let mut watcher = Client::registered(&server, "watcher");
    let bench = |mode: &[&str]| {
        let mut bench = Command::new(binaries::chat_bench());
        bench.args(mode).args(["--json", "--pid", &server.pid().to_string()]);
        bench.arg(server.address().to_string()).stdout(Stdio::piped()).stderr(Stdio::piped());
        bench.spawn().expect("chat-bench runs")
    };
    let talking = bench(&["fanout", "--rooms", "5", "--members", "10", "--seconds", "9"]);
    // All fifty are there before others come.
    loop {
        watcher.says("LUSERS");
        let clients = watcher.awaits("255 …");
        if clients.as_str().contains("51 clients") {
            break;
        }
    }
    let churn = bench(&["churn", "--connections", "30", "--seconds", "5"]);
    for process in [churn, talking] {
        let output = process.wait_with_output().expect("it ends by itself");
        let said = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.contains("\"errors\":0"), "{said}{errors}");
    }
}
