//! Who is always on and has a client that knows nothing of history is shown everything once and in
//! order, however it comes and goes while others talk.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use chat_tests::{Client, Line, Server};

const CONFIG: &str = "[accounts]\nscram_iterations = 4096\n[history]\npage_entries_max = 1000\n";
/// The password `correcthorse` of the account alice, for SASL PLAIN.
const ALICE: &str = "AUTHENTICATE AGFsaWNlAGNvcnJlY3Rob3JzZQ==";
const VISITS: usize = 40;
const TALKING: usize = 4;

#[test]
fn nothing_is_missed_or_seen_twice() {
    let server = Server::start(CONFIG);
    let mut alice = Client::registered(&server, "alice");
    has_an_account(&mut alice);
    alice.says("NS SET ALWAYS-ON ON");
    alice.awaits("NOTICE alice :Your setting is changed");
    alice.says("JOIN #room");
    alice.awaits("366 * #room :*");
    let speakers: Vec<Client> = (0..TALKING).map(|at| speaker(&server, at)).collect();

    let is_over = AtomicBool::new(false);
    let mut seen = Vec::new();
    let said = thread::scope(|scope| {
        let talking: Vec<_> = speakers
            .into_iter()
            .enumerate()
            .map(|(at, speaker)| {
                let is_over = &is_over;
                scope.spawn(move || talk(speaker, at, is_over))
            })
            .collect();
        seen.extend(leaves(alice));
        for _ in 0..VISITS {
            seen.extend(visits(&server));
        }
        is_over.store(true, Ordering::Relaxed);
        talking.into_iter().map(|it| it.join().expect("it talks to the end")).collect::<Vec<_>>()
    });
    seen.extend(visits(&server));
    for (at, said) in said.into_iter().enumerate() {
        let expected: Vec<String> = (0..said).map(|number| format!("{at} {number}")).collect();
        for target in ["#room", "alice"] {
            let of_one = seen.iter().filter(|(to, text)| {
                to == target && text.split(' ').next() == Some(&at.to_string())
            });
            let texts: Vec<_> = of_one.map(|(_, text)| text.clone()).collect();
            assert_eq!(texts, expected, "from {at} to {target}");
        }
    }
}

fn has_an_account(client: &mut Client) {
    client.says("NS REGISTER correcthorse");
    client.awaits("NOTICE * :The account * is registered");
}

fn speaker(server: &Server, at: usize) -> Client {
    let mut speaker = Client::registered(server, &format!("speaker{at}"));
    has_an_account(&mut speaker);
    speaker.says("JOIN #room");
    speaker.awaits("366 * #room :*");
    speaker
}

/// Says numbers to the room and to alice, and how many.
fn talk(mut speaker: Client, at: usize, is_over: &AtomicBool) -> usize {
    let mut said = 0;
    while !is_over.load(Ordering::Relaxed) {
        speaker.says(&format!("PRIVMSG #room :{at} {said}"));
        speaker.says(&format!("PRIVMSG alice :{at} {said}"));
        speaker.is_served();
        said += 1;
    }
    said
}

/// Comes, looks around and goes again: the targets and texts it was shown.
fn visits(server: &Server) -> Vec<(String, String)> {
    let mut alice = Client::unregistered(server, "alice");
    alice.says("CAP REQ sasl");
    alice.says("NICK alice");
    alice.says("USER alice 0 * :Alice");
    alice.says("AUTHENTICATE PLAIN");
    alice.awaits("AUTHENTICATE +");
    alice.says(ALICE);
    alice.awaits("903 …");
    alice.says("CAP END");
    alice.gets("001 …");
    leaves(alice)
}

fn leaves(mut alice: Client) -> Vec<(String, String)> {
    alice.says("QUIT");
    alice.reads_to_end().iter().filter_map(message).collect()
}

/// The target and the text of a message, without the time before one of the past.
fn message(line: &Line) -> Option<(String, String)> {
    let parts = line.parts();
    if parts.command != "PRIVMSG" {
        return None;
    }
    let (target, text) = (parts.params[0], parts.params[1]);
    let text = text.rsplit("] ").next().unwrap_or(text);
    Some((target.to_owned(), text.to_owned()))
}
