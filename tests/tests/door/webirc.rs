//! WEBIRC: gateways say for whom they speak.

use chat_tests::{Client, Server};

const GATEWAY: &str =
    "[[webirc]]\npassword = \"a-long-secret-of-it\"\naddresses = [\"127.0.0.1\", \"::1\"]\n";
const LINE: &str = "WEBIRC a-long-secret-of-it kiwi client.example 192.0.2.20";

fn whois(client: &mut Client) -> String {
    client.says("WHOIS client");
    client.drain().iter().map(|line| format!("{}\n", line.as_str())).collect()
}

#[test]
fn the_client_is_who_the_gateway_says() {
    let server = Server::start(GATEWAY);
    for (options, address, is_secure) in
        [("", "192.0.2.20", false), (" :remote-port=1 secure", "192.0.2.20", true)]
    {
        let mut client = Client::unregistered(&server, "client");
        client.says(&format!("{LINE}{options}"));
        client.register(&[]).expect("it is let in");
        let whois = whois(&mut client);
        assert!(whois.contains(&format!(" 338 client client {address} ")), "{whois}");
        assert!(whois.contains(" 311 client client ~user ") && whois.contains(".ip * "), "{whois}");
        assert_eq!(whois.contains(" 671 "), is_secure, "{whois}");
        client.says(LINE);
        client.gets("462 …");
        client.says("QUIT");
        client.reads_to_end();
    }
    let mut client = Client::unregistered(&server, "client");
    client.says("WEBIRC a-long-secret-of-it kiwi client.example 0::7");
    client.register(&[]).expect("it is let in");
    assert!(whois(&mut client).contains(" 338 client client 0::7 "));
}

#[test]
fn who_is_no_gateway_is_sent_away() {
    let elsewhere = GATEWAY.replace("\"127.0.0.1\", \"::1\"", "\"192.0.2.0/24\"");
    for (config, line, why) in [
        (GATEWAY, "WEBIRC another-secret-of-it kiwi host 192.0.2.20", "WEBIRC is not for you"),
        (GATEWAY, "WEBIRC a-long-secret-of-it kiwi host nowhere", "names no address"),
        (&elsewhere, LINE, "WEBIRC is not for you"),
        ("", LINE, "WEBIRC is not for you"),
    ] {
        let server = Server::start(config);
        let mut client = Client::unregistered(&server, "client");
        client.says(line);
        client.gets(&format!("ERROR :*{why}*"));
        assert_eq!(client.reads_to_end(), []);
    }
}

#[test]
fn it_comes_first_and_once() {
    let server = Server::start(GATEWAY);
    for first in ["NICK client", "USER x 0 * :X", "CAP LS", "PASS x", LINE] {
        let mut client = Client::unregistered(&server, "client");
        client.says(first);
        client.says(LINE);
        client.awaits("ERROR :*WEBIRC comes first, and once*");
    }
    let mut short = Client::unregistered(&server, "short");
    short.says("WEBIRC a-long-secret-of-it kiwi host");
    short.gets("461 * WEBIRC :*");
}
