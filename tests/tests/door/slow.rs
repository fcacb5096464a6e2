//! Bytes that trickle in make nobody wait longer: until it has registered, a connection has one
//! deadline.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use chat_tests::baseline::Holdings;
use chat_tests::server::PATIENCE;
use chat_tests::{Certificate, Client, Server, Tls};
use rustls::ClientConnection;

use crate::with_certificate;

/// How long a byte of the trickle waits for the one before.
const PACE: Duration = Duration::from_millis(20);
/// The deadline is a second; the rest is for a machine that is busy.
const OVER_MAX: Duration = Duration::from_secs(5);

/// Sends bytes one by one, again and again, until the server closes.
#[track_caller]
fn trickles(mut stream: impl Read + Write, bytes: &[u8]) {
    let since = Instant::now();
    let mut answer = [0; 512];
    for byte in bytes.iter().cycle() {
        if stream.write_all(&[*byte]).and_then(|()| stream.flush()).is_err() {
            break;
        }
        // This is what paces: there is hardly ever something to read.
        match stream.read(&mut answer) {
            Ok(0) => break,
            Err(error) if !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                break;
            }
            _ => {}
        }
        assert!(since.elapsed() < OVER_MAX, "it goes on: {}", bytes.escape_ascii());
    }
}

fn connect(server: &Server) -> TcpStream {
    let tcp = TcpStream::connect(server.address()).expect("the server listens");
    tcp.set_nodelay(true).expect("a socket can be set up");
    tcp.set_read_timeout(Some(PACE)).expect("a timeout can be set");
    tcp
}

#[test]
fn a_byte_at_a_time_is_not_for_ever() {
    let (config, _folder) = with_certificate(&Certificate::new());
    let server = Server::start(&format!("{config}[timeouts]\nregistration_seconds = 1\n"));
    let mut watcher = Client::registered(&server, "watcher");
    let before = Holdings::of(&server, &mut watcher);
    trickles(connect(&server), b"PING x\r\n");
    trickles(connect(&server), b"NICKNICKNICK");
    trickles(connect(&server), b"GET / HTTP/1.1\r\nX: ");
    // The handshake does not end.
    let mut hello = Vec::new();
    let mut connection = Tls::default().begin().expect("a client can begin");
    connection.write_tls(&mut hello).expect("there is room");
    let endless = [&hello[..5], &[hello[5]], &[0; 3000][..]].concat();
    trickles(connect(&server), &endless);
    // It ends, and then a command does not.
    trickles(encrypted(&server), b"NICKNICKNICK");
    trickles(encrypted(&server), b"PING x\r\n");
    before.are_restored(&server, &mut watcher);
}

fn encrypted(server: &Server) -> rustls::StreamOwned<ClientConnection, TcpStream> {
    let tcp = TcpStream::connect(server.address()).expect("the server listens");
    tcp.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
    let stream = Tls::default().connect(tcp).expect("the server shakes hands");
    stream.sock.set_read_timeout(Some(PACE)).expect("a timeout can be set");
    stream
}

#[test]
fn a_proxy_header_is_not_for_ever() {
    let config = format!("{}[timeouts]\nregistration_seconds = 1\n", crate::proxy::BEHIND_PROXY);
    let server = Server::start(&config);
    let rest = "x".repeat(80);
    trickles(connect(&server), format!("PROXY UNKNOWN {rest}").as_bytes());
    let long = [b"\r\n\r\n\0\r\nQUIT\n\x21\x11\x1f\x00", &[0; 5000][..]].concat();
    trickles(connect(&server), &long);
    let begun = [b"PROXY TCP4 127.0.0.5 127.0.0.1 1 2\r\n", &b"NICK".repeat(2000)[..]].concat();
    trickles(connect(&server), &begun);
}
