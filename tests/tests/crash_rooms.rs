//! A server that is killed while a registered room changes has kept every change that anybody saw.

use std::path::Path;
use std::sync::mpsc;
use std::thread;

use chat_tests::{Client, Server};
use rustix::process::Signal;

const ROUNDS: usize = 8;
const CONFIG: &str = "[accounts]\nscram_iterations = 4096\n";

#[test]
fn a_topic_that_was_seen_survives_a_kill() {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    {
        let server = Server::start_with_data(folder.path(), CONFIG);
        let mut owner = Client::registered(&server, "owner");
        owner.says("NS REGISTER correcthorse");
        owner.says("JOIN #lasting");
        owner.says("CS REGISTER #lasting");
        owner.awaits("NOTICE owner :#lasting is registered *");
        owner.says("MODE #lasting -t");
        owner.awaits("MODE #lasting -t");
    }
    for round in 1..=ROUNDS {
        let seen = change_until_killed(folder.path(), round);
        let server = Server::start_with_data(folder.path(), CONFIG);
        let mut client = Client::registered(&server, "client");
        client.says("JOIN #lasting");
        let topic = client.awaits("332 client #lasting :*");
        let kept: usize = topic.parts().params[2].parse().expect("a topic is a number");
        assert!(kept >= seen, "round {round}: {seen} was seen, {kept} was kept");
        client.says("MODE #lasting");
        client.awaits("324 client #lasting +n");
    }
}

/// Says the last topic that somebody saw. Topics grow, from round to round as well.
fn change_until_killed(data: &Path, round: usize) -> usize {
    let server = Server::start_with_data(data, CONFIG);
    let (mut speaker, mut watcher) =
        (Client::registered(&server, "speaker"), Client::registered(&server, "watcher"));
    for client in [&mut speaker, &mut watcher] {
        client.says("JOIN #lasting");
        client.awaits("366 * #lasting :*");
    }
    let (tell, told) = mpsc::channel();
    thread::scope(|scope| {
        let watching = scope.spawn(move || {
            let mut seen = 0;
            while let Ok(Some(line)) = watcher.receive() {
                let parts = line.parts();
                if parts.command == "TOPIC" {
                    seen = parts.params[1].parse().expect("a topic is a number");
                    // The test has enough after the first that it asked for.
                    let _ = tell.send(seen);
                }
            }
            seen
        });
        scope.spawn(move || {
            for number in 0.. {
                let line = format!("TOPIC #lasting :{}\r\n", round * 1_000_000 + number);
                if speaker.write(line.as_bytes()).is_err() {
                    return;
                }
            }
        });
        let enough = round * 1_000_000 + round * 37 % 100;
        while told.recv().expect("the watcher sees topics") < enough {}
        server.signal(Signal::KILL);
        watching.join().expect("it ends with the server")
    })
}
