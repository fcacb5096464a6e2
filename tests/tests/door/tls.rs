//! TLS, in both versions, with and without a certificate of the client's.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;

use chat_tests::administration::succeeds;
use chat_tests::baseline::Holdings;
use chat_tests::server::PATIENCE;
use chat_tests::{Certificate, Client, Server, Tls};
use rustix::net::sockopt::set_socket_recv_buffer_size;

use crate::with_certificate;

#[test]
fn both_versions_are_spoken_beside_plain_text() {
    let certificate = Certificate::new();
    let (config, _folder) = with_certificate(&certificate);
    let server = Server::start(&config);
    let mut plain = Client::registered(&server, "plain");
    let before = Holdings::of(&server, &mut plain);
    for tls in [Tls::version_1_2(), Tls::version_1_3()] {
        let mut client = Client::registered_by_tls(&server, "secure", &tls);
        assert_eq!(client.server_certificate(), Some(certificate.fingerprint()));
        plain.says("WHOIS secure");
        plain.awaits("671 plain secure :*");
        client.says("PRIVMSG plain :hello");
        plain.awaits(":secure!* PRIVMSG plain :hello");
        plain.says("PRIVMSG secure :hello to you");
        client.awaits(":plain!* PRIVMSG secure :hello to you");
        client.says("WHOIS plain");
        let whois = client.drain();
        assert!(!whois.iter().any(|line| line.as_str().contains(" 671 ")), "{whois:?}");
        client.says("QUIT :bye");
        client.gets("ERROR :*Quit: bye*");
        assert_eq!(client.reads_to_end(), []);
        before.are_restored(&server, &mut plain);
    }
}

#[test]
fn within_tls_it_is_decided_again_what_is_spoken() {
    let (config, _folder) = with_certificate(&Certificate::new());
    let server = Server::start(&config);
    for one_by_one in [false, true] {
        let http = answered(&server, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", one_by_one);
        assert!(http.starts_with("HTTP/1.1 200 "), "{http}");
        let irc = answered(&server, b"GLINE\r\nNICK a\r\nUSER a 0 * :A\r\nQUIT\r\n", one_by_one);
        assert!(irc.contains(" 001 a "), "{irc}");
    }
    let twice = answered(&server, b"\x16\x03\x01\x02\x00\x01\x00", false);
    assert_eq!(twice, "");
}

/// What the server answers over TLS to bytes, sent as one record or one in each.
fn answered(server: &Server, bytes: &[u8], one_by_one: bool) -> String {
    let tcp = TcpStream::connect(server.address()).expect("the server listens");
    tcp.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
    let mut stream = Tls::default().connect(tcp).expect("the server shakes hands");
    let size = if one_by_one { 1 } else { bytes.len() };
    for chunk in bytes.chunks(size) {
        if stream.write_all(chunk).and_then(|()| stream.flush()).is_err() {
            break;
        }
    }
    let mut answer = Vec::new();
    // Every end is said to be one.
    let read = stream.read_to_end(&mut answer);
    assert!(read.is_ok(), "{read:?} after {}", String::from_utf8_lossy(&answer));
    String::from_utf8(answer).expect("the server answers text")
}

#[test]
fn no_handshake_is_an_end_that_is_explained() {
    let (config, _folder) = with_certificate(&Certificate::new());
    let server = Server::start(&config);
    let mut stream = TcpStream::connect(server.address()).expect("the server listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
    stream.write_all(b"\x16\x03\x01\x00\x05hello").expect("the server listens");
    let mut alert = Vec::new();
    stream.read_to_end(&mut alert).expect("the server closes");
    assert_eq!(alert.first(), Some(&21), "{alert:?}");
    // Without a certificate, there is nothing to say.
    let server = Server::start("");
    assert!(Client::open_tls("nobody", server.address(), &Tls::default()).is_err());
    server.awaits_log("Server listening");
}

#[test]
fn a_certificate_is_a_way_to_log_in() {
    let (config, _folder) = with_certificate(&Certificate::new());
    let server = Server::start(&format!("{config}[accounts]\nscram_iterations = 4096\n"));
    succeeds(server.data(), &["account", "add", "alice"], "correcthorse");
    let own = Certificate::new();
    for tls in [Tls::showing(&own), Tls::showing(&Certificate::new()), Tls::default()] {
        let mut other = Client::by_tls(server.address(), "other", &tls);
        other.says("AUTHENTICATE EXTERNAL");
        other.gets("AUTHENTICATE +");
        other.says("AUTHENTICATE +");
        other.gets("904 …");
    }
    let mut alice = Client::registered_by_tls(&server, "alice2", &Tls::showing(&own));
    alice.says("PRIVMSG NickServ :IDENTIFY alice correcthorse");
    alice.awaits("900 …");
    alice.says("PRIVMSG NickServ :CERT ADD");
    alice.is_served();
    drop(alice);
    let mut again = Client::by_tls(server.address(), "alice", &Tls::showing(&own));
    again.says("CAP LS 302");
    again.awaits("CAP * LS :*sasl=PLAIN,EXTERNAL,SCRAM-SHA-256*");
    again.says("CAP REQ sasl");
    again.gets("CAP * ACK sasl");
    again.says("AUTHENTICATE EXTERNAL");
    again.gets("AUTHENTICATE +");
    again.says("AUTHENTICATE +");
    again.awaits("903 …");
    again.says("CAP END");
    again.register(&[]).expect("she is let in");
    again.says("WHOIS alice");
    again.awaits(&format!(
        "276 alice alice :has client certificate fingerprint {}",
        own.fingerprint()
    ));
    let mut bob = Client::registered_by_tls(&server, "bob", &Tls::default());
    bob.says("CAP LS 302");
    bob.awaits("CAP bob LS :*sasl=PLAIN,SCRAM-SHA-256*");
    bob.says("WHOIS alice");
    let whois = bob.drain();
    assert!(whois.iter().any(|line| line.as_str().contains(" 671 ")), "{whois:?}");
    assert!(!whois.iter().any(|line| line.as_str().contains(" 276 ")), "{whois:?}");
}

/// More than any buffer on the way holds.
const LINES: usize = 10_000;

#[test]
fn much_at_one_time_comes_whole_and_in_order() {
    let (config, _folder) = with_certificate(&Certificate::new());
    let server = Server::start(&format!("[limits]\nsend_queue_bytes_max = 16777216\n{config}"));
    for tls in [Tls::version_1_2(), Tls::version_1_3()] {
        let mut listener = Client::registered_by_tls(&server, "listener", &tls);
        let mut talker = Client::registered_by_tls(&server, "talker", &tls);
        let talking = thread::Builder::new().name("talker".to_owned()).spawn(move || {
            let lines = (0..LINES).map(|number| format!("PRIVMSG listener :number {number}\r\n"));
            let text: String = lines.collect();
            // Records as large as they get, cut wherever that is.
            talker.write(text.as_bytes()).expect("the server reads on");
            talker.is_served();
        });
        for number in 0..LINES {
            listener.gets(&format!(":talker!* PRIVMSG listener :number {number}"));
        }
        talking.expect("a thread can be started").join().expect("all was said");
        listener.says("QUIT");
        listener.gets("ERROR …");
        listener.reads_to_end();
    }
}

#[test]
fn who_never_reads_is_cut_off_and_delays_nobody() {
    let (config, _folder) = with_certificate(&Certificate::new());
    let server = Server::start(&format!("{config}[limits]\nsend_queue_bytes_max = 65536\n"));
    let mut watcher = Client::registered_by_tls(&server, "watcher", &Tls::default());
    let before = Holdings::of(&server, &mut watcher);
    let mut never = Client::registered_by_tls(&server, "never", &Tls::default());
    set_socket_recv_buffer_size(never.stream(), 65536).expect("a buffer can be small");
    let mut talker = Client::registered(&server, "talker");
    for client in [&mut watcher, &mut never, &mut talker] {
        client.says("JOIN #general");
        client.is_served();
    }
    let text = format!("PRIVMSG #general :{}\r\n", "x".repeat(400)).repeat(100);
    // The kernel buffers megabytes before the server has to.
    let quit = (0..400).find_map(|round| {
        talker.write(text.as_bytes()).expect("the server reads on");
        talker.says(&format!("PRIVMSG #general :round {round}"));
        let round = format!(":talker!* PRIVMSG #general :round {round}");
        let line = watcher.awaits_any(&[":never!* QUIT *", &round]);
        line.as_str().starts_with(":never!").then_some(line)
    });
    let quit = quit.expect("what waits for one client has a bound");
    assert!(quit.as_str().contains("SendQ exceeded"), "{quit:?}");
    // What it reads in the end is whole lines.
    let lines = never.reads_to_end();
    assert!(lines.len() > 100);
    drop((never, talker));
    watcher.says("PART #general");
    before.are_restored(&server, &mut watcher);
}
