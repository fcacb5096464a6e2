//! What a browser does by TLS: pages and WebSockets.

use std::iter;

use chat_tests::http::{HttpResponse, send_by_tls};
use chat_tests::web_client::{WebClient, frame, handshake};
use chat_tests::{Certificate, Client, Server, Tls};
use tungstenite::protocol::frame::coding::{Control, OpCode};

use crate::with_certificate;

/// What the server answers by TLS until it closes, which it has to say.
#[track_caller]
fn answered(server: &Server, request: &str) -> HttpResponse {
    let mut stream = send_by_tls(server, &Tls::default(), request.as_bytes());
    HttpResponse::read(&mut stream).expect("the server answers")
}

#[test]
fn a_websocket_by_tls_carries_the_same_chat() {
    let (config, _folder) = with_certificate(&Certificate::new());
    let server = Server::start(&format!("[history]\nenabled = false\n{config}"));
    let own = format!("Origin: https://{}\r\n", server.address());
    let mut alice = Client::registered(&server, "alice");
    alice.says("JOIN #聊天室");
    alice.awaits("366 …");
    for tls in [Tls::version_1_2(), Tls::version_1_3()].map(Tls::as_browser) {
        for subprotocol in ["text.ircv3.net", "binary.ircv3.net"] {
            let mut web = WebClient::open_by_tls(&server, subprotocol, &own, &tls);
            assert_eq!(web.subprotocol.as_deref(), Some(subprotocol));
            web.registers("web");
            alice.says("WHOIS web");
            alice.awaits("671 alice web :*");
            alice.awaits("318 …");
            web.says("JOIN #聊天室");
            web.awaits("366 …");
            web.says("PRIVMSG #聊天室 :你好，世界 🎈");
            alice.awaits(":web!* PRIVMSG #聊天室 :你好，世界 🎈");
            alice.says("PRIVMSG #聊天室 :小明");
            web.gets(":alice!* PRIVMSG #聊天室 :小明");
            web.sends(&frame(OpCode::Control(Control::Ping), b"are you there", true));
            web.is_served();
            assert_eq!(web.pongs, 1);
            web.says("QUIT");
            let (code, last) = web.reads_to_close();
            assert_eq!(code, 1000);
            assert!(last.is_some_and(|line| line.as_str().starts_with("ERROR :")));
            alice.awaits(":web!* QUIT …");
        }
    }
}

#[test]
fn much_at_one_time_comes_by_a_websocket_by_tls_whole_and_in_order() {
    const LINES: usize = 5000;
    let (config, _folder) = with_certificate(&Certificate::new());
    let server = Server::start(&format!("[limits]\nsend_queue_bytes_max = 16777216\n{config}"));
    let mut alice = Client::registered(&server, "alice");
    let mut web = WebClient::open_by_tls(&server, "text.ircv3.net", "", &Tls::default());
    web.registers("web");
    // Each of these lines is a frame, and none ends where a record does.
    let lines = (0..LINES).map(|number| (number, "小".repeat(number % 120)));
    let text: String =
        lines.clone().map(|(number, text)| format!("PRIVMSG web :{number} {text}\r\n")).collect();
    alice.write(text.as_bytes()).expect("the server reads on");
    for (number, text) in lines {
        web.gets(&format!(":alice!* PRIVMSG web :{number} {text}"));
    }
    alice.is_served();
}

#[test]
fn browsers_are_not_asked_for_a_certificate() {
    let (config, _folder) = with_certificate(&Certificate::new());
    let server = Server::start(&config);
    let tls = Tls::showing(&Certificate::new());
    for (tls, is_asked) in [(tls.clone().as_browser(), false), (tls, true)] {
        let mut web = WebClient::open_by_tls(&server, "text.ircv3.net", "", &tls);
        web.registers("web");
        web.says("WHOIS web");
        let answers = iter::from_fn(|| Some(web.receives()));
        let mut answers = answers.take_while(|line| !line.as_str().contains(" 318 "));
        assert_eq!(answers.any(|line| line.as_str().contains(" 276 ")), is_asked);
        web.says("QUIT");
        web.reads_to_close();
    }
}

#[test]
fn pages_of_other_sites_open_no_websocket_by_tls() {
    let (config, _folder) = with_certificate(&Certificate::new());
    let server = Server::start(&config);
    for origin in ["https://evil.example", "null"] {
        let request = handshake(&server, &format!("Origin: {origin}\r\n"));
        assert_eq!(answered(&server, &request).status, 403, "{origin}");
    }
}

#[test]
fn a_page_comes_by_tls() {
    let (config, _folder) = with_certificate(&Certificate::new());
    let server = Server::start(&config);
    let host = server.address();
    let page = answered(&server, &format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"));
    assert_eq!(page.status, 200);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(page.body.contains(&format!("<code>chat-client {host}</code>")), "{}", page.body);
    let length = page.header("content-length").and_then(|length| length.parse().ok());
    assert_eq!(length, Some(page.body.len()));
    let evil = answered(&server, "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    assert_eq!(evil.status, 421, "{evil:?}");
}
