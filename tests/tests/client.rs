//! The real client in a terminal and in a pipe, with the real server.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use chat_tests::server::PATIENCE;
use chat_tests::{Client, Server, Terminal, binaries};
use rustix::process::Signal;

/// A server, and someone in a room whose lines are seen as they are on the wire.
fn with_friend(nickname: &str, room: &str) -> (Server, Client) {
    let server = Server::start("");
    let mut friend = Client::registered(&server, nickname);
    friend.says(&format!("JOIN {room}"));
    friend.is_served();
    (server, friend)
}

fn chat(server: &Server, arguments: &[&str]) -> Terminal {
    let address = server.address().to_string();
    let arguments = [&[address.as_str()], arguments].concat();
    Terminal::open(&binaries::chat_client(), &arguments)
}

#[test]
fn a_conversation() {
    let (server, mut bob) = with_friend("bob", "#general");
    let mut alice = chat(&server, &["--nick", "alice"]);
    alice.prompts("#general> ");
    alice.types("hello\r");
    bob.awaits(":alice!* PRIVMSG #general :hello");
    bob.says("PRIVMSG #general :hi alice");
    alice.shows("bob: hi alice");
    alice.prompts("#general> ");
}

#[test]
fn what_is_being_typed_stays_while_messages_arrive() {
    let (server, mut bob) = with_friend("bob", "#general");
    let mut alice = chat(&server, &["--nick", "alice"]);
    alice.prompts("#general> ");
    alice.types("half a li");
    alice.prompts("#general> half a li");
    for number in 1..=200 {
        bob.says(&format!("PRIVMSG #general :message {number}."));
    }
    alice.shows("message 200.");
    alice.prompts("#general> half a li");
    let rows = alice.rows();
    let (prompt, messages) = rows.split_last().expect("there is a prompt");
    assert_eq!(prompt.trim_end(), "#general> half a li");
    assert!(messages.len() > 20, "{rows:#?}");
    for (row, number) in messages.iter().rev().zip((1..=200).rev()) {
        assert!(row.ends_with(&format!("bob: message {number}.")), "{rows:#?}");
    }
    alice.types("ne\r");
    bob.awaits(":alice!* PRIVMSG #general :half a line");
}

#[test]
fn names_rooms_and_messages_in_chinese() {
    let (server, mut friend) = with_friend("李雷", "#聊天室");
    let mut alice = chat(&server, &["--nick", "小明", "--room", "聊天室"]);
    alice.prompts("#聊天室> ");
    alice.types("大家好");
    alice.prompts("#聊天室> 大家好");
    alice.types("\r");
    friend.awaits(":小明!* PRIVMSG #聊天室 :大家好");
    friend.says("PRIVMSG #聊天室 :你好，小明！");
    alice.shows_all(&["小明: 大家好", "李雷: 你好，小明！"]);
    alice.prompts("#聊天室> ");
}

#[test]
fn exit_in_any_case_leaves() {
    for word in ["exit\r", "EXIT\r", "  Exit \r", "\u{4}"] {
        let (server, mut bob) = with_friend("bob", "#general");
        let mut alice = chat(&server, &["--nick", "alice"]);
        alice.prompts("#general> ");
        alice.types(word);
        assert!(alice.ends().success(), "{word:?}");
        let quit = bob.awaits(":alice!* QUIT :*");
        assert!(
            quit.as_str().contains("Client quit") || quit.as_str().contains("Quit:"),
            "{quit:?}"
        );
    }
}

#[test]
fn the_word_exit_can_be_said() {
    let (server, mut bob) = with_friend("bob", "#general");
    let mut alice = chat(&server, &["--nick", "alice"]);
    alice.prompts("#general> ");
    alice.types("/say exit\r");
    bob.awaits(":alice!* PRIVMSG #general :exit");
    alice.prompts("#general> ");
    alice.types("exit now\r");
    bob.awaits(":alice!* PRIVMSG #general :exit now");
}

#[test]
fn a_name_is_asked_for_and_another_if_it_is_taken() {
    let (server, mut bob) = with_friend("bob", "#general");
    let mut alice = chat(&server, &[]);
    alice.prompts("Name [tester]: ");
    alice.types("bob\r");
    alice.prompts("Another name: ");
    alice.types("alice\r");
    alice.prompts("#general> ");
    bob.awaits(":alice!* JOIN #general");
}

#[test]
fn remote_text_can_not_command_the_terminal() {
    let (server, mut bob) = with_friend("bob", "#general");
    let mut alice = chat(&server, &["--nick", "alice"]);
    alice.prompts("#general> ");
    bob.says("PRIVMSG #general :first");
    alice.shows("bob: first");
    bob.says("PRIVMSG #general :\x1b[2J\x1b[1;1Hsecond\x1b[31m\x07\u{9b}2J\u{202e}");
    bob.says("TOPIC #general :\x1b[2J");
    bob.says("PRIVMSG #general :third");
    alice.shows_all(&["bob: first", "second", "bob: third"]);
    alice.prompts("#general> ");
}

#[test]
fn a_server_that_goes_away_ends_a_client_that_does_not_reconnect() {
    let (mut server, _bob) = with_friend("bob", "#general");
    let mut alice = chat(&server, &["--nick", "alice", "--no-reconnect"]);
    alice.prompts("#general> ");
    alice.types("half a li");
    alice.prompts("#general> half a li");
    server.signal(Signal::TERM);
    assert_eq!(alice.ends().code(), Some(1));
    alice.shows("the connection is gone");
    server.wait(PATIENCE).expect("it ends");
}

#[test]
fn a_line_from_a_pipe_is_said_and_the_client_leaves() {
    let (server, mut bob) = with_friend("bob", "#ops");
    let ended = piped(&server, &["--room", "ops", "--nick", "bot"], "deploy done\nall well\n");
    assert!(ended.status.success(), "{ended:?}");
    bob.awaits(":bot!* JOIN #ops");
    bob.gets(":bot!* PRIVMSG #ops :deploy done");
    bob.gets(":bot!* PRIVMSG #ops :all well");
    bob.gets(":bot!* QUIT :*");
}

#[test]
fn what_a_room_refuses_is_an_error_of_the_pipe() {
    let (server, mut bob) = with_friend("bob", "#ops");
    bob.says("MODE #ops +m");
    bob.is_served();
    let ended = piped(&server, &["--room", "ops", "--nick", "bot"], "deploy done\n");
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    assert!(String::from_utf8_lossy(&ended.stderr).contains("#ops"), "{ended:?}");
}

#[test]
fn no_server_is_an_error_that_says_where() {
    let mut server = Server::start("");
    let address = server.address().to_string();
    server.signal(Signal::TERM);
    server.wait(PATIENCE).expect("it ends");
    let ended = piped(&server, &["--nick", "bot"], "x\n");
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    assert!(String::from_utf8_lossy(&ended.stderr).contains(&address), "{ended:?}");
}

fn piped(server: &Server, arguments: &[&str], input: &str) -> Output {
    let mut client = Command::new(binaries::chat_client())
        .arg(server.address().to_string())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the client starts");
    let mut stdin = client.stdin.take().expect("it is piped");
    // A client that gives up does not read.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    client.wait_with_output().expect("the client ends")
}
