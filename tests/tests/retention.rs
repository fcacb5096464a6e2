//! What is not kept any more is gone, while people talk.

use std::path::Path;

use chat_tests::{Client, Server};

/// What the server says when it has deleted all that it does not keep.
const DELETED: &str = "entries that are no longer kept";
/// The room is the server's own: it is the same room after a restart.
const ROOM: &str = "[rooms]\ndefault = [\"#keep\"]\n";
const CONFIG: &str = "[accounts]\nscram_iterations = 4096\n[history]\n";

#[test]
fn a_server_keeps_as_much_as_it_is_configured_to() {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let server = start(folder.path(), ROOM);
    let mut alice = member(&server, "alice");
    say_ten(&mut alice);
    drop((alice, server));

    let server = start(folder.path(), &format!("keep_entries = 5\n{ROOM}"));
    server.awaits_log(DELETED);
    let mut alice = member(&server, "alice");
    let left = latest(&mut alice);
    // That somebody came or went is an entry as well.
    assert!((3..=5).contains(&left.len()), "{left:?}");
    assert_eq!(left, words()[10 - left.len()..]);
    assert_eq!(found(&mut alice, "word0"), Vec::<String>::new());
    assert_eq!(found(&mut alice, "word9"), ["word9"]);
}

#[test]
fn a_founder_keeps_less_in_one_room() {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let server = start(folder.path(), "keep_entries = 1000\nkeep_days = 30\n");
    let mut alice = member(&server, "alice");
    alice.says("NS REGISTER correcthorse");
    alice.awaits("900 alice * alice :*");
    alice.says("CS REGISTER #keep");
    alice.awaits("NOTICE alice :#keep is registered *");
    alice.says("JOIN #other");
    alice.awaits("366 * #other :*");
    alice.says("PRIVMSG #other :elsewhere");
    alice.awaits("PRIVMSG #other :elsewhere");
    say_ten(&mut alice);
    alice.says("CS SET #keep KEEP-ENTRIES 3");
    alice.awaits("NOTICE alice :KEEP-ENTRIES of #keep is set");
    server.awaits_log(DELETED);
    assert_eq!(latest(&mut alice), words()[7..]);
    assert_eq!(found(&mut alice, "word6"), Vec::<String>::new());
    assert_eq!(found(&mut alice, "word7"), ["word7"]);
    alice.says("SEARCH text=elsewhere");
    alice.awaits("PRIVMSG #other :elsewhere");
}

fn start(data: &Path, history: &str) -> Server {
    Server::start_with_data(data, &format!("{CONFIG}{history}"))
}

#[track_caller]
fn member(server: &Server, name: &str) -> Client {
    Client::member(
        server,
        name,
        "#keep",
        &["echo-message", "message-tags", "batch", "draft/chathistory", "soju.im/search"],
    )
}

fn words() -> Vec<String> {
    (0..10).map(|number| format!("word{number}")).collect()
}

fn say_ten(client: &mut Client) {
    for word in words() {
        client.says(&format!("PRIVMSG #keep :{word}"));
        client.awaits(&format!("PRIVMSG #keep :{word}"));
    }
}

fn latest(client: &mut Client) -> Vec<String> {
    client.says("CHATHISTORY LATEST #keep * 100");
    batch(client)
}

fn found(client: &mut Client, word: &str) -> Vec<String> {
    client.says(&format!("SEARCH in=#keep;text={word}"));
    batch(client)
}

/// The texts of one.
fn batch(client: &mut Client) -> Vec<String> {
    client.awaits("BATCH +* …");
    let mut texts = Vec::new();
    loop {
        let line = client.receive().expect("the server answers").expect("it stays");
        let parts = line.parts();
        if parts.command == "BATCH" {
            return texts;
        }
        texts.push(parts.params[1].to_owned());
    }
}
