//! Which lines the server has got.

use super::*;

#[test]
fn an_id_says_which_message_an_echo_is_of() {
    let mut bench = Bench::in_room("chat-server/id echo-message");
    assert_eq!(bench.typed("one"), ["> @chat-server/id=random-1 PRIVMSG #general :one"]);
    bench.typed("two");
    bench.line(":alice!a@h PRIVMSG #general :from the phone");
    assert_eq!(bench.0.delivery().waiting(), 2);
    bench.line("@chat-server/id=random-2 :alice!a@h PRIVMSG #general :two");
    assert_eq!(bench.event(Event::Closed("broken")), ["14:02 !! NOT delivered to #general: one"]);
    assert!(bench.0.delivery().any_lost());
    assert_eq!(bench.typed("late"), ["14:02 !! NOT delivered to #general: late"]);
}

#[test]
fn a_label_and_an_id_go_together() {
    let mut bench = Bench::in_room("batch chat-server/id echo-message labeled-response");
    assert_eq!(bench.typed("/msg bob x"), ["> @label=1;chat-server/id=random-1 PRIVMSG bob :x"]);
    bench.line("@label=1;chat-server/id=random-1 :alice!a@h PRIVMSG bob :x");
    assert_eq!(bench.0.delivery().waiting(), 0);
    bench.typed("y");
    assert_eq!(
        bench.line("@label=2 FAIL PRIVMSG STORE_UNAVAILABLE #general :The disk is full"),
        ["14:02 !! #general: The disk is full", "14:02 !! NOT delivered to #general: y"]
    );
}

#[test]
fn what_takes_long_is_named() {
    let mut bench = Bench::in_room("echo-message");
    bench.typed("hello");
    let later = now() + SignedDuration::from_secs(10);
    let told = shown(bench.0.update(Event::Tick, later));
    assert_eq!(told, ["14:02 -- not confirmed yet, to #general: hello"]);
    assert!(shown(bench.0.update(Event::Tick, later)).is_empty());
    assert_eq!(bench.line(":alice!a@h PRIVMSG #general :hello"), ["14:02 alice: hello"]);
    assert!(bench.event(Event::Closed("broken")).is_empty());
}

#[test]
fn without_echoes_the_server_is_asked_now_and_then_and_at_the_end() {
    let mut bench = Bench::in_room("");
    bench.typed("one");
    assert_eq!(bench.event(Event::Tick), ["> PING sent-1"]);
    assert!(bench.event(Event::Tick).is_empty());
    bench.typed("two");
    bench.typed("exit");
    assert_eq!(bench.event(Event::Quit), ["> PING sent-2", "> QUIT"]);
    bench.line(":s PONG s :sent-2");
    assert!(bench.event(Event::Closed("bye")).is_empty());
}

#[test]
fn without_echoes_what_was_said_a_while_ago_is_asked_about() {
    let mut bench = Bench::in_room("");
    bench.typed("hello");
    assert_eq!(bench.line(":bob!b@h PRIVMSG #general :hi"), ["14:02 bob: hi"]);
    let later = now() + SignedDuration::from_secs(5);
    let busy = bench.0.update(Event::Line(":bob!b@h PRIVMSG #general :you"), later);
    assert_eq!(shown(busy).last().map(String::as_str), Some("> PING sent-1"));
}
