//! How fast one client goes, whatever it says.

use std::io::Write;

use chat_tests::web_client::{WebClient, frame};
use chat_tests::{Client, Server};
use tungstenite::protocol::frame::coding::{Control, OpCode};

use super::rehash;

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

#[test]
fn bytes_that_make_no_line_are_slowed_down_as_well() {
    let server = Server::start(&format!("{FLOOD}flood_seconds_max = 1\n"));
    let mut talker = Client::registered(&server, "talker");
    talker.write(&[b'x'; 200 * 1024]).expect("it fits the socket's buffer");
    talker.awaits("ERROR :*Excess Flood*");
}

#[test]
fn a_long_line_is_no_flood() {
    let server = Server::start(&format!("{FLOOD}flood_seconds_max = 1\n"));
    let mut talker = Client::registered(&server, "talker");
    let text = "x".repeat(450);
    talker.write(format!("PRIVMSG talker :{text}\r\n").repeat(10).as_bytes()).expect("it is read");
    talker.is_served();
}

#[test]
fn a_list_counts_for_each_of_its_items() {
    let server = Server::start(&format!("{FLOOD}flood_seconds_max = 1\n"));
    let mut joiner = Client::registered(&server, "joiner");
    let rooms: Vec<String> = (0..10).map(|at| format!("#r{at}")).collect();
    let line = format!("JOIN {}\r\n", rooms.join(","));
    joiner.write(line.repeat(10).as_bytes()).expect("it fits the socket's buffer");
    joiner.awaits("ERROR :*Excess Flood*");
}

#[test]
fn frames_that_hold_no_lines_are_slowed_down_as_well() {
    let server = Server::start(&format!("{FLOOD}flood_seconds_max = 1\n"));
    let mut talker = WebClient::registered(&server, "talker");
    let ping = frame(OpCode::Control(Control::Ping), b"", true);
    talker.stream().write_all(&ping.repeat(1000)).expect("it fits the socket's buffer");
    let (_, last) = talker.reads_to_close();
    let last = last.expect("it is told why");
    assert!(last.as_str().contains("Excess Flood"), "{}", last.as_str());
}

#[test]
fn who_is_connected_follows_what_is_exempt() {
    let exempt = FLOOD.replace("exempt = []", "exempt = [\"127.0.0.1\"]");
    let [exempt, limited] = [&exempt, FLOOD].map(|it| format!("{it}flood_seconds_max = 1\n"));
    let server = Server::start(&limited);
    let mut client = Client::registered(&server, "client");
    rehash(&server, &exempt, 1);
    client.write("PING x\r\n".repeat(1000).as_bytes()).expect("it is read");
    client.is_served();
    rehash(&server, &limited, 2);
    client.write("PING x\r\n".repeat(1000).as_bytes()).expect("it fits the socket's buffer");
    client.awaits("ERROR :*Excess Flood*");
}
