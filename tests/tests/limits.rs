//! What one address and one client may do, and that it is nobody else's trouble.

use chat_tests::{Client, Server};

const FLOOD: &str = "[throttle]\nexempt = []\nlines_burst = 20\nlines_per_second = 20\n";
const LINES: usize = 60;

#[test]
fn who_says_too_much_at_once_is_slowed_down_and_heard_whole() {
    let server = Server::start(FLOOD);
    let mut listener = Client::registered(&server, "listener");
    let mut other = Client::registered(&server, "other");
    let mut talker = Client::registered(&server, "talker");
    let lines: String = (0..LINES).map(|line| format!("PRIVMSG listener :{line}\r\n")).collect();
    talker.write(format!("{lines}PING end\r\n").as_bytes()).expect("the server reads on");
    listener.awaits("PRIVMSG listener 0");
    other.is_served();
    other.says("PRIVMSG listener :meanwhile");
    let mut said = vec!["0".to_owned()];
    while said.len() < LINES + 1 {
        said.push(listener.awaits("PRIVMSG listener *").parts().params[1].to_owned());
    }
    assert_ne!(said.last().map(String::as_str), Some("meanwhile"));
    said.retain(|text| text != "meanwhile");
    assert_eq!(said, (0..LINES).map(|line| line.to_string()).collect::<Vec<_>>());
    talker.awaits("PONG * end");
}

#[test]
fn who_never_stops_is_cut_off() {
    let server = Server::start(&format!("{FLOOD}flood_seconds_max = 1\n"));
    let mut talker = Client::registered(&server, "talker");
    talker.write("PING x\r\n".repeat(1000).as_bytes()).expect("it fits the socket's buffer");
    talker.awaits("ERROR :*Excess Flood*");
}

#[test]
fn a_command_counts_for_what_it_takes() {
    let server = Server::start(&format!("{FLOOD}flood_seconds_max = 1\n"));
    let mut asker = Client::registered(&server, "asker");
    asker.write("LIST\r\n".repeat(30).as_bytes()).expect("it fits the socket's buffer");
    asker.awaits("ERROR :*Excess Flood*");
}

#[test]
fn an_operator_is_as_fast_as_it_likes() {
    let hash = Server::hash_password("secret");
    let config = format!(
        "{FLOOD}flood_seconds_max = 1\n[[opers]]\nname = \"admin\"\npassword = \"{hash}\"\n"
    );
    let server = Server::start(&config);
    let mut oper = Client::registered(&server, "oper");
    oper.says("OPER admin secret");
    oper.awaits("381 …");
    oper.write(("PING x\r\n".repeat(2000) + "PING end\r\n").as_bytes()).expect("it is read");
    oper.awaits("PONG * end");
}

#[test]
fn an_address_has_so_many_connections() {
    let server = Server::start("[throttle]\nexempt = []\nconnections_per_address_max = 2\n");
    let first = Client::registered(&server, "first");
    let mut second = Client::registered(&server, "second");
    let mut third = Client::unregistered(&server, "third");
    third.awaits("ERROR :*Too many connections from your address*");
    assert!(third.reads_to_end().is_empty());
    second.is_served();
    drop(first);
    // The place is free once the server has noticed.
    loop {
        let mut next = Client::unregistered(&server, "next");
        // Who is refused may be gone before it has spoken.
        let _ = next.write(b"NICK next\r\nUSER next 0 * :Next\r\n");
        match next.receive().expect("the server answers") {
            Some(line) if line.parts().command == "001" => break,
            Some(line) => assert!(line.as_str().contains("Too many"), "{}", line.as_str()),
            None => {}
        }
    }
}

#[test]
fn an_address_has_so_many_connections_that_say_nothing() {
    let server = Server::start(
        "[throttle]\nexempt = []\nunregistered_per_address_max = 2\nnew_connections_max = 6\n",
    );
    let registered = Client::registered(&server, "alice");
    let silent: Vec<_> = (0..2).map(|_| Client::unregistered(&server, "silent")).collect();
    let mut refused = Client::unregistered(&server, "refused");
    refused.awaits("ERROR :*Too many connections that have not registered*");
    drop(silent);
    // Whoever tries on is too fast in the end.
    loop {
        let mut next = Client::unregistered(&server, "next");
        let _ = next.write(b"QUIT\r\n");
        if next.reads_to_end().iter().any(|line| line.as_str().contains("connects too often")) {
            break;
        }
    }
    drop(registered);
}

#[test]
fn who_is_exempt_has_no_limits() {
    let server = Server::start(
        "[throttle]\nexempt = [\"127.0.0.0/8\"]\nconnections_per_address_max = 1\nlines_burst = 1\n\
         lines_per_second = 1\nflood_seconds_max = 1\n",
    );
    let mut clients: Vec<_> =
        (0..5).map(|at| Client::registered(&server, &format!("client{at}"))).collect();
    for client in &mut clients {
        client.write("PING x\r\n".repeat(100).as_bytes()).expect("it is read");
        client.is_served();
    }
}
