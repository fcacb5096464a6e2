//! How the server starts, why it does not, and how it stops.

use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Output;
use std::time::{Duration, Instant};

use chat_tests::server::write_config;
use chat_tests::{Client, Server};
use rustix::process::{Pid, Signal, kill_process};

/// How long the server may take to say goodbye to everyone.
const STOP_MAX: Duration = Duration::from_secs(3);

#[test]
fn signals_end_it_politely() {
    for signal in [Signal::INT, Signal::TERM] {
        let mut server = Server::start("");
        let mut registered = Client::registered(&server, "registered");
        let mut unregistered = Client::unregistered(&server, "unregistered");
        unregistered.is_served();
        registered.is_served();
        server.signal(signal);
        for client in [&mut registered, &mut unregistered] {
            client.gets("ERROR :Closing Link: *");
            assert_eq!(client.reads_to_end(), []);
        }
        let status = server.wait(STOP_MAX).expect("it ends soon");
        assert!(status.success(), "{signal:?}: {status}\n{}", server.log());
    }
}

#[test]
fn what_is_logged_changes_nothing() {
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let address = free.expect("there is a free port").to_string();
    let folder = tempfile::tempdir().expect("there is a place for files");
    let mut quiet = std::process::Command::new(chat_tests::binaries::chat_server())
        .args(["-qq", "--listen", &address, "--data"])
        .arg(folder.path())
        .spawn()
        .expect("the server can be run");
    let until = Instant::now() + STOP_MAX;
    // Nothing is logged that could be waited for.
    while TcpStream::connect(&address).is_err() && Instant::now() < until {
        std::thread::yield_now();
    }
    assert!(quiet.try_wait().expect("it can be asked").is_none(), "it ended by itself");
    kill_process(Pid::from_child(&quiet), Signal::TERM).expect("it runs");
    assert!(quiet.wait().expect("it can be waited for").success());
}

#[test]
fn the_address_is_free_again_at_once() {
    let mut first = Server::start("");
    let address = first.address().to_string();
    let mut client = Client::registered(&first, "client");
    first.signal(Signal::TERM);
    client.reads_to_end();
    first.wait(STOP_MAX).expect("it ends soon");
    let second = Server::start_at(&address, "");
    Client::registered(&second, "client").is_served();
}

#[test]
fn an_address_of_ip_6_can_stand_in_a_source() {
    if TcpListener::bind("[::1]:0").is_err() {
        return;
    }
    let server = Server::start_at("[::1]:0", "");
    let mut client = Client::registered(&server, "client");
    client.says("USERHOST client");
    client.awaits("302 client :client=+~user@0::1");
    client.says("JOIN #general");
    client.awaits(":client!~user@0::1 JOIN #general");
    client.says("WHO client %i");
    client.awaits("354 client 0::1");
}

#[test]
fn an_address_of_ip_4_is_one_wherever_it_comes_in() {
    const MAPPED: &str = "[::ffff:127.0.0.1]:0";
    if TcpListener::bind(MAPPED).is_err() {
        return;
    }
    let server = Server::start_at(MAPPED, "");
    let mut client = Client::registered(&server, "client");
    client.says("WHO client %i");
    client.awaits("354 client 127.0.0.1");
    client.says("JOIN #general");
    client.awaits(":client!~user@127.0.0.1 JOIN #general");
}

#[test]
fn what_clients_say_can_not_command_a_terminal_that_shows_the_log() {
    let mut server = Server::start("");
    let mut client = Client::registered(&server, "client");
    client.says("OPER \x1b]0;owned\x07 \x1b[31m");
    client.says("QUIT :\x1b[31mred\x07 \x7f\u{9b}1m");
    client.reads_to_end();
    server.signal(Signal::TERM);
    server.wait(STOP_MAX).expect("it ends soon");
    let log = server.log();
    assert!(log.contains("owned") && log.contains("red"), "{log:?}");
    let raw = log.chars().find(|character| character.is_control() && *character != '\n');
    assert_eq!(raw, None, "{log:?}");
}

#[test]
fn a_password_is_hashed_for_the_config() {
    let hash = Server::hash_password("open sesame");
    assert!(hash.starts_with("$argon2id$"), "{hash}");
    let server = Server::start(&format!("password = \"{hash}\"\n"));
    let mut right = Client::unregistered(&server, "right");
    right.says("PASS :open sesame");
    right.says("NICK right");
    right.says("USER right 0 * :Right");
    right.awaits("001 right :*");
    let mut wrong = Client::unregistered(&server, "wrong");
    wrong.says("PASS :open sesamE");
    wrong.says("NICK wrong");
    wrong.says("USER wrong 0 * :Wrong");
    wrong.gets("464 …");
    wrong.gets("ERROR :Closing Link: *");
    assert_eq!(wrong.reads_to_end(), []);
}

#[test]
fn an_address_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = taken.local_addr().expect("it is bound").to_string();
    let complaint = refused("", &["--listen", &address]);
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
    assert!(complaint.contains(&address), "{complaint}");
    assert!(complaint.to_lowercase().contains("in use"), "{complaint}");
}

#[test]
fn a_port_that_needs_permission_is_named() {
    // Whoever may bind it can't be refused.
    let bound = TcpListener::bind("127.0.0.1:1").map_err(|error| error.kind());
    if !matches!(bound, Err(ErrorKind::PermissionDenied)) {
        return;
    }
    let complaint = refused("", &["--listen", "127.0.0.1:1"]);
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
    assert!(complaint.contains("127.0.0.1:1"), "{complaint}");
}

#[test]
fn an_address_that_is_not_this_machines_is_named() {
    let complaint = refused("", &["--listen", "192.0.2.1:65432"]);
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
    assert!(complaint.contains("192.0.2.1:65432"), "{complaint}");
}

#[test]
fn an_address_that_is_none_is_named() {
    let complaint = refused("listen = [\"nonsense\"]\n", &[]);
    assert!(complaint.contains("line 4, column 11: listen: "), "{complaint}");
}

#[test]
fn a_key_that_does_not_exist_is_named_with_its_place() {
    let complaint = refused("[limits]\nnickname_chars_maximum = 3\n", &[]);
    assert!(complaint.contains("config.toml"), "{complaint}");
    assert!(complaint.contains("line 5"), "{complaint}");
    assert!(complaint.contains("unknown field `nickname_chars_maximum`"), "{complaint}");
}

#[test]
fn a_value_of_the_wrong_kind_is_named_with_what_was_expected() {
    let complaint = refused("[limits]\nnickname_chars_max = \"many\"\n", &[]);
    assert!(complaint.contains("line 5"), "{complaint}");
    let expected = "nickname_chars_max: invalid type: string, expected";
    assert!(complaint.contains(expected), "{complaint}");
}

#[test]
fn a_value_out_of_bounds_is_named_with_the_bounds() {
    let complaint = refused("[limits]\nnickname_chars_max = 0\n", &[]);
    assert!(complaint.contains("nickname_chars_max"), "{complaint}");
    assert!(complaint.contains("128"), "{complaint}");
}

#[test]
fn a_room_that_can_not_be_is_named() {
    let complaint = refused("[rooms]\ndefault = [\"general\"]\n", &[]);
    assert!(complaint.contains("config.toml"), "{complaint}");
    assert!(complaint.contains("default: number 1 of them is not a room"), "{complaint}");
    assert!(complaint.contains("starts with #"), "{complaint}");
}

#[test]
fn a_config_that_is_not_there_is_named() {
    let complaint = complaint(Path::new("/nonexistent/chat.toml"), &[]);
    assert!(complaint.contains("/nonexistent/chat.toml"), "{complaint}");
}

/// What the server says on stderr when it refuses to start with this configuration.
#[track_caller]
fn refused(config: &str, arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    complaint(&write_config(folder.path(), config), arguments)
}

/// What it says when it ends with status 1.
#[track_caller]
fn complaint(config: &Path, arguments: &[&str]) -> String {
    let Output { status, stderr, .. } = Server::run_to_end(config, arguments);
    let complaint = String::from_utf8(stderr).expect("the complaint is text");
    assert_eq!(status.code(), Some(1), "{complaint}");
    assert!(!complaint.contains("panicked"), "{complaint}");
    complaint
}
