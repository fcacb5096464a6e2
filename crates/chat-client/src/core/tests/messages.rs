//! What the server says.

use super::*;

#[test]
fn text_is_sent_and_shown_once() {
    let mut bench = Bench::in_room("");
    assert_eq!(bench.typed("hello"), ["> PRIVMSG #general :hello", "14:02 alice: hello"]);
    let mut bench = Bench::in_room("echo-message");
    assert_eq!(bench.typed("hello"), ["> PRIVMSG #general :hello"]);
    assert_eq!(bench.line(":alice!al@host PRIVMSG #general :hello"), ["14:02 alice: hello"]);
    assert_eq!(bench.0.delivery().waiting(), 0);
}

#[test]
fn labels_say_which_message_was_refused() {
    let mut bench = Bench::in_room("echo-message labeled-response batch");
    assert_eq!(bench.typed("one"), ["> @label=1 PRIVMSG #general :one"]);
    bench.typed("two");
    bench.line("@label=2 :alice!a@h PRIVMSG #general :two");
    assert_eq!(bench.0.delivery().waiting(), 1);
    assert_eq!(
        bench.line("@label=1 :s 404 alice #general :Cannot send to channel (+m)"),
        [
            "14:02 !! You can't speak in #general: Cannot send to channel (+m)",
            "14:02 !! NOT delivered to #general: one"
        ]
    );
    assert_eq!(bench.0.delivery().waiting(), 0);
    assert!(bench.0.delivery().any_refused());
}

#[test]
fn without_echoes_a_pong_confirms() {
    let mut bench = Bench::in_room("");
    bench.typed("one");
    assert_eq!(bench.event(Event::InputEnded), ["> PING sent-1"]);
    assert!(bench.line(":s PONG s :sent-1").is_empty());
    assert_eq!(bench.0.delivery().waiting(), 0);
    assert!(!bench.0.delivery().any_refused());
}

#[test]
fn standard_replies_are_sentences() {
    let mut bench = Bench::in_room("echo-message standard-replies");
    bench.typed("x");
    assert_eq!(
        bench.line("FAIL PRIVMSG TOO_FAST #general :Slow down"),
        ["14:02 !! #general: Slow down", "14:02 !! NOT delivered to #general: x"]
    );
    assert!(bench.0.delivery().any_refused());
    assert_eq!(bench.line("WARN * X :Careful"), ["14:02 !! Warning: Careful"]);
    assert_eq!(bench.line("NOTE * X :By the way"), ["14:02 -- By the way"]);
}

#[test]
fn joins_parts_and_quits_are_short() {
    let mut bench = Bench::in_room("");
    assert_eq!(bench.line(":carol!c@h JOIN #general"), ["14:02 -- carol joined"]);
    assert_eq!(bench.line(":carol!c@h NICK carla"), ["14:02 -- carol is now carla"]);
    assert_eq!(bench.line(":carla!c@h PART #general :bye"), ["14:02 -- carla left (bye)"]);
    assert_eq!(bench.line(":bob!b@h QUIT :gone"), ["14:02 -- bob quit (gone)"]);
    assert_eq!(bench.line(":x!x@h TOPIC #general :new"), ["14:02 -- x changed the topic to: new"]);
    assert_eq!(bench.line(":x!x@h MODE #general +o al"), ["14:02 -- x set mode +o al"]);
    assert_eq!(bench.line(":x!x@h KICK #general al :no"), ["14:02 -- x removed al (no)"]);
    assert_eq!(bench.line(":alice!a@h NICK ally"), ["14:02 -- you are now ally"]);
}

#[test]
fn mentions_private_messages_and_other_rooms_are_marked() {
    let mut bench = Bench::in_room("");
    bench.typed("/join ops");
    bench.line(":alice!a@h JOIN #ops");
    for (line, expected) in [
        (":bob!b@h PRIVMSG #ops :hi", "14:02 bob: hi"),
        (":bob!b@h PRIVMSG #general :hi", "14:02 #general bob: hi"),
        (":bob!b@h PRIVMSG #ops :hi ALICE!", "14:02 > bob: hi ALICE!"),
        (":bob!b@h PRIVMSG alice :psst", "14:02 bob (to you): psst"),
        (":bob!b@h NOTICE #ops :look", "14:02 -bob- look"),
        (":bob!b@h PRIVMSG #ops :\x01ACTION waves\x01", "14:02 * bob waves"),
        (":s.x NOTICE * :*** Looking up", "14:02 -- *** Looking up"),
    ] {
        assert_eq!(bench.line(line), [expected]);
    }
}

#[test]
fn the_servers_time_is_shown() {
    let mut bench = Bench::in_room("server-time");
    assert_eq!(
        bench.line("@time=2026-05-01T10:00:00.123Z :bob!b@h PRIVMSG #general :old"),
        ["10:00 bob: old"]
    );
    assert_eq!(bench.line("@time=nonsense :bob!b@h PRIVMSG #general :x"), ["14:02 bob: x"]);
}

#[test]
fn pings_and_ctcp_are_answered() {
    let mut bench = Bench::in_room("");
    assert_eq!(bench.line("PING :a b"), ["> PONG :a b"]);
    let version = bench.line(":bob!b@h PRIVMSG alice :\x01VERSION\x01");
    assert_eq!(version[0], "14:02 -- bob sent a CTCP VERSION");
    assert!(version[1].starts_with("> NOTICE bob :\x01VERSION chat-client"));
    bench.line(":bob!b@h PRIVMSG alice :\x01PING 1\x01");
    bench.line(":bob!b@h PRIVMSG alice :\x01PING 2\x01");
    assert_eq!(bench.line(":bob!b@h PRIVMSG alice :\x01PING 3\x01").len(), 1);
    assert!(bench.line(":bob!b@h PRIVMSG #general :\x01VERSION\x01").is_empty());
}

#[test]
fn replies_in_several_lines_are_one() {
    let mut bench = Bench::in_room("");
    bench.line(":s 005 alice PREFIX=(qov)~@+ CHANTYPES=# :are supported");
    bench.line(":s 353 alice = #general :~@alice");
    bench.line(":s 353 alice = #general :+bob!b@h carol");
    assert_eq!(
        bench.line(":s 366 alice #general :End"),
        ["14:02 -- in #general (3): ~alice +bob carol"]
    );
    assert_eq!(
        bench.line(":s 352 alice #general u h s bob G@ :0 Bob B"),
        ["14:02 -- bob in #general is u@h (Bob B), away"]
    );
}

#[test]
fn an_answer_in_several_lines_has_its_label_on_the_batch() {
    let mut bench = Bench::in_room("batch echo-message labeled-response");
    bench.typed("one");
    bench.typed("/msg bob two");
    bench.line("@label=2 :s.x BATCH +x labeled-response");
    bench.line("@batch=x :s.x 301 alice bob :lunch");
    bench.line("@batch=x :alice!al@host PRIVMSG bob :two");
    bench.line(":s.x BATCH -x");
    assert_eq!(bench.0.delivery().waiting(), 1);
    bench.line(":s.x 482 alice #general :You're not channel operator");
    assert_eq!(bench.0.delivery().waiting(), 1);
    bench.line("@label=1 :s.x ACK");
    assert_eq!(bench.0.delivery().waiting(), 0);
    assert!(!bench.0.delivery().any_refused());
}

#[test]
fn messages_for_the_operators_of_a_room_are_in_the_room() {
    let mut bench = Bench::in_room("");
    bench.line(":s.x 005 alice PREFIX=(qaohv)~&@%+ CHANTYPES=#& :are supported");
    assert_eq!(bench.line(":bob!b@h PRIVMSG @#general :hi"), ["14:02 bob: hi"]);
    bench.typed("/join &local");
    bench.line(":alice!a@h JOIN &local");
    assert_eq!(bench.line(":bob!b@h PRIVMSG &local :hi"), ["14:02 bob: hi"]);
}
