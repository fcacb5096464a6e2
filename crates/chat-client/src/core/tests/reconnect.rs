//! The connection is lost, and made again.

use std::time::Duration;

use super::*;
use crate::core::secret::Secret;

pub(super) fn lasting() -> Config {
    Config { reconnects: true, ..config() }
}

pub(super) fn in_room(capabilities: &str) -> Bench {
    Bench::in_room_with(lasting(), capabilities)
}

pub(super) fn connected(bench: &mut Bench) -> Vec<String> {
    bench.event(Event::Connected(Link::default()))
}

fn waits(bench: &Bench) -> Option<Duration> {
    bench.0.attempt().map(|attempt| attempt.wait)
}

#[test]
fn it_is_said_and_tried_again_for_as_long_as_it_takes() {
    let mut bench = in_room("");
    let told = bench.event(Event::Closed("the server closed it"));
    assert_eq!(told, ["14:02 !! connection lost: the server closed it; trying again in 1 s"]);
    assert_eq!(*bench.0.phase(), Phase::Lost);
    for seconds in [2, 4, 8, 16, 32] {
        let told = bench.event(Event::NotConnected("cannot connect"));
        assert_eq!(told, [format!("14:02 !! cannot connect; trying again in {seconds} s")]);
        assert_eq!(waits(&bench), Some(Duration::from_secs(seconds)));
    }
    let told = bench.event(Event::NotConnected("cannot connect"));
    let every = "14:02 !! cannot connect; trying again every minute, /reconnect tries now";
    assert_eq!(told, [every]);
    assert!(bench.event(Event::NotConnected("cannot connect")).is_empty());
    assert_eq!(bench.event(Event::NotConnected("no such host")).len(), 1);
    assert_eq!(waits(&bench), Some(Duration::from_secs(60)));
}

#[test]
fn a_connection_that_held_makes_the_next_wait_short() {
    let mut bench = in_room("");
    for _ in 0..5 {
        bench.event(Event::NotConnected("x"));
        bench.event(Event::Closed("x"));
        connected(&mut bench);
    }
    bench.is_welcomed("alice", "");
    let later = now() + SignedDuration::from_secs(60);
    bench.0.update(Event::Closed("x"), later);
    assert_eq!(waits(&bench), Some(Duration::from_secs(1)));
}

#[test]
fn the_user_may_leave_or_hurry_while_it_waits() {
    let mut bench = in_room("");
    bench.event(Event::Closed("x"));
    assert!(!bench.0.is_attempt_due());
    assert!(bench.typed("/reconnect").is_empty());
    assert!(bench.0.is_attempt_due());
    bench.event(Event::NotConnected("x"));
    assert!(!bench.0.is_attempt_due());
    let told = bench.typed("/whois bob");
    assert_eq!(told, ["14:02 !! There is no connection now: /reconnect tries again at once."]);
    assert_eq!(bench.typed("/room"), ["14:02 -- you are in #general"]);
    bench.typed("/quit");
    assert!(bench.event(Event::Quit).is_empty());
    assert!(matches!(bench.0.phase(), Phase::Closed(_)) && bench.0.is_attempt_due());
    assert!(connected(&mut bench).is_empty(), "a connection that comes too late is not used");
    let mut bench = in_room("");
    bench.event(Event::Closed("x"));
    connected(&mut bench);
    bench.event(Event::Quit);
    assert!(matches!(bench.0.phase(), Phase::Closed(_)), "who is not there need not say goodbye");
}

#[test]
fn who_is_to_stay_away_does() {
    let is_over = |lines: &[&str]| {
        let mut bench = in_room("");
        lines.iter().for_each(|line| drop(bench.line(line)));
        bench.event(Event::Closed("the server closed it"));
        matches!(bench.0.phase(), Phase::Closed(_))
    };
    assert!(is_over(&["ERROR :Closing Link: h (Killed (admin (bye)))"]));
    assert!(is_over(&[
        ":s.x 465 alice :You are banned from this server",
        "ERROR :Closing Link: h"
    ]));
    assert!(!is_over(&["ERROR :Closing Link: h (Ping timeout: 180 seconds)"]));
    assert!(!is_over(&[":s.x 464 alice :Password incorrect"]), "that was OPER");
    let mut bench = in_room("");
    bench.event(Event::Closed("x"));
    connected(&mut bench);
    bench.line(":s.x 464 * :Password incorrect");
    bench.event(Event::Closed("x"));
    assert!(matches!(bench.0.phase(), Phase::Closed(_)));
    let mut bench = in_room("");
    bench.event(Event::Closed("x"));
    bench.event(Event::GivenUp("the certificate is another one"));
    let why = "the certificate is another one".to_owned();
    assert_eq!(*bench.0.phase(), Phase::Closed(why));
}

#[test]
fn who_was_never_welcome_is_not_kept_waiting() {
    let mut bench = Bench::with(lasting());
    bench.event(Event::Closed("x"));
    assert!(matches!(bench.0.phase(), Phase::Closed(_)));
}

#[test]
fn a_server_that_says_nothing_is_left_at_once_or_later() {
    let config = Config { silence_max: SignedDuration::from_secs(10), ..lasting() };
    let mut bench = Bench::in_room_with(config, "");
    let after = |seconds| now() + SignedDuration::from_secs(seconds);
    assert_eq!(shown(bench.0.update(Event::Tick, after(6))), ["> PING still-there"]);
    assert!(bench.0.update(Event::Tick, after(9)).is_empty());
    let told = shown(bench.0.update(Event::Tick, after(10)));
    assert!(told[0].contains("connection lost: the server does not answer any more"), "{told:?}");
    bench.0.update(Event::Connected(Link::default()), after(20));
    bench.0.update(Event::Line(":s.x NOTICE * :Looking up your name"), after(28));
    assert!(bench.0.update(Event::Tick, after(29)).is_empty());
    bench.0.update(Event::Tick, after(30));
    assert_eq!(
        *bench.0.phase(),
        Phase::Lost,
        "a server that takes the connection, and lets nobody in"
    );
}

#[test]
fn the_nickname_is_taken_back_when_it_is_free() {
    let mut bench = in_room("");
    bench.event(Event::Closed("x"));
    connected(&mut bench);
    let taken = bench.line(":s.x 433 * alice :Nickname is already in use");
    assert_eq!(taken, ["14:02 !! The name alice is taken. Trying alice_.", "> NICK alice_"]);
    bench.line(":s.x 001 alice_ :Welcome");
    let later = now() + SignedDuration::from_secs(15);
    assert_eq!(shown(bench.0.update(Event::Tick, later))[0], "> NICK alice");
    assert!(bench.line(":s.x 433 alice_ alice :Nickname is already in use").is_empty());
    let quit = bench.0.update(Event::Line(":alice!al@host QUIT :Ping timeout"), later);
    assert_eq!(shown(quit).last().map(String::as_str), Some("> NICK alice"));
    let changed = bench.0.update(Event::Line(":alice_!al@host NICK alice"), later);
    assert_eq!(shown(changed), ["14:02 -- you are now alice"]);
    let much_later = later + SignedDuration::from_secs(60);
    assert!(!shown(bench.0.update(Event::Tick, much_later)).contains(&"> NICK alice".to_owned()));
}

#[test]
fn a_nickname_that_can_not_be_had_at_all_is_a_reason_to_try_later() {
    let mut bench = in_room("");
    bench.event(Event::Closed("x"));
    connected(&mut bench);
    let told = bench.line(":s.x 432 * alice :Erroneous nickname");
    assert!(told[0].ends_with("trying again in 2 s"), "{told:?}");
    assert_eq!(connected(&mut bench)[1], "> NICK alice");
}

#[test]
fn a_login_is_done_again() {
    let account = Some(("user".to_owned(), Secret::new("pencil")));
    let mut bench = Bench::with(Config { account, is_insecure: true, ..lasting() });
    let log_in = |bench: &mut Bench| {
        bench.line(":s.x CAP * LS :sasl=PLAIN");
        assert_eq!(bench.line(":s.x CAP * ACK :sasl"), ["> AUTHENTICATE PLAIN"]);
        bench.line("AUTHENTICATE +")
    };
    let pencil = log_in(&mut bench);
    bench.line(":s.x 903 alice :Fine");
    bench.line(":s.x 001 alice :Welcome");
    bench.event(Event::Closed("x"));
    connected(&mut bench);
    assert_eq!(log_in(&mut bench), pencil);
    let told = bench.line(":s.x 904 * :SASL authentication failed: Too many failed logins");
    assert!(told[0].contains("Too many failed logins; trying again in 2 s"), "{told:?}");
    connected(&mut bench);
    log_in(&mut bench);
    bench.line(":s.x 903 alice :Fine");
    bench.line(":s.x 001 alice :Welcome");
    bench.typed("/passwd");
    for entered in ["pencil", "crayon", "crayon"] {
        bench.event(Event::Secret(Some(&Secret::new(entered))));
    }
    bench.event(Event::Closed("x"));
    connected(&mut bench);
    let crayon = log_in(&mut bench);
    assert_ne!(crayon, pencil);
    let again = bench.line(":s.x 904 * :SASL authentication failed");
    assert_eq!(again, ["> AUTHENTICATE PLAIN"], "the password was not changed after all");
    assert_eq!(bench.line("AUTHENTICATE +"), pencil);
    bench.line(":s.x 904 * :SASL authentication failed");
    assert!(matches!(bench.0.phase(), Phase::Closed(_)));
}

#[test]
fn who_has_logged_out_stays_so() {
    let account = Some(("user".to_owned(), Secret::new("pencil")));
    let mut bench = Bench::with(Config { account, is_insecure: true, ..lasting() });
    bench.line(":s.x CAP * LS :sasl=PLAIN");
    bench.line(":s.x CAP * ACK :sasl");
    bench.line("AUTHENTICATE +");
    bench.line(":s.x 900 alice alice!a@h user :You are now logged in as user");
    bench.line(":s.x 903 alice :Fine");
    bench.line(":s.x 001 alice :Welcome");
    bench.line(":s.x 901 alice alice!a@h :You are now logged out");
    bench.event(Event::Closed("x"));
    connected(&mut bench);
    bench.line(":s.x CAP * LS :sasl=PLAIN");
    assert_eq!(bench.line(":s.x CAP * ACK :sasl"), ["> CAP END"]);
}

#[test]
fn a_password_that_comes_too_late_is_said_to_be_of_no_use() {
    let mut bench = in_room("");
    bench.typed("/passwd");
    bench.event(Event::Closed("x"));
    let told = bench.event(Event::Secret(Some(&Secret::new("pencil"))));
    assert_eq!(told, ["14:02 !! The connection was lost meanwhile, so nothing is done."]);
}

#[test]
fn the_password_of_an_account_that_is_not_made_is_not_kept() {
    let mut bench = in_room("draft/account-registration");
    bench.typed("/register");
    (0..2).for_each(|_| drop(bench.event(Event::Secret(Some(&Secret::new("pencil"))))));
    assert!(bench.0.registering.is_some());
    bench.line("FAIL REGISTER ACCOUNT_EXISTS alice :It is somebody's");
    assert!(bench.0.registering.is_none());
}
