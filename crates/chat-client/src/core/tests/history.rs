//! What was said before, and what of it is read.

use super::*;

const CAPABILITIES: &str = "batch draft/chathistory message-tags server-time";

fn page(bench: &mut Bench, lines: &[&str]) -> Vec<String> {
    bench.line(":s.x BATCH +h chathistory #general");
    for line in lines {
        assert!(bench.line(&format!("@batch=h;{line}")).is_empty());
    }
    bench.line(":s.x BATCH -h")
}

#[test]
fn a_room_that_is_joined_shows_its_last_lines() {
    let mut bench = Bench::in_room(CAPABILITIES);
    assert_eq!(
        bench.line(":alice!al@host JOIN #ops"),
        ["14:02 #ops -- you joined #ops", "> CHATHISTORY LATEST #ops * 20"]
    );
    assert!(bench.0.is_answer_awaited());
    bench.line("@msgid=3;time=2026-05-01T13:00:00.000Z :bob!b@h PRIVMSG #general :three");
    assert_eq!(
        page(
            &mut bench,
            &[
                "msgid=1;time=2026-04-30T09:00:00.000Z :bob!b@h PRIVMSG #general :alice, one",
                "msgid=2;time=2026-05-01T09:00:00.000Z :al!b@h PRIVMSG #general :\x01ACTION \x1b[2J\x01",
                "msgid=3;time=2026-05-01T13:00:00.000Z :bob!b@h PRIVMSG #general :three",
            ]
        ),
        [
            "14:02 -- earlier --",
            "2026-04-30 09:00 bob: alice, one",
            "09:00 * al [2J",
            "14:02 -- now --"
        ]
    );
    let again = "@msgid=2;time=2026-05-01T09:00:00.000Z :al!b@h PRIVMSG #general :again";
    assert!(bench.line(again).is_empty());
}

#[test]
fn pages_go_further_back_each_time() {
    let mut bench = Bench::in_room(CAPABILITIES);
    page(&mut bench, &["msgid=9;time=2026-05-01T09:00:00.000Z :bob!b@h PRIVMSG #general :nine"]);
    assert_eq!(bench.typed("/history"), ["> CHATHISTORY BEFORE #general msgid=9 50"]);
    let told = bench.typed("/history");
    assert_eq!(told, ["14:02 !! The lines before are still on their way."]);
    page(&mut bench, &["msgid=5;time=2026-05-01T05:00:00.000Z :bob!b@h PRIVMSG #general :five"]);
    assert_eq!(bench.typed("/history 500"), ["> CHATHISTORY BEFORE #general msgid=5 100"]);
    assert_eq!(page(&mut bench, &[]), ["14:02 -- nothing earlier: this is the beginning --"]);
    assert_eq!(bench.typed("/history x"), ["14:02 !! Usage: /history [COUNT]"]);
    bench.line(":s.x 005 alice MSGREFTYPES=timestamp :are supported");
    assert_eq!(
        bench.typed("/history 7"),
        ["> CHATHISTORY BEFORE #general timestamp=2026-05-01T05:00:00.000Z 7"]
    );
    assert_eq!(
        bench.line("FAIL CHATHISTORY INVALID_TARGET BEFORE #general :No"),
        ["14:02 !! There is no history of #general for you."]
    );
    assert!(!bench.0.is_answer_awaited());
}

#[test]
fn a_page_that_nobody_asked_for_fails_quietly() {
    let mut bench = Bench::in_room(CAPABILITIES);
    assert!(bench.line("FAIL CHATHISTORY INVALID_TARGET LATEST #general :No").is_empty());
    assert!(!bench.0.is_answer_awaited());
    bench.typed("/history");
    assert!(bench.0.is_answer_awaited());
    let told = bench.line("FAIL CHATHISTORY INVALID_PARAMS LATEST :Too many");
    assert_eq!(told, ["14:02 !! LATEST: Too many"]);
    assert!(!bench.0.is_answer_awaited());
    bench.typed("/history");
    bench.line(":s.x 421 alice CHATHISTORY :Unknown command");
    assert!(!bench.0.is_answer_awaited());
}

#[test]
fn without_history_nothing_is_asked_for() {
    let mut bench = Bench::in_room("batch");
    let shown = bench.line(":alice!al@host JOIN #ops");
    assert_eq!(shown, ["14:02 #ops -- you joined #ops"]);
    let told = bench.typed("/history");
    assert_eq!(told, ["14:02 !! The server does not keep what was said."]);
    let config = Config { history: 0, ..config() };
    let mut bench = Bench::in_room_with(config, CAPABILITIES);
    assert_eq!(bench.line(":alice!al@host JOIN #ops").len(), 1);
    assert_eq!(bench.typed("/history"), ["> CHATHISTORY LATEST #general * 50"]);
}

#[test]
fn what_was_not_read_is_set_apart() {
    let mut bench = Bench::in_room(&format!("{CAPABILITIES} draft/read-marker"));
    bench.line(":s.x MARKREAD #general timestamp=2026-05-01T09:00:00.000Z");
    let shown = page(
        &mut bench,
        &[
            "msgid=1;time=2026-05-01T09:00:00.000Z :bob!b@h PRIVMSG #general :read",
            "msgid=2;time=2026-05-01T10:00:00.000Z :alice!b@h PRIVMSG #general :mine",
            "msgid=3;time=2026-05-01T11:00:00.000Z :bob!b@h PRIVMSG #general :new",
        ],
    );
    let marker = shown.iter().position(|line| line == "14:02 -- 1 unread --");
    assert_eq!(marker.map(|at| shown[at + 1].as_str()), Some("11:00 bob: new"));
    assert_eq!(
        bench.typed("hi"),
        [
            "> MARKREAD #general timestamp=2026-05-01T11:00:00.000Z",
            "> PRIVMSG #general :hi",
            "14:02 alice: hi"
        ]
    );
    assert_eq!(bench.typed("ho").len(), 2);
    bench.line("@time=2026-05-01T12:00:00.000Z :bob!b@h PRIVMSG #general :x");
    let marked = ["> MARKREAD #general timestamp=2026-05-01T12:00:00.000Z"];
    assert_eq!(bench.typed("/room general"), marked);
    assert!(bench.line("FAIL MARKREAD INTERNAL_ERROR #general :No").is_empty());
}

#[test]
fn a_page_that_is_all_unread_says_at_least() {
    let config = Config { history: 1, ..config() };
    let mut bench = Bench::in_room_with(config, &format!("{CAPABILITIES} draft/read-marker"));
    bench.line(":s.x MARKREAD #general timestamp=2026-05-01T09:00:00.000Z");
    let line = "msgid=3;time=2026-05-01T11:00:00.000Z :bob!b@h PRIVMSG #general :new";
    assert_eq!(page(&mut bench, &[line])[1], "14:02 -- at least 1 unread --");
}

#[test]
fn a_program_has_read_nothing() {
    let config = Config { is_person: false, ..config() };
    let mut bench = Bench::in_room_with(config, &format!("{CAPABILITIES} draft/read-marker"));
    bench.line("@time=2026-05-01T12:00:00.000Z :bob!b@h PRIVMSG #general :x");
    assert_eq!(bench.typed("hi"), ["> PRIVMSG #general :hi", "14:02 alice: hi"]);
}
