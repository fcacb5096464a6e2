//! Many clients at one time: what they see agrees, and nothing is left over.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use chat_tests::baseline::Holdings;
use chat_tests::{Client, Line, Server};

/// How many act at the same time.
const CROWD: usize = 12;

#[test]
fn everyone_sees_a_room_in_one_order() {
    const LINES: usize = 60;
    let server = Server::start("");
    let mut crowd: Vec<_> = (0..CROWD).map(|at| talker(&server, at)).collect();
    let start = Barrier::new(CROWD);
    let seen: Vec<Vec<String>> = thread::scope(|scope| {
        let talking: Vec<_> = crowd
            .iter_mut()
            .map(|client| {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    (0..LINES).for_each(|line| client.says(&format!("PRIVMSG #order :{line}")));
                    let messages = (0..LINES * CROWD).map(|_| client.awaits("PRIVMSG #order *"));
                    messages.map(|line| sent(&line)).collect()
                })
            })
            .collect();
        talking.into_iter().map(|talking| talking.join().expect("it saw all")).collect()
    });
    for other in &seen[1..] {
        assert_eq!(&seen[0], other);
    }
}

#[test]
fn a_nickname_has_one_owner() {
    let server = Server::start("");
    let mut watcher = Client::registered(&server, "watcher");
    let before = Holdings::of(&server, &mut watcher);
    let start = Barrier::new(CROWD);
    let winners = thread::scope(|scope| {
        let trying: Vec<_> = (0..CROWD)
            .map(|_| {
                scope.spawn(|| {
                    let mut client = Client::unregistered(&server, "wanted");
                    start.wait();
                    client.says("NICK wanted");
                    client.says("USER wanted 0 * :Wanted");
                    let answer = client.awaits("* …");
                    // Nobody leaves before all have tried.
                    start.wait();
                    answer.parts().command == "001"
                })
            })
            .collect();
        trying.into_iter().filter_map(|trying| trying.join().ok()).filter(|&won| won).count()
    });
    assert_eq!(winners, 1);
    before.are_restored(&server, &mut watcher);
}

#[test]
fn rooms_come_and_go() {
    const ROUNDS: usize = 40;
    let server = Server::start("");
    let mut watcher = Client::registered(&server, "watcher");
    let before = Holdings::of(&server, &mut watcher);
    thread::scope(|scope| {
        for at in 0..CROWD {
            let server = &server;
            scope.spawn(move || {
                let mut client = Client::registered(server, &format!("guest{at}"));
                for round in 0..ROUNDS {
                    client.says("JOIN #short,#lived");
                    client.says(&format!("NICK guest{at}x{round}"));
                    client.says("TOPIC #short :mine");
                    client.says("PRIVMSG #lived :hello");
                    client.says("PART #short,#lived");
                    client.is_served();
                }
                client.says("JOIN #short,#lived");
            });
        }
    });
    before.are_restored(&server, &mut watcher);
}

#[test]
fn last_words_reach_everyone() {
    const ROUNDS: usize = 25;
    let server = Server::start("");
    thread::scope(|scope| {
        for at in 0..CROWD {
            let server = &server;
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    let mut client = Client::registered(server, &format!("guest{at}x{round}"));
                    client.says("JOIN #general");
                    (0..5).for_each(|line| client.says(&format!("PRIVMSG #general :{line}")));
                    client.says("PING last");
                    client.says("QUIT :bye");
                    let lines = client.reads_to_end();
                    let pong = lines.iter().filter(|line| line.is_pong("last")).count();
                    let error = lines.last().map(|line| line.parts().command);
                    assert_eq!((pong, error), (1, Some("ERROR")), "{lines:?}");
                }
            });
        }
    });
}

#[test]
fn who_quits_while_others_talk_hears_the_last_word() {
    const ROUNDS: usize = 25;
    let server = Server::start("");
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let (server, is_over) = (&server, &is_over);
        for at in 0..CROWD / 3 {
            scope.spawn(move || {
                let mut talker = Client::registered(server, &format!("talker{at}"));
                talker.says("JOIN #general");
                while !is_over.load(Ordering::Relaxed) {
                    (0..20).for_each(|line| talker.says(&format!("PRIVMSG #general :{line}")));
                    talker.is_served();
                }
            });
        }
        let quitting: Vec<_> = (0..CROWD)
            .map(|at| {
                scope.spawn(move || {
                    (0..ROUNDS).for_each(|round| quits(server, &format!("guest{at}x{round}")));
                })
            })
            .collect();
        let quit: Vec<_> = quitting.into_iter().map(|quitting| quitting.join().is_ok()).collect();
        is_over.store(true, Ordering::Relaxed);
        assert_eq!(quit, [true; CROWD]);
    });
}

#[track_caller]
fn quits(server: &Server, name: &str) {
    let mut guest = Client::registered(server, name);
    guest.says("JOIN #general");
    guest.awaits("PRIVMSG #general *");
    guest.says("QUIT");
    let last = guest.reads_to_end().pop();
    assert_eq!(last.as_ref().map(|line| line.parts().command), Some("ERROR"), "{name}: {last:?}");
}

#[test]
fn who_is_not_in_a_room_hears_nothing_of_it() {
    const ROUNDS: usize = 50;
    let server = Server::start("");
    thread::scope(|scope| {
        for at in 0..CROWD {
            let server = &server;
            scope.spawn(move || {
                let name = format!("guest{at}");
                let mut client = Client::registered(server, &name);
                for round in 0..ROUNDS {
                    client.says("JOIN #general");
                    client.says("PRIVMSG #general :hello");
                    client.says("PART #general");
                    client.says(&format!("PING {round}"));
                    hears_the_room_only_between_join_and_part(&mut client, &name, round);
                }
            });
        }
    });
}

#[track_caller]
fn hears_the_room_only_between_join_and_part(client: &mut Client, name: &str, round: usize) {
    let mut is_member = false;
    loop {
        let line = client.awaits("* …");
        let parts = line.parts();
        let is_own = parts.source.is_some_and(|source| source.starts_with(&format!("{name}!")));
        match (is_own, parts.command) {
            (true, "JOIN") => is_member = true,
            (true, "PART") => is_member = false,
            (_, "PONG") if line.is_pong(&round.to_string()) => return,
            _ => assert!(is_member, "{name} hears {line:?}"),
        }
    }
}

#[test]
fn a_long_list_of_names_takes_several_lines() {
    const MEMBERS: usize = 120;
    let server = Server::start("");
    let nicknames: Vec<_> = (0..MEMBERS).map(|at| format!("member{at:x>20}")).collect();
    let mut members: Vec<_> = nicknames
        .iter()
        .map(|nickname| {
            let mut member = Client::registered(&server, nickname);
            member.says("JOIN #general");
            member
        })
        .collect();
    members.iter_mut().for_each(Client::is_served);
    let last = members.last_mut().expect("there are members");
    last.says("NAMES #general");
    let mut listed = Vec::new();
    loop {
        let line = last.awaits("* …");
        let parts = line.parts();
        match (parts.command, parts.params.last()) {
            ("353", Some(names)) => listed.extend(names.split(' ').map(str::to_owned)),
            _ => break,
        }
    }
    listed.sort_unstable();
    assert_eq!(listed, sorted(nicknames.clone()));
    last.says("WHO #general");
    let found: Vec<_> = (0..MEMBERS).map(|_| last.awaits("352 …")).collect();
    let found = found.iter().map(|line| line.parts().params[5].to_owned()).collect();
    assert_eq!(sorted(found), sorted(nicknames));
    last.awaits("315 …");
}

fn talker(server: &Server, at: usize) -> Client {
    let name = format!("talker{at}");
    let mut client = Client::unregistered(server, &name);
    client.register(&["echo-message".to_owned()]).expect("it is welcomed");
    client.says("JOIN #order");
    client.is_served();
    client
}

/// Who said what.
fn sent(line: &Line) -> String {
    let parts = line.parts();
    format!("{} {}", parts.source.unwrap_or_default(), parts.params[1])
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort_unstable();
    names
}
