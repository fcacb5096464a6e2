//! A server that is killed while everybody talks has kept all that anybody has seen.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::mpsc::{self, Sender};
use std::thread;

use chat_protocol::Tags;
use chat_tests::{Client, Line, Server};
use rustix::process::Signal;

const ROUNDS: usize = 20;
const SENDERS: usize = 4;
/// Messages that a sender has on their way.
const WINDOW: usize = 16;
const CONFIG: &str = "[rooms]\ndefault = [\"#crash\"]\n[history]\npage_entries_max = 1000\n";

#[test]
fn what_was_seen_survives_a_kill() {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let mut last = None;
    for round in 0..ROUNDS {
        let seen = talk_until_killed(folder.path(), round);
        let server = Server::start_with_data(folder.path(), CONFIG);
        let stored = read_back(&server, &mut last);
        check(&seen, &stored, round);
    }
}

/// Message texts by msgid, in the order in which somebody saw them.
type Order = Vec<(String, String)>;

struct Seen {
    /// By each sender, of its own messages.
    echoes: Vec<Order>,
    /// By a member who says nothing.
    read: Order,
}

/// The server is killed when the reader has seen a number of messages that differs in each round.
fn talk_until_killed(data: &Path, round: usize) -> Seen {
    let server = Server::start_with_data(data, CONFIG);
    let enough = 1 + round * 7919 % 700;
    let mut reader = member(&server, "reader");
    let mut senders: Vec<Client> =
        (0..SENDERS).map(|at| member(&server, &format!("sender{at}"))).collect();
    let (tell, told) = mpsc::channel();
    thread::scope(|scope| {
        let reading = scope.spawn(move || read_until_closed(&mut reader, enough, &tell));
        let sending: Vec<_> = senders
            .iter_mut()
            .enumerate()
            .map(|(at, sender)| scope.spawn(move || send_until_closed(sender, round, at)))
            .collect();
        told.recv().expect("the reader sees enough");
        server.signal(Signal::KILL);
        let echoes = sending.into_iter().map(|it| it.join().expect("it ends with the server"));
        Seen { echoes: echoes.collect(), read: reading.join().expect("it ends with the server") }
    })
}

#[track_caller]
fn member(server: &Server, name: &str) -> Client {
    Client::member(server, name, "#crash", &["message-tags", "echo-message", "draft/chathistory"])
}

fn read_until_closed(reader: &mut Client, enough: usize, tell: &Sender<()>) -> Order {
    let mut order = Order::new();
    while let Ok(Some(line)) = reader.receive() {
        order.extend(message(&line));
        if order.len() == enough {
            tell.send(()).expect("the test waits for it");
        }
    }
    order
}

fn send_until_closed(sender: &mut Client, round: usize, at: usize) -> Order {
    let nickname = format!("sender{at}");
    let (mut echoes, mut sent) = (Order::new(), 0);
    loop {
        let lines: String = (sent..echoes.len() + WINDOW)
            .map(|number| format!("PRIVMSG #crash :{round} {at} {number} 你好\r\n"))
            .collect();
        sent = sent.max(echoes.len() + WINDOW);
        if sender.write(lines.as_bytes()).is_err() {
            return echoes;
        }
        let Ok(Some(line)) = sender.receive() else { return echoes };
        if line.parts().source.is_some_and(|source| source.starts_with(&nickname)) {
            echoes.extend(message(&line));
        }
    }
}

fn message(line: &Line) -> Option<(String, String)> {
    let parts = line.parts();
    if parts.command != "PRIVMSG" {
        return None;
    }
    let tags = Tags::from_raw(parts.tags.unwrap_or_default());
    let msgid = tags.value("msgid").expect("every message has an id").into_owned();
    Some((msgid, parts.params[1].to_owned()))
}

/// All that was stored since the last time.
fn read_back(server: &Server, last: &mut Option<String>) -> Order {
    let mut client = Client::unregistered(server, "checker");
    let capabilities = ["message-tags", "batch", "draft/chathistory"].map(str::to_owned);
    client.register(&capabilities).expect("the server lets it in");
    client.says("JOIN #crash");
    client.awaits("366 * #crash :*");
    let mut stored = Order::new();
    loop {
        let after = last.as_ref().map_or("timestamp=1970-01-01T00:00:00.000Z".to_owned(), |last| {
            format!("msgid={last}")
        });
        client.says(&format!("CHATHISTORY AFTER #crash {after} 1000"));
        client.awaits("BATCH * chathistory #crash");
        let page = page(&mut client);
        let Some((newest, _)) = page.last() else { return stored };
        *last = Some(newest.clone());
        stored.extend(page);
    }
}

fn page(client: &mut Client) -> Order {
    let mut page = Order::new();
    while let Some(line) = client.receive().expect("the server answers") {
        if line.parts().command == "BATCH" {
            break;
        }
        page.extend(message(&line));
    }
    page
}

fn check(seen: &Seen, stored: &Order, round: usize) {
    let texts: HashSet<&String> = stored.iter().map(|(_, text)| text).collect();
    assert_eq!(texts.len(), stored.len(), "round {round}: something is stored twice");
    let places: HashMap<&(String, String), usize> =
        stored.iter().enumerate().map(|(at, message)| (message, at)).collect();
    for order in seen.echoes.iter().chain([&seen.read]) {
        let places: Vec<usize> = order
            .iter()
            .map(|message| match places.get(message) {
                Some(place) => *place,
                None => panic!("round {round}: {message:?} was seen and is not stored"),
            })
            .collect();
        assert!(places.is_sorted(), "round {round}: the order is not the one that was seen");
    }
    assert!(!seen.read.is_empty(), "round {round}: nothing was seen at all");
}
