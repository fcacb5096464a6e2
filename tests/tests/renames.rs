//! A room that gets other names while people talk, come and go: everybody sees every message once,
//! in one order, under the name that the room has at that moment.

use std::thread;

use chat_tests::{Client, Server};

const RENAMES: usize = 40;
const SENDERS: usize = 3;
/// Messages of each sender that were not refused.
const MESSAGES: usize = 150;
/// Users that join, talk no word, and go without a QUIT.
const VISITORS: usize = 20;

#[test]
fn a_room_is_the_same_under_every_name() {
    let server = Server::start("[rooms]\ndefault = []\n");
    let mut owner = member(&server, "owner");
    let mut watcher = member(&server, "watcher");
    let senders: Vec<Client> =
        (0..SENDERS).map(|at| member(&server, &format!("sender{at}"))).collect();
    let orders = thread::scope(|scope| {
        let talking: Vec<_> = senders
            .into_iter()
            .enumerate()
            .map(|(at, sender)| scope.spawn(move || talk(sender, at)))
            .collect();
        scope.spawn(|| (0..VISITORS).for_each(|at| visit(&server, at)));
        scope.spawn(|| rename(&mut owner));
        let mut orders = vec![seen_by(&mut watcher)];
        orders.extend(talking.into_iter().map(|it| it.join().expect("it is a member throughout")));
        orders
    });
    let all = &orders[0];
    assert_eq!(all.len(), SENDERS * MESSAGES);
    for order in &orders[1..] {
        assert!(all.starts_with(order), "{order:?}\n{all:?}");
    }
    // Who went while the room was renamed is gone.
    let name = format!("#name{RENAMES}");
    owner.skip().expect("the server stays");
    owner.says(&format!("NAMES {name}"));
    let names = owner.awaits(&format!("353 owner = {name} *"));
    let names = names.parts().params[3].to_owned();
    assert!(!names.contains("visitor"), "{names}");
}

#[track_caller]
fn member(server: &Server, name: &str) -> Client {
    Client::member(server, name, "#name0", &["draft/channel-rename", "echo-message"])
}

fn rename(owner: &mut Client) {
    for at in 0..RENAMES {
        owner.says(&format!("RENAME #name{at} #name{}", at + 1));
        owner.awaits(&format!("RENAME #name{at} #name{} *", at + 1));
    }
}

/// Says one message after the other, each until it is seen; returns what it saw of all.
fn talk(mut sender: Client, at: usize) -> Vec<String> {
    let (mut name, mut order) = ("#name0".to_owned(), Vec::new());
    for message in 0..MESSAGES {
        let text = format!("{at}-{message}");
        sender.says(&format!("PRIVMSG {name} :{text}"));
        loop {
            let line = sender.receive().expect("the server answers").expect("the server stays");
            let parts = line.parts();
            match parts.command {
                "RENAME" => name = parts.params[1].to_owned(),
                "PRIVMSG" => {
                    assert_eq!(parts.params[0], name, "{line:?}");
                    order.push(parts.params[1].to_owned());
                    if order.last() == Some(&text) {
                        break;
                    }
                }
                // The room was called so a moment ago; a visitor may have made another of the name.
                "403" | "404" => sender.says(&format!("PRIVMSG {name} :{text}")),
                _ => {}
            }
        }
    }
    order
}

fn seen_by(watcher: &mut Client) -> Vec<String> {
    let (mut name, mut order) = ("#name0".to_owned(), Vec::new());
    let mut renames = 0;
    while order.len() < SENDERS * MESSAGES || renames < RENAMES {
        let line = watcher.receive().expect("the server answers").expect("the server stays");
        let parts = line.parts();
        match parts.command {
            "RENAME" => {
                assert_eq!(parts.params[0], name, "{line:?}");
                name = parts.params[1].to_owned();
                renames += 1;
            }
            "PRIVMSG" => {
                assert_eq!(parts.params[0], name, "{line:?}");
                order.push(parts.params[1].to_owned());
            }
            _ => {}
        }
    }
    order
}

/// Joins whatever name the room has at the moment, as far as one can know, and goes at once.
fn visit(server: &Server, at: usize) {
    let mut visitor = Client::registered(server, &format!("visitor{at}"));
    visitor.says("LIST");
    loop {
        let line = visitor.receive().expect("the server answers").expect("the server stays");
        let parts = line.parts();
        match parts.command {
            "322" => visitor.says(&format!("JOIN {}", parts.params[1])),
            "323" => return,
            _ => {}
        }
    }
}
