//! Finding what was said.

use super::*;

#[test]
fn matches_are_shown_with_their_day_and_room() {
    let mut bench = Bench::in_room("batch message-tags server-time soju.im/search");
    assert_eq!(
        bench.typed("/search from:bob deploy done"),
        ["> SEARCH in=#general;from=bob;text=deploy\\sdone;limit=50"]
    );
    assert!(bench.0.is_answer_awaited());
    bench.line(":s.x BATCH +s soju.im/search");
    bench.line("@batch=s;time=2026-05-01T11:00:00.000Z :bob!b@h PRIVMSG #general :alice: done\x07");
    bench.line("@batch=s;time=2026-04-01T11:00:00.000Z :bob!b@h NOTICE #general :done");
    assert_eq!(
        bench.line(":s.x BATCH -s"),
        [
            "2026-04-01 11:00 #general -bob- done",
            "2026-05-01 11:00 #general bob: alice: done",
            "14:02 -- 2 lines found"
        ]
    );
    assert!(!bench.0.is_answer_awaited());
    assert_eq!(bench.typed("/search in:ops x"), ["> SEARCH in=#ops;text=x;limit=50"]);
    bench.line(":s.x BATCH +s soju.im/search");
    assert_eq!(bench.line(":s.x BATCH -s"), ["14:02 -- nothing found"]);
    bench.typed("/search x");
    assert_eq!(
        bench.line("FAIL SEARCH INTERNAL_ERROR :Busy"),
        ["14:02 !! The search could not be done: Busy"]
    );
    assert!(!bench.0.is_answer_awaited());
}

#[test]
fn a_server_may_not_search() {
    let mut bench = Bench::in_room("batch");
    assert_eq!(bench.typed("/search x"), ["14:02 !! The server can't search."]);
    assert!(bench.typed("/search")[0].contains("Usage: /search"));
    assert!(bench.typed("/search before:now x")[0].contains("now is no date"));
}

#[test]
fn filters_are_completed() {
    let bench = Bench::in_room("");
    let offers = |line: &str| bench.0.complete(line, line.len()).1;
    assert_eq!(offers("/search fr"), ["from:"]);
    assert_eq!(offers("/search x from:b"), ["from:bob "]);
    assert_eq!(offers("/search in:g"), ["in:#general "]);
}
