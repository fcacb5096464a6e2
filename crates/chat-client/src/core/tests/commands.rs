//! What the user types.

use super::*;

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
        assert!(bench.event(Event::Quit).is_empty());
    }
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
    assert_eq!(offers("/msg "), (5, ["#general ", "bob ", "小明 "].map(str::to_owned).to_vec()));
    assert_eq!(offers("/whois bob x"), (11, vec![]));
    assert_eq!(offers("/nosuch b"), (8, vec![]));
    assert_eq!(offers("/ join"), (2, vec![]));
}
