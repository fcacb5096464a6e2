//! Passwords typed in a terminal: asked for, and never to be seen.

#![allow(clippy::unwrap_used, reason = "what goes wrong here fails the test")]

mod fake;

use std::net::TcpListener;
use std::path::Path;

use base64ct::{Base64, Encoding};
use chat_tests::Terminal;
use fake::Server;

fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").unwrap()
}

fn chat(listener: &TcpListener, args: &[&str]) -> Terminal {
    let address = listener.local_addr().unwrap().to_string();
    let own = [address.as_str(), "--nick", "bot", "--room", "ops"];
    Terminal::open(Path::new(env!("CARGO_BIN_EXE_chat-client")), &[&own, args].concat())
}

/// The exchange of PLAIN up to the server's answer.
fn expect_plain(server: &mut Server, password: &str) {
    server.expect("AUTHENTICATE PLAIN");
    server.send("AUTHENTICATE +");
    let encoded = Base64::encode_string(format!("\0bot\0{password}").as_bytes());
    server.expect(&format!("AUTHENTICATE {encoded}"));
}

fn shows_none(terminal: &Terminal, secrets: &[&str]) {
    let rows = terminal.rows().join("\n");
    assert!(secrets.iter().all(|secret| !rows.contains(secret)), "{rows}");
}

#[test]
fn a_wrong_password_is_asked_for_again() {
    let listener = listener();
    let mut bot = chat(&listener, &["--account", "bot"]);
    bot.prompts("Password for bot: ");
    bot.types("hunter1\r");
    let mut server = Server::accept(&listener);
    server.negotiate("sasl=PLAIN");
    expect_plain(&mut server, "hunter1");
    server.send(":irc.test 904 bot :SASL authentication failed");
    bot.shows("The account or the password is not right.");
    bot.prompts("Password for bot: ");
    bot.types("hunter2\r");
    expect_plain(&mut server, "hunter2");
    server.send(":irc.test 903 bot :SASL authentication successful");
    server.welcome();
    server.expect("JOIN #ops");
    server.send(":bot!b@host JOIN #ops");
    bot.prompts("#ops> ");
    shows_none(&bot, &["hunter"]);
    bot.types("exit\r");
    server.expect("QUIT");
    drop(server);
    assert!(bot.ends().success());
}

#[test]
fn three_wrong_passwords_are_the_end() {
    let listener = listener();
    let mut bot = chat(&listener, &["--account", "bot", "--password-command", "echo hunter1"]);
    let mut server = Server::accept(&listener);
    server.negotiate("sasl=PLAIN");
    let next = [Some("hunter2"), Some("hunter3"), None];
    for (password, next) in ["hunter1", "hunter2", "hunter3"].into_iter().zip(next) {
        expect_plain(&mut server, password);
        let why = format!("that was number {}", password.trim_start_matches("hunter"));
        server.send(&format!(":irc.test 904 bot :SASL authentication failed: {why}"));
        bot.shows(&why);
        if let Some(next) = next {
            bot.prompts("Password for bot: ");
            bot.types(&format!("{next}\r"));
        }
    }
    server.expect("QUIT");
    drop(server);
    assert_eq!(bot.ends().code(), Some(1));
    shows_none(&bot, &["hunter"]);
}

#[test]
fn a_password_is_changed_or_left_as_it_is() {
    let listener = listener();
    let mut bot = chat(&listener, &[]);
    let mut server = Server::accept(&listener);
    server.register("");
    server.expect("JOIN #ops");
    server.send(":bot!b@host JOIN #ops");
    bot.prompts("#ops> ");
    bot.types("/passwd\r");
    bot.prompts("Old password: ");
    bot.types("\u{3}");
    bot.shows("Nothing was entered, so nothing is done.");
    bot.prompts("#ops> ");
    bot.types("/passwd\r");
    for (question, answer) in
        [("Old password: ", "hunter1"), ("New password: ", "hunter2"), ("Once more: ", "hunter2")]
    {
        bot.prompts(question);
        server.send(":bob!b@host PRIVMSG #ops :meanwhile");
        bot.types(&format!("{answer}\r"));
    }
    server.expect("NS PASSWD hunter1 :hunter2");
    server.send(":NickServ!NickServ@irc.test NOTICE bot :Your password is changed");
    bot.shows_all(&["meanwhile", "-- NickServ: Your password is changed"]);
    bot.prompts("#ops> ");
    bot.types("\u{1b}[A");
    bot.prompts("#ops> ");
    shows_none(&bot, &["hunter"]);
}

#[test]
fn what_was_said_before_stands_above_the_first_prompt() {
    let listener = listener();
    let mut bot = chat(&listener, &["--history", "5"]);
    let mut server = Server::accept(&listener);
    server.register("batch draft/chathistory draft/read-marker message-tags server-time");
    server.expect("JOIN #ops");
    server.send(":bot!b@host JOIN #ops");
    server.send(":irc.test MARKREAD #ops timestamp=2020-01-02T03:04:05.678Z");
    server.expect("CHATHISTORY LATEST #ops * 5");
    server.send(":irc.test BATCH +1 chathistory #ops");
    for (time, text) in [("03:04:05.678", "早上好"), ("03:05:00.000", "\x1b[2Jbot: 你好")] {
        let tags = format!("@batch=1;msgid={time};time=2020-01-02T{time}Z");
        server.send(&format!("{tags} :小明!b@host PRIVMSG #ops :{text}"));
    }
    server.send(":irc.test BATCH -1");
    bot.prompts("#ops> ");
    let rows = bot.rows();
    let shown: Vec<_> = rows.iter().map(|row| row.trim_end()).collect();
    let [.., earlier, first, unread, second, now, prompt] = shown.as_slice() else {
        panic!("{rows:#?}")
    };
    assert!(earlier.ends_with(" -- earlier --") && now.ends_with(" -- now --"), "{rows:#?}");
    assert!(first.ends_with("小明: 早上好") && unread.ends_with("-- 1 unread --"), "{rows:#?}");
    assert!(second.ends_with(" 小明: [2Jbot: 你好") && *prompt == "#ops>", "{rows:#?}");
    bot.types("hi\r");
    server.expect("MARKREAD #ops timestamp=2020-01-02T03:05:00.000Z");
    server.expect("PRIVMSG #ops :hi");
}
