//! What a connection says first decides what it is.

use std::io::{Read, Write};
use std::net::TcpStream;

use chat_tests::server::PATIENCE;
use chat_tests::{Client, Server};

/// What the server answers to these bytes, sent one by one or as one, until it closes.
fn answered(server: &Server, bytes: &[u8], one_by_one: bool) -> String {
    let mut stream = TcpStream::connect(server.address()).expect("the server listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
    stream.set_nodelay(true).expect("a socket can be set up");
    let size = if one_by_one { 1 } else { bytes.len() };
    // The server may have had enough before it has everything.
    let _ = bytes.chunks(size).try_for_each(|chunk| stream.write_all(chunk));
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8(answer).expect("the server answers text")
}

#[test]
fn a_request_of_http_is_answered_by_http() {
    let server = Server::start("");
    for one_by_one in [false, true] {
        let answer = answered(&server, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", one_by_one);
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    }
}

#[test]
fn lines_in_the_body_of_a_request_are_never_heard() {
    let server = Server::start("");
    let mut watcher = Client::registered(&server, "watcher");
    watcher.says("JOIN #general");
    watcher.is_served();
    let lines =
        "NICK mallory\r\nUSER m 0 * :M\r\nJOIN #general\r\nPRIVMSG #general :hi\r\nQUIT\r\n";
    let length = lines.len();
    for method in ["POST", "PUT", "OPTIONS", "post"] {
        let head = format!("{method} / HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n");
        let answer = answered(&server, format!("{head}{lines}").as_bytes(), false);
        assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
        assert!(!answer.contains("mallory"), "{answer}");
    }
    watcher.is_served();
    let silent = watcher.silent();
    assert!(silent.is_ok(), "{silent:?}");
}

#[test]
fn commands_that_begin_like_a_request_are_commands() {
    let server = Server::start("");
    for start in ["GLINE x", "PASS x", "POSTER x", "PUTX", "HEADER"] {
        let text = format!("{start}\r\nNICK alice\r\nUSER a 0 * :A\r\nQUIT\r\n");
        for one_by_one in [false, true] {
            let answer = answered(&server, text.as_bytes(), one_by_one);
            assert!(answer.contains(" 001 alice "), "{start}: {answer}");
        }
    }
}
