//! A server that wants TLS.

use super::*;
use crate::core::secret::Secret;

const NAMED: Link = Link { is_encrypted: false, is_local: false, is_named: true };

fn connected(link: Link) -> Bench {
    let mut bench = Bench(Client::new(config()));
    bench.event(Event::Connected(link));
    bench
}

#[test]
fn nothing_more_is_said_without_it() {
    let mut bench = connected(NAMED);
    let told = bench.line(":s.x CAP * LS :batch sts=port=6697,duration=60 sasl");
    assert_eq!(told, ["14:02 -- the server wants TLS: connecting again, to port 6697"]);
    assert!(bench.line(":s.x CAP * LS :echo-message").is_empty());
    let attempt = bench.0.attempt().unwrap();
    assert_eq!((attempt.wait.as_secs(), attempt.tls_port), (0, Some(6697)));
    assert_eq!(bench.0.sts_duration(), None, "what is said without TLS anybody may have said");
    bench.event(Event::Connected(Link { is_encrypted: true, ..NAMED }));
    assert_eq!(bench.line(":s.x CAP * LS :batch sts=duration=60"), ["> CAP REQ :batch"]);
    assert_eq!(bench.0.sts_duration(), Some(60));
}

#[test]
fn a_server_that_has_none_after_all_is_not_spoken_with() {
    let mut bench = connected(NAMED);
    bench.line(":s.x CAP * LS :sts=port=6697,duration=60");
    bench.event(Event::NotConnected("no TLS"));
    assert_eq!(*bench.0.phase(), Phase::Closed("no TLS".to_owned()));
}

#[test]
fn it_may_say_so_later() {
    let mut bench = connected(NAMED);
    bench.is_welcomed("alice", "cap-notify");
    let told = bench.line(":s.x CAP alice NEW :echo-message sts=port=6697,duration=60");
    assert_eq!(told, ["14:02 -- the server wants TLS: connecting again, to port 6697"]);
    let mut bench = connected(NAMED);
    bench.is_welcomed("alice", "cap-notify");
    bench.event(Event::Quit);
    assert!(bench.line(":s.x CAP alice NEW :sts=port=6697").is_empty(), "the user has left");
    let mut bench = connected(Link { is_encrypted: true, ..NAMED });
    bench.is_welcomed("alice", "cap-notify");
    bench.line(":s.x CAP alice NEW :sts=duration=0");
    assert_eq!(bench.0.sts_duration(), Some(0));
}

#[test]
fn what_it_has_said_counts_from_the_end_of_the_connection_on() {
    let mut bench = Bench(Client::new(Config { reconnects: true, ..config() }));
    let encrypted = Link { is_encrypted: true, ..NAMED };
    bench.event(Event::Connected(encrypted));
    bench.is_welcomed("alice", "sts=duration=60");
    bench.event(Event::Closed("x"));
    assert_eq!(bench.0.sts_duration(), Some(60));
    bench.event(Event::Connected(encrypted));
    assert_eq!(bench.0.sts_duration(), None);
}

#[test]
fn an_address_can_not_be_bound() {
    for is_encrypted in [false, true] {
        let mut bench = connected(Link { is_encrypted, is_named: false, ..NAMED });
        let sent = bench.line(":s.x CAP * LS :sts=port=6697,duration=60");
        assert_eq!(sent, ["> CAP END"]);
        assert_eq!(bench.0.sts_duration(), None);
    }
}

#[test]
fn no_password_is_said_before_the_server_could_ask_for_tls() {
    let with_password = || Config { password: Some("open sesame".to_owned()), ..config() };
    let mut bench = Bench(Client::new(with_password()));
    assert_eq!(bench.event(Event::Connected(NAMED)), ["> CAP LS 302"]);
    bench.line(":s.x CAP * LS :sts=port=6697,duration=60");
    let sent = bench.event(Event::Connected(Link { is_encrypted: true, ..NAMED }));
    assert_eq!(sent[..2], ["> CAP LS 302", "> PASS :open sesame"]);
    for answer in [":s.x CAP * LS :", ":s.x 421 * CAP :Unknown command", ":s.x 451 * :Not yet"] {
        let mut bench = Bench(Client::new(with_password()));
        bench.event(Event::Connected(NAMED));
        assert_eq!(bench.line(answer)[..2], ["> PASS :open sesame", "> NICK alice"], "{answer}");
        bench.line(":s.x 001 alice :Welcome");
    }
    let mut bench = Bench(Client::new(with_password()));
    bench.event(Event::Connected(NAMED));
    assert!(bench.event(Event::Tick).is_empty());
    let later = now() + SignedDuration::from_secs(10);
    assert_eq!(shown(bench.0.update(Event::Tick, later))[0], "> PASS :open sesame");
}

#[test]
fn who_is_sent_to_tls_while_logging_in_does_not_become_anybody() {
    let account = Some(("user".to_owned(), Secret::new("pencil")));
    let by_password = Config { account, ..config() };
    let by_certificate = Config { has_certificate: true, ..config() };
    for (config, begun) in [(by_password, "PLAIN"), (by_certificate, "EXTERNAL")] {
        let mut bench = Bench(Client::new(config));
        bench.event(Event::Connected(NAMED));
        let begun = [format!("> AUTHENTICATE {begun}")];
        for capabilities in ["sasl=PLAIN,EXTERNAL", "cap-notify sasl=PLAIN,EXTERNAL"] {
            bench.line(&format!(":s.x CAP * LS :{capabilities}"));
            assert_eq!(bench.line(":s.x CAP * ACK :sasl"), begun);
            bench.line(":s.x CAP * NEW :sts=port=6697,duration=60");
            bench.event(Event::Connected(Link { is_encrypted: true, ..NAMED }));
        }
    }
}
