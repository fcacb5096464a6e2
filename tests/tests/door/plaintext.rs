//! Who comes without TLS from elsewhere is told why that is not taken. A proxy says that it comes from
//! elsewhere.

use std::io::{Read, Write};
use std::net::TcpStream;

use chat_tests::Server;
use chat_tests::server::PATIENCE;

use crate::proxy::{BEHIND_PROXY, spoken_for};

const ELSEWHERE: &str = "PROXY TCP4 192.0.2.7 192.0.2.1 1000 2000\r\n";

#[test]
fn irc_is_refused_in_words() {
    let server = Server::start(BEHIND_PROXY);
    let mut client = spoken_for(&server, "client", ELSEWHERE.as_bytes());
    client.says("NICK client");
    client.gets("ERROR :Closing Link: chat.example (This server takes no connections without TLS*");
    assert_eq!(client.reads_to_end(), []);
    server.awaits_log("tls.plaintext would let it in");
    let mut near = spoken_for(&server, "near", b"PROXY TCP4 127.9.9.9 127.0.0.1 1 2\r\n");
    near.register(&[]).expect("it is on this machine");
}

#[test]
fn http_is_refused_by_http() {
    let server = Server::start(BEHIND_PROXY);
    let mut stream = TcpStream::connect(server.address()).expect("the server listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
    let request = format!("{ELSEWHERE}GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("the server listens");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the server answers and closes");
    assert!(answer.starts_with("HTTP/1.1 403 ") && answer.contains("https"), "{answer}");
}

#[test]
fn it_can_be_taken_from_everywhere() {
    let server = Server::start(&format!("{BEHIND_PROXY}[tls]\nplaintext = \"everywhere\"\n"));
    let mut client = spoken_for(&server, "client", ELSEWHERE.as_bytes());
    client.register(&[]).expect("it may come from everywhere");
    client.says("WHOIS client");
    client.awaits("338 client client 192.0.2.7 :*");
}

#[test]
fn who_can_be_sent_to_tls_may_ask_where_it_is() {
    let server =
        Server::start(&format!("{BEHIND_PROXY}[tls]\nsts_seconds = 3600\nsts_port = 6697\n"));
    let client = || spoken_for(&server, "client", ELSEWHERE.as_bytes());
    for last in ["USER x 0 * :X", "PASS secret", "AUTHENTICATE PLAIN", "REGISTER x * secret123"] {
        let mut client = client();
        client.says("CAP LS 302");
        client.awaits("CAP * LS :*sts=port=6697,duration=3600*");
        client.says("NICK client");
        client.says(last);
        if last.starts_with("USER") {
            client.says("CAP END");
        }
        client.gets("ERROR :*connect by TLS*");
        assert_eq!(client.reads_to_end(), [], "{last}");
    }
    let mut asking = client();
    asking.says("CAP REQ sts");
    asking.gets("CAP * NAK sts");
}
