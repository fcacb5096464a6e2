//! Logging in from a pipe, and what a server that remembers adds to it.

#![allow(clippy::unwrap_used, reason = "what goes wrong here fails the test")]

mod fake;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use base64ct::{Base64, Encoding};
use fake::{Client, Server};

const ACCOUNT: [&str; 4] = ["--account", "bot", "--password-command", "echo pencil"];

fn said(text: &str) -> String {
    format!("AUTHENTICATE {}", Base64::encode_string(text.as_bytes()))
}

fn heard(line: &str) -> String {
    let encoded = line.strip_prefix("AUTHENTICATE ").unwrap();
    String::from_utf8(Base64::decode_vec(encoded).unwrap()).unwrap()
}

/// A file with a password that these permissions are for.
fn password_file(directory: &tempfile::TempDir, mode: u32) -> String {
    let path = directory.path().join("password");
    fs::write(&path, "pencil\n").unwrap();
    fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn the_login_comes_before_the_room() {
    let (mut server, mut client) = Server::with_client(&ACCOUNT);
    client.write("deploy done\n");
    client.close_input();
    server.negotiate("echo-message sasl=PLAIN");
    server.expect("AUTHENTICATE PLAIN");
    server.send("AUTHENTICATE +");
    server.expect(&said("\0bot\0pencil"));
    server.send(":irc.test 900 bot bot!b@host bot :You are now logged in as bot");
    server.send(":irc.test 903 bot :SASL authentication successful");
    server.welcome();
    server.lets_in();
    server.expect("PRIVMSG #ops :deploy done");
    server.send(":bot!b@host PRIVMSG #ops :deploy done");
    let ended = server.sees_off(client);
    assert_eq!((ended.status, ended.stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_wrong_password_is_a_failure() {
    let (mut server, mut client) = Server::with_client(&ACCOUNT);
    client.write("never said\n");
    client.close_input();
    server.negotiate("sasl=SCRAM-SHA-256,PLAIN");
    server.expect("AUTHENTICATE SCRAM-SHA-256");
    server.send("AUTHENTICATE +");
    let first = heard(&server.receive());
    let nonce = first.strip_prefix("n,,n=bot,r=").unwrap();
    server.send(&said(&format!("r={nonce}more,s=c2FsdA==,i=4096")));
    assert!(heard(&server.receive()).starts_with(&format!("c=biws,r={nonce}more,p=")));
    server.send(":irc.test 904 bot :SASL authentication failed");
    let ended = server.sees_off(client);
    assert_eq!(ended.status, Some(1));
    assert_eq!(ended.stderr, "chat-client: The account or the password is not right.\n");
}

#[test]
fn a_server_without_accounts_is_not_talked_to() {
    let (mut server, mut client) = Server::with_client(&ACCOUNT);
    client.write("never said\n");
    server.negotiate("echo-message");
    let ended = server.sees_off(client);
    assert_eq!(ended.status, Some(1));
    assert_eq!(ended.stderr, "chat-client: The server has no accounts to log in to.\n");
}

#[test]
fn a_password_file_is_for_its_owner_only() {
    let directory = tempfile::tempdir().unwrap();
    for mode in [0o640, 0o604, 0o660] {
        let path = password_file(&directory, mode);
        let args = ["--account", "bot", "--password-file", &path];
        let ended = Client::start("127.0.0.1:1", &args).wait();
        assert_eq!(ended.status, Some(1));
        assert!(ended.stderr.contains("others may read it"), "{}", ended.stderr);
    }
    let path = password_file(&directory, 0o600);
    let (mut server, client) = Server::with_client(&["--account", "bot", "--password-file", &path]);
    server.negotiate("sasl=PLAIN");
    server.expect("AUTHENTICATE PLAIN");
    server.send("AUTHENTICATE +");
    assert_eq!(heard(&server.receive()), "\0bot\0pencil");
    drop(server);
    assert_eq!(client.wait().status, Some(1));
}

#[test]
fn where_nobody_can_be_asked_the_password_comes_from_elsewhere() {
    let ended = Client::start("127.0.0.1:1", &["--account", "bot"]).wait();
    assert_eq!(ended.status, Some(1));
    assert!(ended.stderr.contains("--password-command or --password-file"), "{}", ended.stderr);
}

#[test]
fn the_history_of_a_room_is_printed_where_it_is_wanted() {
    let capabilities = "batch draft/chathistory message-tags server-time";
    let (mut server, mut client) = Server::with_member(capabilities, &["--history", "2"]);
    client.close_input();
    server.expect("CHATHISTORY LATEST #ops * 2");
    server.send(":irc.test BATCH +1 chathistory #ops");
    for (msgid, text) in [("a", "bot: \x1b[2Jone"), ("b", "two")] {
        let tags = format!("@batch=1;msgid={msgid};time=2020-01-02T03:04:05.678Z");
        server.send(&format!("{tags} :bob!b@host PRIVMSG #ops :{text}"));
    }
    server.send(":irc.test BATCH -1");
    let ended = server.sees_off(client);
    assert_eq!(ended.status, Some(0));
    let lines: Vec<_> = ended.stdout.lines().collect();
    assert_eq!(lines.len(), 5, "{lines:?}");
    assert!(lines[1].ends_with("#ops -- earlier --"));
    assert_eq!(lines[2], "2020-01-02 03:04 #ops bob: bot: [2Jone");
    assert_eq!(lines[3], "2020-01-02 03:04 #ops bob: two");
    assert!(lines[4].ends_with("#ops -- now --"));
}

#[test]
fn a_search_is_waited_for() {
    let capabilities = "batch message-tags server-time soju.im/search";
    let (mut server, mut client) = Server::with_member(capabilities, &["--commands"]);
    client.write("/search from:bob deploy\n");
    client.close_input();
    server.expect("SEARCH in=#ops;from=bob;text=deploy;limit=50");
    server.send(":irc.test BATCH +1 soju.im/search");
    server.send("@batch=1;time=2020-01-02T03:04:05.678Z :bob!b@host PRIVMSG #ops :deploy done");
    server.send(":irc.test BATCH -1");
    let ended = server.sees_off(client);
    assert_eq!(ended.status, Some(0));
    assert!(ended.stdout.contains("2020-01-02 03:04 #ops bob: deploy done\n"), "{}", ended.stdout);
    assert!(ended.stdout.ends_with("-- 1 line found\n"));
}

#[test]
fn lines_that_are_not_confirmed_are_named() {
    let capabilities = "batch chat-server/id echo-message labeled-response";
    let (mut server, mut client) = Server::with_member(capabilities, &[]);
    client.write("one\ntwo\n");
    client.close_input();
    let mut ids = Vec::new();
    for (label, text) in [("1", "one"), ("2", "two")] {
        let line = server.receive();
        let (tags, message) = line.split_once(' ').unwrap();
        assert_eq!(message, format!("PRIVMSG #ops :{text}"));
        let id = tags.strip_prefix(&format!("@label={label};chat-server/id=")).unwrap();
        assert!(id.len() <= 64, "{id}");
        ids.push(id.to_owned());
    }
    assert_ne!(ids[0], ids[1]);
    server.send(&format!("@chat-server/id={} :bot!b@host PRIVMSG #ops :one", ids[0]));
    drop(server);
    let ended = client.wait();
    assert_eq!(ended.status, Some(1));
    assert!(ended.stderr.starts_with("chat-client: NOT delivered to #ops: two\n"));
}

#[test]
fn every_line_that_was_read_is_named() {
    let (mut server, mut client) = Server::with_member("echo-message", &[]);
    client.write(&"again\n".repeat(20));
    client.close_input();
    (0..8).for_each(|_| server.expect("PRIVMSG #ops :again"));
    server.send(":bot!b@host PRIVMSG #ops :again");
    server.expect("PRIVMSG #ops :again");
    drop(server);
    let ended = client.wait();
    assert_eq!(ended.status, Some(1));
    let refused = ended.stderr.matches("NOT delivered to #ops: again\n").count();
    assert_eq!(refused, 8, "{}", ended.stderr);
    assert!(ended.stderr.matches("NOT sent: again\n").count() <= 1);
}

#[test]
fn a_password_is_not_asked_for_in_a_pipe() {
    let (server, mut client) = Server::with_member("sasl=PLAIN", &["--commands"]);
    client.write("/login bot\n");
    client.close_input();
    let ended = server.sees_off(client);
    assert_eq!(ended.status, Some(1));
    assert!(ended.stderr.contains("on a terminal only"), "{}", ended.stderr);
}
