//! Where the server listens follows its configuration while it runs.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};

use chat_tests::transcript::Transcript;
use chat_tests::{Client, Server, http};
use rustix::process::Signal;

const HOME: &str = "\"127.0.0.1:0\"";
const OTHER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// Has the server listen elsewhere, and waits until the log says how that went.
#[track_caller]
fn listen(server: &Server, places: &str, outcome: &str) {
    server.reconfigure(&format!("listen = [{places}]\n"));
    server.signal(Signal::HUP);
    server.awaits_log(outcome);
}

#[track_caller]
fn registered_at(address: SocketAddr, name: &str) -> Client {
    let client = Client::open(name, address, Transcript::default());
    let mut client = client.expect("somebody listens there");
    client.register(&[]).expect("the server lets it in");
    client
}

/// The same port, which nobody else is likely to have, at another address of this machine.
fn beside(server: &Server) -> SocketAddr {
    SocketAddr::from((OTHER, server.address().port()))
}

#[test]
fn an_address_is_opened_and_closed_and_clients_stay() {
    let server = Server::start(&format!("listen = [{HOME}]\n"));
    let mut alice = Client::registered(&server, "alice");
    let other = beside(&server);
    listen(&server, &format!("{HOME}, \"{other}\""), &format!("Server listening on {other}"));
    let mut bob = registered_at(other, "bob");
    listen(&server, HOME, &format!("Server no longer listening on {other}"));
    assert!(TcpStream::connect(other).is_err(), "{other} is still listened on");
    bob.says("PRIVMSG alice :still here");
    alice.awaits(":bob!* PRIVMSG alice :still here");
    Client::registered(&server, "carol").is_served();
}

#[test]
fn what_is_taken_at_an_address_changes() {
    let server = Server::start(&format!("listen = [{HOME}]\n"));
    assert_eq!(http::get(&server, "/healthz", "").status, 200);
    let without_http = "{ address = \"127.0.0.1:0\", http = false }";
    listen(&server, without_http, "The configuration has been read again");
    let mut stream = http::send(&server, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(http::HttpResponse::read(&mut stream).is_err(), "it is answered");
}

#[test]
fn all_addresses_take_the_place_of_one() {
    let server = Server::start(&format!("listen = [{HOME}, \"{OTHER}:0\"]\n"));
    let port = server.addresses(2)[1].port();
    let all = SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
    listen(&server, &format!("{HOME}, \"{all}\""), &format!("Server listening on {all}"));
    registered_at(SocketAddr::from((Ipv4Addr::LOCALHOST, port)), "alice").is_served();
    registered_at(SocketAddr::from((OTHER, port)), "bob").is_served();
}

#[test]
fn who_cannot_listen_elsewhere_stays_where_it_is() {
    let server = Server::start(&format!("listen = [{HOME}]\n"));
    let other = TcpListener::bind((OTHER, 0)).expect("a port is free");
    let other = other.local_addr().map(|address| (other, address)).expect("it is bound");
    let outcome = format!("server.listen: can't listen on {}", other.1);
    listen(&server, &format!("\"{}\"", other.1), &outcome);
    server.awaits_log("The configuration has been read again");
    registered_at(server.address(), "alice").is_served();
    drop(other.0);
    listen(&server, &format!("\"{}\"", other.1), &format!("Server listening on {}", other.1));
    server.awaits_log(&format!("no longer listening on {}", server.address().ip()));
    registered_at(other.1, "bob").is_served();
}
