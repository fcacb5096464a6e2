//! The real client in a terminal, and connections that end: nothing is missed, nothing is seen twice.

use std::fs::{self, Permissions};
use std::net::SocketAddr;
use std::ops::Range;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use chat_tests::relay::Relay;
use chat_tests::{Client, Server, Terminal, administration, binaries};

/// More than the client fetches at once.
const GAP: usize = 150;

fn chat(address: SocketAddr, arguments: &[&str]) -> Terminal {
    let address = address.to_string();
    let arguments = [&[address.as_str(), "--nick", "alice"], arguments].concat();
    let mut alice = Terminal::open(&binaries::chat_client(), &arguments);
    alice.prompts("#general> ");
    alice
}

fn member(server: &Server, nickname: &str) -> Client {
    let mut member = Client::registered(server, nickname);
    member.says("JOIN #general");
    member.awaits("366 * #general :*");
    member
}

fn says_numbers(bob: &mut Client, numbers: Range<usize>) {
    for number in numbers {
        bob.says(&format!("PRIVMSG #general :number {number}."));
    }
    bob.is_served();
}

/// The numbers of bob in the order in which they were shown.
fn numbers_shown(alice: &mut Terminal) -> Vec<usize> {
    let rows = alice.all_rows();
    let texts = rows.iter().filter_map(|row| row.split_once(" bob: number "));
    let numbers = texts.map(|(_, number)| number.trim_end().trim_end_matches('.').parse());
    numbers.map(|number| number.expect("bob says numbers")).collect()
}

fn shown(alice: &mut Terminal, text: &str) -> usize {
    alice.all_rows().iter().filter(|row| row.contains(text)).count()
}

#[test]
fn a_server_that_is_killed_and_comes_back_costs_nobody_a_line() {
    let mut server = Server::start("");
    let mut bob = member(&server, "bob");
    let mut alice = chat(server.address(), &[]);
    says_numbers(&mut bob, 0..5);
    alice.shows("number 4.");
    for round in 1..=2 {
        server.kill();
        alice.shows("connection lost: ");
        let before = 5 + (round - 1) * GAP;
        server.start_again();
        bob = member(&server, "bob");
        says_numbers(&mut bob, before..before + GAP);
        alice.types("/reconnect\r");
        alice.shows(&format!("number {}.", before + GAP - 1));
    }
    assert_eq!(numbers_shown(&mut alice), (0..5 + 2 * GAP).collect::<Vec<_>>());
    assert_eq!(shown(&mut alice, "connected again to "), 2, "{:#?}", alice.all_rows());
    alice.prompts("#general> ");
    alice.types("hello\r");
    bob.awaits(":alice!* PRIVMSG #general :hello");
}

#[test]
fn what_is_said_while_the_client_comes_back_is_in_its_place() {
    let mut server = Server::start("");
    let relay = Relay::to(&server);
    let mut bob = member(&server, "bob");
    let mut alice = chat(relay.address(), &[]);
    says_numbers(&mut bob, 0..1);
    alice.shows("number 0.");
    server.kill();
    relay.cut();
    alice.shows("connection lost: ");
    server.start_again();
    bob = member(&server, "bob");
    says_numbers(&mut bob, 1..GAP);
    relay.mend();
    alice.types("/reconnect\r");
    let (mut said, mut end) = (GAP, usize::MAX);
    while said < end {
        bob.says(&format!("PRIVMSG #general :number {said}."));
        said += 1;
        let is_back = bob.drain().iter().any(|line| line.parts().command == "JOIN");
        end = if is_back { said + GAP } else { end };
    }
    alice.shows(&format!("number {}.", said - 1));
    assert_eq!(numbers_shown(&mut alice), (0..said).collect::<Vec<_>>());
    assert_eq!(shown(&mut alice, "-- while you were away --"), 1);
}

#[test]
fn a_line_is_said_once_whether_it_was_stored_or_not() {
    let server = Server::start("");
    let mut bob = member(&server, "bob");
    let relay = Relay::to(&server);
    let mut alice = chat(relay.address(), &[]);
    bob.awaits(":alice!* JOIN #general");
    // It is stored, but alice never hears of that.
    relay.deafen();
    alice.types("first\r");
    bob.awaits(":alice!* PRIVMSG #general :first");
    relay.cut();
    bob.awaits(":alice!* QUIT :*");
    alice.shows("1 line is not confirmed: it will be sent again");
    alice.types("second\r");
    alice.shows("sent once there is a connection, to #general: second");
    relay.mend();
    alice.types("/reconnect\r");
    alice.shows_all(&["alice: first", "alice: second"]);
    bob.awaits(":alice!* JOIN #general");
    bob.gets(":alice!* PRIVMSG #general :second");
    bob.is_served();
    assert_eq!(shown(&mut alice, "alice: first"), 1, "{:#?}", alice.all_rows());
    alice.types("exit\r");
    assert!(alice.ends().success());
}

#[test]
fn a_server_that_says_nothing_more_is_noticed() {
    let server = Server::start("");
    let mut bob = member(&server, "bob");
    let relay = Relay::to(&server);
    let mut alice = chat(relay.address(), &["--silence-max", "3"]);
    bob.awaits(":alice!* JOIN #general");
    relay.deafen();
    alice.shows("connection lost: the server does not answer any more");
    relay.cut();
    bob.awaits(":alice!* QUIT :*");
    bob.says("PRIVMSG #general :did you hear?");
    bob.is_served();
    relay.mend();
    alice.types("/reconnect\r");
    alice.shows_all(&["connected again to ", "while you were away", "bob: did you hear?"]);
}

#[test]
fn who_has_an_account_is_itself_again_and_hears_what_it_was_told() {
    let server = Server::start("[accounts]\nscram_iterations = 4096\n");
    administration::succeeds(server.data(), &["account", "add", "alice"], "correcthorse");
    let password = server.data().join("alice.password");
    fs::write(&password, "correcthorse\n").expect("the folder is writable");
    fs::set_permissions(&password, Permissions::from_mode(0o600)).expect("the file is ours");
    let mut bob = member(&server, "bob");
    bob.says("NS REGISTER correcthorse");
    bob.awaits("NOTICE * :The account * is registered");
    let relay = Relay::to(&server);
    let password = password.to_str().expect("the path is text");
    let login = ["--account", "alice", "--password-file", password];
    let mut alice = chat(relay.address(), &login);
    alice.types("/msg NickServ SET ALWAYS-ON ON\r");
    alice.shows("NickServ: Your setting is changed");
    alice.types("/join #dev\r");
    alice.prompts("#dev> ");
    bob.says("PRIVMSG alice :number 0.");
    alice.shows("number 0.");
    relay.cut();
    alice.shows("connection lost: ");
    says_numbers(&mut bob, 1..3);
    bob.says("PRIVMSG alice :number 3.");
    bob.is_served();
    relay.mend();
    alice.types("/reconnect\r");
    alice.shows_all(&["number 1.", "number 2.", "number 3.", "while you were away, with bob"]);
    alice.types("in dev\r/msg bob hello\r");
    bob.awaits(":alice!* PRIVMSG bob :hello");
    alice.shows_all(&["alice: in dev", "alice (to bob): hello"]);
    alice.prompts("#dev> ");
    for number in 0..=3 {
        assert_eq!(shown(&mut alice, &format!("number {number}.")), 1, "{:#?}", alice.all_rows());
    }
}

#[test]
fn the_user_leaves_while_there_is_no_connection() {
    for word in ["exit\r", "/quit\r", "\u{4}"] {
        let mut server = Server::start("");
        let mut alice = chat(server.address(), &[]);
        server.kill();
        alice.shows("connection lost: ");
        alice.types("half a li");
        alice.prompts("#general> half a li");
        alice.types("\u{15}");
        alice.prompts("#general> ");
        alice.types(word);
        assert!(alice.ends().success(), "{word:?}");
    }
}

#[test]
fn who_types_into_a_pipe_comes_back_too() {
    let mut server = Server::start("");
    let client = binaries::chat_client();
    let address = server.address();
    let command = format!("({client:?} {address} --nick kim; echo status $? >&2) | cat");
    let mut kim = Terminal::open(Path::new("sh"), &["-c", &command]);
    kim.shows("in #general (1): kim");
    server.kill();
    kim.shows("connection lost: ");
    kim.types("hello\r");
    kim.shows("sent once there is a connection, to #general: hello");
    server.start_again();
    kim.types("/reconnect\r");
    kim.shows("#general kim: hello");
    server.kill();
    kim.types("exit\r");
    kim.shows("status 0");
    kim.ends();
}

#[test]
fn who_was_sent_away_stays_away() {
    let oper = Server::hash_password("correcthorse");
    let server = Server::start(&format!("[[opers]]\nname = \"admin\"\npassword = \"{oper}\"\n"));
    let mut bob = member(&server, "bob");
    bob.says("OPER admin correcthorse");
    bob.awaits("381 …");
    let mut alice = chat(server.address(), &[]);
    bob.says("KILL alice :enough");
    assert_eq!(alice.ends().code(), Some(1));
    alice.shows("the connection is gone: Closing Link: ");
}
