//! The client in a pipe: what it sends, what it prints, and its exit status.

mod fake;

use std::net::TcpListener;

use fake::{Client, Server};

/// A line without the time it starts with.
fn untimed(line: &str) -> &str {
    line.split_once(' ').map_or(line, |(_time, rest)| rest)
}

#[test]
fn an_echo_confirms() {
    let (mut server, mut client) = Server::with_member("echo-message", &[]);
    client.write("deploy done\n");
    client.close_input();
    server.expect("PRIVMSG #ops :deploy done");
    server.send(":bot!b@host PRIVMSG #ops :deploy done");
    let ended = server.sees_off(client);
    assert_eq!((ended.status, ended.stderr.as_str()), (Some(0), ""));
    let lines: Vec<_> = ended.stdout.lines().map(untimed).collect();
    assert_eq!(lines, ["#ops -- you joined #ops", "#ops bot: deploy done"]);
}

#[test]
fn a_label_says_which_message_an_answer_is_for() {
    let capabilities = "batch echo-message labeled-response";
    let (mut server, mut client) = Server::with_member(capabilities, &[]);
    client.write("one\ntwo\n");
    client.close_input();
    server.expect("@label=1 PRIVMSG #ops :one");
    server.expect("@label=2 PRIVMSG #ops :two");
    server.send("@label=2 :bot!b@host PRIVMSG #ops :two");
    server.send("@label=1 FAIL PRIVMSG TOO_FAST #ops :Slow down");
    let ended = server.sees_off(client);
    assert_eq!(ended.status, Some(1));
    assert_eq!(
        ended.stderr,
        "chat-client: #ops: Slow down\nchat-client: NOT delivered to #ops: one\n"
    );
}

#[test]
fn a_pong_confirms_where_there_are_no_echoes() {
    let (mut server, mut client) = Server::with_member("", &[]);
    client.write("deploy done\n");
    client.close_input();
    server.expect("PRIVMSG #ops :deploy done");
    server.confirms(1);
    assert_eq!(server.sees_off(client).status, Some(0));
}

#[test]
fn much_input_waits_for_the_server() {
    let (mut server, mut client) = Server::with_member("", &[]);
    for number in 1..=20 {
        client.write(&format!("line {number}\n"));
    }
    client.close_input();
    let mut received = 0_usize;
    while received < 20 {
        match server.receive().split_once(' ') {
            Some(("PING", token)) => {
                assert!(received.is_multiple_of(8), "{received}");
                server.send(&format!(":irc.test PONG irc.test :{token}"));
            }
            Some((_, text)) => {
                received += 1;
                assert_eq!(text, format!("#ops :line {received}"));
            }
            None => panic!("the client is gone"),
        }
    }
    server.confirms(20);
    assert_eq!(server.sees_off(client).status, Some(0));
}

#[test]
fn without_input_it_joins_and_leaves() {
    let (mut server, mut client) = Server::with_client(&[]);
    client.close_input();
    server.register("");
    server.lets_in();
    assert_eq!(server.sees_off(client).status, Some(0));
}

#[test]
fn a_refused_connection_is_reported() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let ended = Client::start(&free.to_string(), &[]).wait();
    assert_eq!(ended.status, Some(1));
    assert!(ended.stderr.starts_with(&format!("chat-client: cannot connect to {free}: ")));
    assert_eq!(ended.stdout, "");
}

#[test]
fn a_server_that_refuses_the_client_says_why() {
    let (mut server, client) = Server::with_client(&[]);
    server.send(":irc.test 464 * :Password incorrect");
    server.send("ERROR :Closing Link: bad password\x1b[2J");
    (0..3).for_each(|_| drop(server.receive()));
    drop(server);
    let ended = client.wait();
    assert_eq!(ended.status, Some(1));
    assert_eq!(
        ended.stderr,
        "chat-client: The password is not right.\n\
         chat-client: the connection is gone: Closing Link: bad password[2J\n"
    );
}

#[test]
fn a_server_that_goes_away_leaves_messages_unconfirmed() {
    let (mut server, mut client) = Server::with_member("echo-message", &[]);
    client.write("deploy done\n");
    client.close_input();
    server.expect("PRIVMSG #ops :deploy done");
    drop(server);
    let ended = client.wait();
    assert_eq!(ended.status, Some(1));
    assert_eq!(
        ended.stderr,
        "chat-client: NOT delivered to #ops: deploy done\n\
         chat-client: the connection is gone: the server closed it\n"
    );
}

#[test]
fn a_room_that_cannot_be_joined_is_a_failure() {
    let (mut server, mut client) = Server::with_client(&[]);
    client.write("deploy done\n");
    client.close_input();
    server.register("");
    server.expect("JOIN #ops");
    server.send(":irc.test 474 bot #ops :Cannot join channel (+b)");
    let ended = server.sees_off(client);
    assert_eq!(ended.status, Some(1));
    assert_eq!(ended.stderr, "chat-client: You can't join #ops: you are banned.\n");
}

#[test]
fn a_message_that_is_refused_is_a_failure() {
    let (mut server, mut client) = Server::with_member("", &[]);
    client.write("deploy done\n");
    client.close_input();
    server.expect("PRIVMSG #ops :deploy done");
    server.expect("PING sent-1");
    server.send(":irc.test 404 bot #ops :Cannot send to channel (+m)");
    server.send(":irc.test PONG irc.test :sent-1");
    let ended = server.sees_off(client);
    assert_eq!(ended.status, Some(1));
    let said = "chat-client: You can't speak in #ops: Cannot send to channel (+m)\n\
                chat-client: NOT delivered to #ops: deploy done\n";
    assert_eq!(ended.stderr, said);
}

#[test]
fn a_taken_name_gets_an_underscore() {
    let (mut server, mut client) = Server::with_client(&[]);
    client.close_input();
    (0..3).for_each(|_| drop(server.receive()));
    server.send(":irc.test 433 * bot :Nickname is already in use");
    server.expect("NICK bot_");
    server.send(":irc.test 001 bot_ :Welcome");
    server.expect("JOIN #ops");
    server.send(":bot_!b@host JOIN #ops");
    let ended = server.sees_off(client);
    assert_eq!(ended.status, Some(0));
    assert_eq!(ended.stderr, "chat-client: The name bot is taken. Trying bot_.\n");
}

#[test]
fn every_line_is_printed_as_it_arrives() {
    let (mut server, mut client) = Server::with_member("", &[]);
    assert_eq!(untimed(&client.line()), "#ops -- you joined #ops");
    for number in 0..3 {
        server.send(&format!(":bob!b@host PRIVMSG #ops :\x1b[31mnumber\u{202e} {number}\x07"));
        assert_eq!(untimed(&client.line()), format!("#ops bob: [31mnumber {number}"));
    }
    client.close_input();
    assert_eq!(server.sees_off(client).status, Some(0));
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let (mut server, mut client) = Server::with_member("", &[]);
    client.line();
    client.stdout = None;
    server.send(":bob!b@host PRIVMSG #ops :anybody there?");
    let ended = server.sees_off(client);
    assert_eq!((ended.status, ended.stderr.as_str()), (Some(0), ""));
}

#[test]
fn lines_with_slashes_are_text_and_exit_ends_the_input() {
    let (mut server, mut client) = Server::with_member("", &[]);
    client.write("/etc/passwd changed\nEXIT\nnever sent\n");
    server.expect("PRIVMSG #ops :/etc/passwd changed");
    server.confirms(1);
    assert_eq!(server.sees_off(client).status, Some(0));
}

#[test]
fn commands_are_taken_where_they_are_asked_for() {
    let (mut server, mut client) = Server::with_member("", &["--commands"]);
    client.write("/me deploys\n/say exit\n/quit so long\n");
    server.expect("PRIVMSG #ops :\x01ACTION deploys\x01");
    server.expect("PRIVMSG #ops :exit");
    server.confirms(2);
    server.expect("QUIT :so long");
    drop(server);
    assert_eq!(client.wait().status, Some(0));
}

#[test]
fn text_for_a_room_waits_until_it_is_joined_and_goes_to_no_other() {
    let (mut server, mut client) = Server::with_member("", &["--commands"]);
    client.write("/join dev\nfor dev\n/join secret\nfor the secret room\n");
    client.close_input();
    server.expect("JOIN #dev");
    server.send(":bot!b@host JOIN #dev");
    server.expect("PRIVMSG #dev :for dev");
    server.expect("JOIN #secret");
    server.send(":irc.test 475 bot #secret :Cannot join channel (+k)");
    server.confirms(1);
    let ended = server.sees_off(client);
    assert_eq!(ended.status, Some(1));
    assert_eq!(ended.stderr, "chat-client: You can't join #secret: it needs the right key.\n");
}

#[test]
fn a_line_of_any_length_is_sent_whole() {
    let (mut server, mut client) = Server::with_member("", &[]);
    client.ignore_output();
    let long = "小明说你好".repeat(5000);
    client.write(&format!("{long}\n"));
    client.close_input();
    let mut received = String::new();
    while received.len() < long.len() {
        let line = server.receive();
        if let Some(token) = line.strip_prefix("PING ") {
            server.send(&format!(":irc.test PONG irc.test :{token}"));
            continue;
        }
        assert!(format!(":bot!b@host {line}\r\n").len() <= 512);
        received.push_str(line.strip_prefix("PRIVMSG #ops :").unwrap());
    }
    assert_eq!(received, long);
    assert!(server.receive().starts_with("PING sent-"));
    drop(server);
    assert_eq!(client.wait().status, Some(1));
}

#[test]
fn what_a_server_calls_a_batch_does_nothing_to_the_terminal() {
    let (mut server, mut client) = Server::with_member("batch", &[]);
    (0..=32).for_each(|number| server.send(&format!(":irc.test BATCH +\x1b[2J{number} x")));
    client.close_input();
    let ended = server.sees_off(client);
    assert_eq!(ended.status, Some(0));
    assert!(ended.stderr.contains("\\u{1b}[2J0 is given up"), "{}", ended.stderr);
}
