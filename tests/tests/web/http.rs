//! What is answered to whom.

use std::io::{ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use chat_tests::http::{HttpResponse, exchange, get, send};
use chat_tests::web_client::handshake;
use chat_tests::{Client, Server};
use rustix::process::Signal;

fn status(server: &Server, request: &str) -> u16 {
    exchange(server, request.as_bytes()).status
}

#[test]
fn a_page_says_how_to_connect() {
    let server = Server::start("");
    let page = get(&server, "/", "");
    assert_eq!(page.status, 200);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(page.body.contains(&format!("<code>chat-client {}</code>", server.address())));
    let policy = page.header("content-security-policy").unwrap_or_default();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    let length = page.header("content-length").and_then(|length| length.parse().ok());
    assert_eq!(length, Some(page.body.len()));
    let host = server.address();
    let head = format!("HEAD / HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let head = exchange(&server, head.as_bytes());
    assert_eq!(
        (head.status, head.header("content-length"), &*head.body),
        (200, page.header("content-length"), "")
    );
}

#[test]
fn each_request_has_the_status_that_fits() {
    let server = Server::start("");
    let many = "X: y\r\n".repeat(100);
    let long = "x".repeat(20_000);
    for (request, expected) in [
        ("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
        ("GET /healthz?full HTTP/1.0\r\n\r\n", 200),
        ("GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
        ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: localhost\r\nno header\r\n\r\n", 400),
        ("GET nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        ("GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        ("GET /../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        ("GET /ws HTTP/1.1\r\nHost: localhost\r\n\r\n", 426),
        ("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        ("DELETE / HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
        ("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n", 405),
        ("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nNICK eve\n", 413),
        ("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 413),
        (&format!("GET / HTTP/1.1\r\nHost: localhost\r\n{many}\r\n"), 431),
        (&format!("GET /{long} HTTP/1.1\r\nHost: localhost\r\n\r\n"), 431),
        (&format!("GET / HTTP/1.1\r\nHost: localhost\r\nCookie: {long}\r\n\r\n"), 431),
        ("GET / HTTP/3.7\r\nHost: localhost\r\n\r\n", 505),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    ] {
        assert_eq!(status(&server, request), expected, "{request:.60}");
    }
    let refused = exchange(&server, b"PUT / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!(refused.header("allow"), Some("GET, HEAD"));
}

#[test]
fn what_is_sent_by_http_never_comes_to_irc() {
    let server = Server::start("");
    let mut watcher = Client::registered(&server, "watcher");
    // What a page can make a browser send to any address.
    let body = "NICK eve\r\nUSER eve 0 * :Eve\r\nPRIVMSG watcher :hi\r\n";
    for request in [
        format!(
            "POST / HTTP/1.1\r\nHost: {}\r\nContent-Length: 60\r\n\r\n{body}",
            server.address()
        ),
        format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n{body}", server.address()),
        format!("POST / HTTP/1.1\r\n{body}\r\n{body}"),
    ] {
        let answer = exchange(&server, request.as_bytes());
        assert!(answer.status == 200 || answer.status >= 400, "{answer:?}");
        assert!(!answer.body.contains("eve"), "{answer:?}");
    }
    watcher.silent().expect("nobody has said anything");
}

#[test]
fn a_name_that_is_not_the_servers_gets_nothing() {
    let server = Server::start("[http]\nhosts = [\"*.chat.example\", \"proxy\"]\n");
    let ask = |path: &str, host: &str| {
        status(&server, &format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n"))
    };
    for host in ["chat.example", "LOCALHOST:1", "127.0.0.1", "[::1]:6", "www.chat.example", "proxy"]
    {
        assert_eq!((ask("/", host), ask("/metrics", host)), (200, 200), "{host}");
    }
    for host in ["evil.example", "evil.example:65432", "chat.example.evil.example", "127.0.0.1.x"] {
        for path in ["/", "/metrics", "/ws", "/nothing"] {
            assert_eq!(ask(path, host), 421, "{host} {path}");
        }
        assert_eq!(ask("/healthz", host), 200);
    }
    let request = handshake(&server, "").replace(&server.address().to_string(), "evil.example");
    assert_eq!(status(&server, &request), 421);
    let request =
        format!("GET http://evil.example/ HTTP/1.1\r\nHost: {}\r\n\r\n", server.address());
    assert_eq!(status(&server, &request), 421);
}

#[test]
fn another_configuration_counts_at_once() {
    let server = Server::start("");
    let ask = |host: &str| status(&server, &format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"));
    assert_eq!((ask("www.example"), get(&server, "/metrics", "").status), (421, 200));
    server.reconfigure("[http]\nhosts = [\"www.example\"]\n[metrics]\nloopback = false\n");
    server.signal(Signal::HUP);
    server.awaits_log("The configuration has been read again");
    assert_eq!((ask("www.example"), get(&server, "/metrics", "").status), (200, 403));
}

#[test]
fn a_request_has_one_deadline_however_it_trickles() {
    let server = Server::start("[http]\nrequest_seconds = 1\n");
    let start = Instant::now();
    let mut silent = send(&server, b"GET / HTTP/1.1\r\nHost: local");
    let mut trickling = send(&server, b"GET / HTTP/1.1\r\nX: ");
    trickling.set_read_timeout(Some(Duration::from_millis(20))).expect("a timeout can be set");
    let mut answer = Vec::new();
    loop {
        let mut bytes = [0; 512];
        match trickling.read(&mut bytes) {
            Ok(0) => break,
            Ok(count) => answer.extend_from_slice(&bytes[..count]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                trickling.write_all(b"x").expect("the server reads until the deadline");
            }
            Err(error) => panic!("{error} after {answer:?}"),
        }
    }
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert_eq!(HttpResponse::read(&mut silent).expect("an answer").status, 408);
    assert!(start.elapsed() >= Duration::from_secs(1));
}
