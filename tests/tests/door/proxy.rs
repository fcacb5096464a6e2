//! Proxies say for whom they speak, before anything else; others are not believed.

use std::net::SocketAddr;

use chat_tests::administration::succeeds;
use chat_tests::transcript::Transcript;
use chat_tests::{Certificate, Client, Server, Tls};

use crate::with_certificate;

/// The only way in is by a proxy on this machine.
pub(crate) const BEHIND_PROXY: &str = "proxies = [\"127.0.0.0/8\"]\n\
    listen = [{ address = \"127.0.0.1:0\", proxy = \"on\" }]\n";
const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

/// A client for whom a proxy speaks.
#[track_caller]
pub(crate) fn spoken_for(server: &Server, name: &str, header: &[u8]) -> Client {
    at(server.address(), name, header)
}

#[track_caller]
fn at(address: SocketAddr, name: &str, header: &[u8]) -> Client {
    let client = Client::open(name, address, Transcript::default());
    let mut client = client.expect("the server listens");
    client.write(header).expect("the server listens");
    client
}

/// Version 2, for a client with this address, and what is said of its TLS.
fn binary(address: [u8; 4], client_tls: Option<u8>) -> Vec<u8> {
    let addresses = [&address[..], &[192, 0, 2, 1, 3, 232, 7, 208]].concat();
    let tls = client_tls.map(|bits| vec![0x20, 0, 5, bits, 0, 0, 0, 0]).unwrap_or_default();
    let length = u8::try_from(addresses.len() + tls.len()).expect("it is short");
    [SIGNATURE, &[0x21, 0x11, 0, length], &addresses, &tls].concat()
}

#[track_caller]
fn is_seen_from(client: &mut Client, name: &str, address: &str, is_secure: bool) {
    client.register(&[]).expect("it is let in");
    client.says(&format!("WHOIS {name}"));
    let whois = client.drain();
    let says = |text: &str| whois.iter().any(|line| line.as_str().contains(text));
    assert!(says(&format!(" 338 {name} {name} {address} ")), "{whois:?}");
    assert_eq!(says(" 671 "), is_secure, "{whois:?}");
}

#[test]
fn the_client_is_who_the_proxy_says() {
    let server = Server::start(&format!("{BEHIND_PROXY}[tls]\nplaintext = \"everywhere\"\n"));
    let line = b"PROXY TCP6 2001:db8::7 2001:db8::1 1000 2000\r\n";
    is_seen_from(&mut spoken_for(&server, "a", line), "a", "2001:db8::7", false);
    let header = binary([192, 0, 2, 8], None);
    is_seen_from(&mut spoken_for(&server, "b", &header), "b", "192.0.2.8", false);
    let header = binary([192, 0, 2, 8], Some(0));
    is_seen_from(&mut spoken_for(&server, "c", &header), "c", "192.0.2.8", false);
    // Whom it speaks for is not said: it speaks for itself.
    is_seen_from(&mut spoken_for(&server, "d", b"PROXY UNKNOWN\r\n"), "d", "127.0.0.1", false);
    let local = [SIGNATURE, &[0x20, 0, 0, 0]].concat();
    is_seen_from(&mut spoken_for(&server, "e", &local), "e", "127.0.0.1", false);
}

#[test]
fn tls_that_ends_at_the_proxy_is_tls() {
    let server = Server::start(BEHIND_PROXY);
    let header = binary([192, 0, 2, 9], Some(1));
    is_seen_from(&mut spoken_for(&server, "a", &header), "a", "192.0.2.9", true);
    let server = Server::start(&BEHIND_PROXY.replace("\"on\"", "\"tls\""));
    let line = b"PROXY TCP4 192.0.2.9 192.0.2.1 1000 2000\r\n";
    is_seen_from(&mut spoken_for(&server, "a", line), "a", "192.0.2.9", true);
    // The proxy itself has said nothing of TLS.
    let local = [SIGNATURE, &[0x20, 0, 0, 0]].concat();
    is_seen_from(&mut spoken_for(&server, "b", &local), "b", "127.0.0.1", false);
}

#[test]
fn tls_goes_through_the_proxy() {
    let certificate = Certificate::new();
    let (config, _folder) = with_certificate(&certificate);
    let server = Server::start(&format!("{BEHIND_PROXY}{config}"));
    for header in
        [binary([192, 0, 2, 10], None), b"PROXY TCP4 192.0.2.10 192.0.2.1 1 2\r\n".to_vec()]
    {
        let mut client = spoken_for(&server, "a", &header);
        client.start_tls(&Tls::default()).expect("the server shakes hands");
        assert_eq!(client.server_certificate(), Some(certificate.fingerprint()));
        is_seen_from(&mut client, "a", "192.0.2.10", true);
        client.says("QUIT");
        client.reads_to_end();
    }
}

#[test]
fn a_header_may_come_byte_by_byte_and_with_what_follows() {
    let server = Server::start(&format!("{BEHIND_PROXY}[tls]\nplaintext = \"everywhere\"\n"));
    let line = b"PROXY TCP4 192.0.2.11 192.0.2.1 1000 2000\r\n".to_vec();
    for header in [line, binary([192, 0, 2, 11], None)] {
        let mut slow = spoken_for(&server, "slow", &[]);
        for byte in &header {
            slow.write(&[*byte]).expect("the server reads on");
        }
        is_seen_from(&mut slow, "slow", "192.0.2.11", false);
        let quick = [&header[..], b"NICK quick\r\nUSER q 0 * :Q\r\nQUIT\r\n"].concat();
        let mut quick = spoken_for(&server, "quick", &quick);
        quick.gets("001 quick :*");
        quick.awaits("ERROR *");
        slow.says("QUIT");
        slow.reads_to_end();
    }
}

#[test]
fn what_is_no_header_ends_without_a_word() {
    let server = Server::start(BEHIND_PROXY);
    let endless = [SIGNATURE, &[0x21, 0x11, 0xff, 0xff]].concat();
    for header in [
        &b"PROXY TCP4 nowhere 192.0.2.1 1 2\r\nNICK a\r\n"[..],
        b"NICK a\r\nUSER a 0 * :A\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
        &[b'P'; 200],
        &endless,
        &[SIGNATURE, &[0x31, 0x11, 0, 0]].concat(),
    ] {
        let mut client = spoken_for(&server, "client", header);
        assert_eq!(client.reads_to_end(), [], "{}", header.escape_ascii());
    }
    // The log has the first.
    server.awaits_log("the PROXY header is malformed");
}

#[test]
fn others_are_not_believed() {
    let header = b"PROXY TCP4 192.0.2.12 192.0.2.1 1000 2000\r\n";
    let server = Server::start(&BEHIND_PROXY.replace("127.0.0.0/8", "192.0.2.0/24"));
    let mut client = spoken_for(&server, "client", header);
    assert_eq!(client.reads_to_end(), []);
    server.awaits_log("it is not among server.proxies");
    // Where no proxy is expected, a header is only a line that is none.
    let both = "proxies = [\"127.0.0.1\"]\nlisten = [\"127.0.0.1:0\", \
        { address = \"127.0.0.1:0\", proxy = \"on\" }]\n[tls]\nplaintext = \"everywhere\"\n";
    let server = Server::start(both);
    let [direct, by_proxy] = server.addresses(2)[..] else { panic!("it listens in two places") };
    let mut client = at(direct, "direct", header);
    client.gets("451 …");
    is_seen_from(&mut client, "direct", "127.0.0.1", false);
    let mut client = at(direct, "direct2", &binary([192, 0, 2, 12], Some(1)));
    client.awaits("ERROR …");
    is_seen_from(&mut at(by_proxy, "proxied", header), "proxied", "192.0.2.12", false);
}

#[test]
fn a_ban_is_of_the_client_and_not_of_the_proxy() {
    let server = Server::start(&format!(
        "{BEHIND_PROXY}[tls]\nplaintext = \"everywhere\"\n[throttle]\nexempt = [\"192.0.2.0/24\"]\n"
    ));
    succeeds(server.data(), &["ban", "add", "192.0.2.66", "--reason", "spam"], "");
    let mut other = spoken_for(&server, "other", b"PROXY TCP4 192.0.2.65 192.0.2.1 1 2\r\n");
    other.register(&[]).expect("it is not banned");
    // The server has heard of it within a second or so.
    loop {
        let mut banned = spoken_for(&server, "bad", b"PROXY TCP4 192.0.2.66 192.0.2.1 1 2\r\n");
        banned.send("NICK bad").expect("the server listens");
        let line = banned.send("USER x 0 * :X").and_then(|()| banned.receive());
        if line.ok().flatten().is_some_and(|line| line.as_str().contains("spam")) {
            break;
        }
    }
    other.is_served();
}

#[test]
fn connections_are_counted_for_the_client_and_not_for_the_proxy() {
    let server = Server::start(&format!(
        "{BEHIND_PROXY}[tls]\nplaintext = \"everywhere\"\n[throttle]\nexempt = []\n\
         connections_per_address_max = 2\n"
    ));
    let from = |last: u8, name: &str| spoken_for(&server, name, &binary([192, 0, 2, last], None));
    let mut clients: Vec<Client> =
        (1..=6).map(|number| from(number / 2, &format!("client{number}"))).collect();
    for client in &mut clients {
        client.register(&[]).expect("no address has more than two");
    }
    let mut third = from(1, "third");
    third.gets("ERROR :*Too many connections from your address*");
    assert_eq!(third.reads_to_end(), []);
}

#[test]
fn connections_are_counted_for_the_client_and_not_for_the_gateway() {
    let server = Server::start(
        "[[webirc]]\npassword = \"a-long-secret-of-it\"\naddresses = [\"127.0.0.1\"]\n\
         [throttle]\nconnections_per_address_max = 1\n",
    );
    let from = |last: u8, name: &str| {
        let mut client = Client::unregistered(&server, name);
        client.says(&format!("WEBIRC a-long-secret-of-it kiwi host 192.0.2.{last}"));
        client
    };
    let mut clients = [from(1, "one"), from(2, "two")];
    for client in &mut clients {
        client.register(&[]).expect("each has an address of its own");
    }
    let mut third = from(1, "third");
    third.gets("ERROR :*Too many connections from your address*");
    assert_eq!(third.reads_to_end(), []);
}
