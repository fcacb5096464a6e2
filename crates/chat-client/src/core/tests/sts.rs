//! A server that wants TLS.

use super::*;

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
    let mut bench = connected(Link { is_encrypted: true, ..NAMED });
    bench.is_welcomed("alice", "cap-notify");
    bench.line(":s.x CAP alice NEW :sts=duration=0");
    assert_eq!(bench.0.sts_duration(), Some(0));
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
