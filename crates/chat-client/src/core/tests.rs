//! What follows from what: lines in, lines and entries out.

use jiff::tz::TimeZone;

use super::*;
use crate::render::Style;

const STYLE: Style = Style { colour: false, every_room: false, time_zone: TimeZone::UTC };

struct Bench(Client);

impl Bench {
    fn new(append_underscore: bool) -> Self {
        let config = Config {
            nickname: "alice".to_owned(),
            username: "al".to_owned(),
            password: None,
            rooms: vec!["general".to_owned()],
            append_underscore,
        };
        let mut bench = Self(Client::new(config));
        bench.0.update(Event::Connected, now());
        bench
    }

    /// A client in `#general` with bob, on a server with these capabilities.
    fn in_room(capabilities: &str) -> Self {
        let mut bench = Self::new(false);
        bench.line(&format!(":s.x CAP * LS :{capabilities}"));
        bench.line(&format!(":s.x CAP * ACK :{capabilities}"));
        bench.line(":s.x 001 alice :Welcome");
        bench.line(":alice!al@host JOIN #general");
        bench.line(":s.x 353 alice = #general :@bob!b@h alice");
        bench.line(":s.x 366 alice #general :End");
        bench
    }

    fn line(&mut self, line: &str) -> Vec<String> {
        self.event(Event::Line(line))
    }

    fn typed(&mut self, line: &str) -> Vec<String> {
        let room = self.0.current().map(str::to_owned);
        self.event(Event::Typed { line, room: room.as_deref() })
    }

    fn event(&mut self, event: Event<'_>) -> Vec<String> {
        shown(self.0.update(event, now()))
    }
}

fn now() -> Timestamp {
    "2026-05-01T14:02:03Z".parse().unwrap()
}

/// `> line` for what is sent, and lines as they are shown.
fn shown(actions: Vec<Action>) -> Vec<String> {
    let text = |action| match action {
        Action::Send(line) => format!("> {line}"),
        Action::Show(entry) => STYLE.line(&entry, now()),
    };
    actions.into_iter().map(text).collect()
}

#[test]
fn registration_takes_what_the_server_offers() {
    let mut client = Client::new(Config {
        nickname: "alice".to_owned(),
        username: "al".to_owned(),
        password: Some("open sesame".to_owned()),
        rooms: vec!["a".to_owned(), "#b".to_owned()],
        append_underscore: false,
    });
    assert_eq!(
        shown(client.update(Event::Connected, now())),
        ["> PASS :open sesame", "> CAP LS 302", "> NICK alice", "> USER al 0 * :alice"]
    );
    let mut bench = Bench(client);
    assert!(bench.line(":s CAP * LS * :batch sasl=PLAIN echo-message").is_empty());
    assert_eq!(
        bench.line(":s CAP * LS :server-time"),
        ["> CAP REQ :batch echo-message server-time"]
    );
    assert_eq!(bench.line(":s CAP * ACK :batch echo-message server-time"), ["> CAP END"]);
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
        ["14:02 !! You can't speak in #general: Cannot send to channel (+m)"]
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
        ["14:02 !! #general: Slow down"]
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
fn a_room_that_cannot_be_joined_is_not_the_current_one() {
    let mut bench = Bench::in_room("");
    assert_eq!(bench.typed("/join ops"), ["> JOIN #ops"]);
    assert_eq!(bench.0.current(), Some("#ops"));
    assert!(bench.0.is_joining());
    assert_eq!(
        bench.line(":s 474 alice #ops :Cannot join channel (+b)"),
        ["14:02 !! You can't join #ops: you are banned."]
    );
    assert!(!bench.0.is_joining() && bench.0.any_join_refused());
    assert_eq!(bench.0.current(), Some("#general"));
}

#[test]
fn text_never_goes_to_another_room_than_the_prompt_said() {
    let mut bench = Bench::in_room("");
    assert_eq!(
        bench.line(":bob!b@h KICK #general alice :out"),
        ["14:02 !! bob removed you from #general (out)"]
    );
    assert_eq!(bench.typed("secret"), ["14:02 !! You are not in #general: /join #general"]);
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
fn long_text_becomes_several_lines_that_fit() {
    let mut bench = Bench::in_room("");
    let text = "小".repeat(600);
    let sent = bench.typed(&text);
    let lines: Vec<&str> = sent.iter().filter_map(|line| line.strip_prefix("> ")).collect();
    assert!(lines.len() > 1);
    for line in &lines {
        assert!(format!(":alice!al@host {line}\r\n").len() <= 512);
    }
    let parts = lines.iter().filter_map(|line| line.strip_prefix("PRIVMSG #general :"));
    assert_eq!(parts.collect::<String>(), text);
}

#[test]
fn control_characters_and_line_breaks_do_no_harm() {
    let mut bench = Bench::in_room("echo-message");
    assert_eq!(
        bench.typed("one\r\nexit\n/quit\n\nQUIT :x\0\x01"),
        [
            "> PRIVMSG #general :one",
            "> PRIVMSG #general :exit",
            "> PRIVMSG #general :/quit",
            "> PRIVMSG #general :QUIT :x"
        ]
    );
    assert!(!bench.0.is_leaving());
    assert_eq!(bench.typed("/topic a\nQUIT"), ["> TOPIC #general :a QUIT"]);
    assert_eq!(bench.typed("/raw a\r\nb"), ["> a  b"]);
}

#[test]
fn commands_become_lines() {
    let mut bench = Bench::in_room("echo-message");
    for (typed, sent) in [
        ("/say exit", "> PRIVMSG #general :exit"),
        ("/say /help", "> PRIVMSG #general :/help"),
        ("/me waves", "> PRIVMSG #general :\x01ACTION waves\x01"),
        ("/MSG bob psst psst", "> PRIVMSG bob :psst psst"),
        ("/msg general hi", "> PRIVMSG #general :hi"),
        ("/notice bob x", "> NOTICE bob :x"),
        ("/nick al", "> NICK al"),
        ("/topic new one", "> TOPIC #general :new one"),
        ("/topic", "> TOPIC #general"),
        ("/topic #general x", "> TOPIC #general :x"),
        ("/names", "> NAMES #general"),
        ("/who", "> WHO #general"),
        ("/whois bob", "> WHOIS bob"),
        ("/list", "> LIST"),
        ("/away lunch time", "> AWAY :lunch time"),
        ("/away", "> AWAY :away"),
        ("/back", "> AWAY"),
        ("/invite carol", "> INVITE carol #general"),
        ("/kick bob be nice", "> KICK #general bob :be nice"),
        ("/mode +o bob", "> MODE #general +o bob"),
        ("/mode", "> MODE #general"),
        ("/raw VERSION", "> VERSION"),
        ("/join secret key", "> JOIN #secret key"),
        ("/part general so long", "> PART #general :so long"),
    ] {
        assert_eq!(bench.typed(typed), [sent], "{typed}");
    }
}

#[test]
fn mistakes_are_explained() {
    let mut bench = Bench::in_room("");
    for (typed, told) in [
        ("/nosuch", "14:02 !! There is no command /nosuch. See /help"),
        ("/etc/passwd", "14:02 !! There is no command /etc/passwd. To send it: /say"),
        ("/join", "14:02 !! Usage: /join ROOM [KEY]"),
        ("/msg bob", "14:02 !! Usage: /msg NAME TEXT"),
        ("/nick :x", "14:02 !! :x can't be a name."),
        ("/room ops", "14:02 !! You are not in #ops: /join #ops"),
        ("/help nosuch", "14:02 !! There is no command /nosuch. See /help"),
    ] {
        assert_eq!(bench.typed(typed), [told], "{typed}");
    }
    bench.typed("/part");
    assert_eq!(bench.0.current(), None);
    assert_eq!(bench.typed("x"), ["14:02 !! You are in no room. Join one: /join ROOM"]);
    assert!(bench.typed("/help").len() > 20);
}

#[test]
fn the_user_leaves_in_several_ways() {
    for (line, quit) in [
        ("exit", "> QUIT"),
        ("ExIt", "> QUIT"),
        ("/quit", "> QUIT"),
        ("/quit so long", "> QUIT :so long"),
    ] {
        let mut bench = Bench::in_room("");
        assert!(bench.typed(line).is_empty());
        assert!(bench.0.is_leaving());
        assert_eq!(bench.event(Event::Quit), [quit]);
    }
}

#[test]
fn a_server_that_says_why_is_quoted() {
    let mut bench = Bench::in_room("");
    bench.line("ERROR :Closing Link: too slow");
    bench.event(Event::Closed("the server closed it"));
    assert_eq!(*bench.0.phase(), Phase::Closed("Closing Link: too slow".to_owned()));
}

#[test]
fn a_silent_server_is_asked_and_then_given_up() {
    let mut bench = Bench::in_room("");
    let mut later = now() + SILENCE_MAX;
    assert_eq!(shown(bench.0.update(Event::Tick, later)), ["> PING still-there"]);
    later += ANSWER_MAX;
    bench.0.update(Event::Tick, later);
    assert!(matches!(bench.0.phase(), Phase::Closed(_)));
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
fn the_tab_key_offers_what_fits() {
    let mut bench = Bench::in_room("");
    bench.line(":小明!x@h JOIN #general");
    bench.line(":b\u{202e}x!x@h JOIN #general");
    let offers = |line: &str| bench.0.complete(line, line.len());
    assert_eq!(offers("/jo"), (0, vec!["/join ".to_owned()]));
    assert_eq!(offers("B"), (0, vec!["bob: ".to_owned()]));
    assert_eq!(offers("hi b"), (3, vec!["bob ".to_owned()]));
    assert_eq!(offers("hi #g"), (3, vec!["#general ".to_owned()]));
    assert_eq!(offers("小"), (0, vec!["小明: ".to_owned()]));
    assert_eq!(offers("/part g"), (6, vec!["#general ".to_owned()]));
    assert_eq!(offers("/help qu"), (6, vec!["quit ".to_owned()]));
    assert_eq!(
        offers("/msg "),
        (5, ["#general ", "bob ", "小明 "].map(str::to_owned).to_vec())
    );
    assert_eq!(offers("/whois bob x"), (11, vec![]));
    assert_eq!(offers("/nosuch b"), (8, vec![]));
}
