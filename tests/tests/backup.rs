//! Backups and exports, beside a server that is busy.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use chat_protocol::Tags;
use chat_tests::administration::{fails, succeeds};
use chat_tests::{Client, Line, Server};

const CONFIG: &str = "[rooms]\ndefault = [\"#load\"]\n[history]\npage_entries_max = 1000\n[accounts]\nscram_iterations = 4096\n";
const SENDERS: usize = 3;
/// Messages that a sender has on their way.
const WINDOW: usize = 8;
/// So many have been seen when the backup is begun.
const SEEN_BEFORE: usize = 200;
/// What each sender says last.
const END: &str = "end";

#[test]
fn a_backup_under_load_restores_what_was_seen_before_it() {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let (data, file) = (folder.path().join("data"), folder.path().join("copy"));
    let seen = back_up_under_load(&data, &file);

    let restored = folder.path().join("restored");
    succeeds(&restored, &["restore", text(&file)], "");
    let server = Server::start_with_data(&restored, CONFIG);
    let stored = read_back(&server);
    assert!(stored.len() >= SEEN_BEFORE, "{} are in the backup", stored.len());
    assert_eq!(stored, seen[..stored.len()]);
}

/// All that a member saw, in the order in which it came.
fn back_up_under_load(data: &Path, file: &Path) -> Vec<String> {
    let server = Server::start_with_data(data, CONFIG);
    let mut reader = member(&server, "reader");
    let mut senders: Vec<_> = (0..SENDERS)
        .map(|at| format!("sender{at}"))
        .map(|name| (member(&server, &name), name))
        .collect();
    let stop = AtomicBool::new(false);
    let (mut seen, mut ended) = (Vec::new(), 0);
    thread::scope(|scope| {
        for (sender, name) in &mut senders {
            scope.spawn(|| talk(sender, name, &stop));
        }
        while ended < SENDERS {
            let line = reader.receive().expect("the server answers").expect("it stays");
            let Some(msgid) = msgid(&line) else { continue };
            seen.push(msgid);
            ended += usize::from(line.parts().params[1] == END);
            if seen.len() == SEEN_BEFORE {
                scope.spawn(|| {
                    succeeds(data, &["backup", text(file)], "");
                    stop.store(true, Ordering::Relaxed);
                });
            }
        }
    });
    seen
}

#[track_caller]
fn member(server: &Server, name: &str) -> Client {
    Client::member(
        server,
        name,
        "#load",
        &["message-tags", "echo-message", "batch", "draft/chathistory"],
    )
}

/// Talks until it is stopped, and reads until all that it said has come back.
fn talk(sender: &mut Client, name: &str, stop: &AtomicBool) {
    let (mut sent, mut echoed) = (0, 0);
    let mut has_ended = false;
    while !has_ended || echoed < sent {
        if !has_ended && stop.load(Ordering::Relaxed) {
            sender.says(&format!("PRIVMSG #load :{END}"));
            (sent, has_ended) = (sent + 1, true);
        } else if !has_ended {
            let lines: String = (sent..echoed + WINDOW)
                .map(|number| format!("PRIVMSG #load :{number} 你好\r\n"))
                .collect();
            sender.write(lines.as_bytes()).expect("the server reads");
            sent = sent.max(echoed + WINDOW);
        }
        let line = sender.receive().expect("the server answers").expect("it stays");
        let is_own = line.parts().source.is_some_and(|source| source.starts_with(name));
        echoed += usize::from(is_own && line.parts().command == "PRIVMSG");
    }
}

fn msgid(line: &Line) -> Option<String> {
    let parts = line.parts();
    let tags = Tags::from_raw(parts.tags.unwrap_or_default());
    let id = tags.value("msgid").filter(|_| parts.command == "PRIVMSG");
    id.map(std::borrow::Cow::into_owned)
}

fn read_back(server: &Server) -> Vec<String> {
    let mut client = member(server, "checker");
    let (mut stored, mut after) = (Vec::new(), "timestamp=1970-01-01T00:00:00.000Z".to_owned());
    loop {
        client.says(&format!("CHATHISTORY AFTER #load {after} 1000"));
        client.awaits("BATCH * chathistory #load");
        let count = stored.len();
        loop {
            let line = client.receive().expect("the server answers").expect("it stays");
            if line.parts().command == "BATCH" {
                break;
            }
            stored.extend(msgid(&line));
        }
        let Some(last) = stored.last().filter(|_| stored.len() > count) else { return stored };
        after = format!("msgid={last}");
    }
}

#[test]
fn nothing_is_overwritten_unasked() {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let (data, file) = (folder.path().join("data"), folder.path().join("copy"));
    let why = fails(&data, &["backup", text(&file)], "");
    assert!(why.contains("there is no data in"), "{why}");
    assert!(!data.exists(), "a backup of nothing makes nothing");

    let server = Server::start_with_data(&data, CONFIG);
    let mut alice = member(&server, "alice");
    alice.says("PRIVMSG #load :in the backup");
    alice.awaits("PRIVMSG #load :in the backup");
    succeeds(&data, &["backup", text(&file)], "");
    let why = fails(&data, &["backup", text(&file)], "");
    assert!(why.contains("is there already"), "{why}");
    alice.says("PRIVMSG #load :after it");
    alice.awaits("PRIVMSG #load :after it");

    let why = fails(&data, &["restore", "--replace", text(&file)], "");
    assert!(why.contains("another server uses the data directory"), "{why}");
    alice.is_served();
    drop((alice, server));
    let why = fails(&data, &["restore", text(&file)], "");
    assert!(why.contains("is there already"), "{why}");
    let diary = folder.path().join("diary");
    std::fs::write(&diary, "dear diary\n".repeat(1000)).expect("the folder is writable");
    let why = fails(&data, &["restore", "--replace", text(&diary)], "");
    assert!(why.contains("can't be restored: it is no backup"), "{why}");
    let shown = succeeds(&data, &["history", "export", "load"], "");
    assert!(shown.contains("after it"), "{shown}");

    succeeds(&data, &["restore", "--replace", text(&file)], "");
    let server = Server::start_with_data(&data, CONFIG);
    assert_eq!(read_back(&server).len(), 1);
}

#[test]
fn a_history_is_exported_beside_the_server() {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let data = folder.path();
    let server = Server::start_with_data(data, CONFIG);
    let mut alice = member(&server, "alice");
    let mut bob = member(&server, "bob");
    for (client, name) in [(&mut alice, "alice"), (&mut bob, "bob")] {
        client.says("NS REGISTER correcthorse");
        client.awaits(&format!("900 {name} * {name} :*"));
    }
    alice.says("PRIVMSG #load :你好 \x1b[31mred");
    alice.awaits("PRIVMSG #load :*");
    alice.says("PRIVMSG bob :between us");
    alice.awaits("PRIVMSG bob :between us");

    for room in ["#Load", "load"] {
        let shown = succeeds(data, &["history", "export", room], "");
        let last = shown.lines().last().unwrap_or_default();
        assert!(last.ends_with(" <alice> 你好 [31mred"), "{shown}");
        assert!(shown.contains(" -- bob joined\n"), "{shown}");
    }
    let objects = succeeds(data, &["history", "export", "load", "--format", "jsonl"], "");
    assert!(objects.contains(r##""target":"#load","text":"你好 \u001b[31mred"}"##));
    let direct = succeeds(data, &["history", "export", "Bob,alice", "--since", "1h"], "");
    assert!(direct.ends_with(" <alice> between us\n") && direct.lines().count() == 1, "{direct}");
    let later = succeeds(data, &["history", "export", "load", "--since", "2999-01-01"], "");
    assert_eq!(later, "");
    for (arguments, why) in [
        (&["history", "export", "nowhere"][..], "nothing is kept of #nowhere"),
        (&["history", "export", "alice,carol"], "nothing is kept of alice,carol"),
        (&["history", "export", "load", "--since", "soon"], "is no time"),
        (&["history", "export", "a b"], "is no room"),
    ] {
        let refused = fails(data, arguments, "");
        assert!(refused.contains(why), "{refused}");
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a temporary folder's name is text")
}
