//! From the first line to the welcome, and to the end.

use super::*;

#[test]
fn registration_takes_what_the_server_offers() {
    let mut client = Client::new(Config {
        password: Some("open sesame".to_owned()),
        rooms: vec!["a".to_owned(), "#b".to_owned()],
        ..config()
    });
    assert_eq!(
        shown(client.update(Event::Connected(Link::default()), now())),
        ["> CAP LS 302", "> PASS :open sesame", "> NICK alice", "> USER al 0 * :alice"]
    );
    let mut bench = Bench(client);
    assert!(bench.line(":s CAP * LS * :batch sasl=PLAIN echo-message").is_empty());
    assert_eq!(
        bench.line(":s CAP * LS :server-time"),
        ["> CAP REQ :batch echo-message sasl server-time"]
    );
    assert_eq!(bench.line(":s CAP * ACK :batch echo-message sasl server-time"), ["> CAP END"]);
    assert_eq!(
        bench.line(":s.x 001 Alice :Welcome"),
        ["14:02 -- connected to s.x as Alice", "> JOIN #a", "> JOIN #b"]
    );
    assert_eq!(bench.0.current(), Some("#a"));
    assert_eq!(*bench.0.phase(), Phase::Registered);
}

#[test]
fn servers_without_capabilities_are_fine() {
    let mut bench = Bench::new(false);
    assert!(bench.line(":s 451 * :You have not registered").is_empty());
    assert_eq!(bench.line(":s CAP * LS :"), ["> CAP END"]);
    let mut bench = Bench::new(false);
    assert!(bench.line(":s 421 alice CAP :Unknown command").is_empty());
    assert_eq!(bench.line(":s 001 alice :hi")[1], "> JOIN #general");
}

#[test]
fn capabilities_come_and_go() {
    let mut bench = Bench::in_room("cap-notify");
    assert_eq!(bench.line(":s CAP alice NEW :echo-message x"), ["> CAP REQ :echo-message"]);
    bench.line(":s CAP alice ACK :echo-message");
    assert_eq!(bench.typed("hi"), ["> PRIVMSG #general :hi"]);
    bench.line(":s CAP alice DEL :echo-message");
    assert_eq!(bench.typed("hi"), ["> PRIVMSG #general :hi", "14:02 alice: hi"]);
}

#[test]
fn a_taken_nickname_is_asked_for_again() {
    let mut bench = Bench::new(false);
    assert_eq!(
        bench.line(":s 433 * alice :Nickname is already in use"),
        ["14:02 !! The name alice is taken."]
    );
    assert_eq!(*bench.0.phase(), Phase::NicknameRefused);
    assert_eq!(bench.event(Event::Nickname("al")), ["> NICK al"]);
    assert_eq!(*bench.0.phase(), Phase::Registering);
}

#[test]
fn or_gets_an_underscore_a_few_times() {
    let mut bench = Bench::new(true);
    assert_eq!(
        bench.line(":s 433 * alice :Nickname is already in use"),
        ["14:02 !! The name alice is taken. Trying alice_.", "> NICK alice_"]
    );
    for _ in 0..4 {
        bench.line(":s 433 * alice_ :Nickname is already in use");
    }
    assert_eq!(*bench.0.phase(), Phase::Registering);
    bench.line(":s 433 * alice_____ :Nickname is already in use");
    assert_eq!(*bench.0.phase(), Phase::NicknameRefused);
}

#[test]
fn a_server_that_says_why_is_quoted() {
    let mut bench = Bench::in_room("");
    bench.line("ERROR :Closing Link: too slow");
    assert_eq!(*bench.0.phase(), Phase::Closed("Closing Link: too slow".to_owned()));
    bench.event(Event::Closed("the server closed it"));
    assert_eq!(*bench.0.phase(), Phase::Closed("Closing Link: too slow".to_owned()));
}

#[test]
fn a_silent_server_is_asked_and_then_given_up() {
    let mut bench = Bench::in_room("");
    let mut later = now() + SignedDuration::from_secs(90);
    assert_eq!(shown(bench.0.update(Event::Tick, later)), ["> PING still-there"]);
    later += SignedDuration::from_secs(60);
    bench.0.update(Event::Tick, later);
    assert!(matches!(bench.0.phase(), Phase::Closed(_)));
}
