//! What the server does about a disk that is full, a database that is none, and a second server.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use chat_tests::server::write_config;
use chat_tests::{Client, Server, http};

/// A file system of its own, small enough to be filled.
struct SmallDisk(PathBuf);

impl SmallDisk {
    const SIZE: &str = "size=8m";

    /// `None` where the system does not let the tests mount anything.
    fn mount(at: &Path) -> Option<Self> {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", Self::SIZE, "tmpfs"]).arg(at);
        let mounted = mount.status().is_ok_and(|status| status.success());
        mounted.then(|| Self(at.to_owned()))
    }

    fn fill(&self) {
        let mut filler = File::create(self.0.join("filler")).expect("the disk takes a file");
        while filler.write_all(&[0; 4096]).is_ok() {}
    }

    fn free(&self) {
        fs::remove_file(self.0.join("filler")).expect("the filler is there");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

#[test]
fn nothing_is_shown_that_a_full_disk_does_not_take() {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let Some(disk) = SmallDisk::mount(folder.path()) else {
        let _ = writeln!(std::io::stderr(), "not tested: no file system can be mounted here");
        return;
    };
    let server = Server::start_with_data(folder.path(), "");
    let mut alice = member(&server, "alice");
    let mut bob = member(&server, "bob");
    alice.awaits("JOIN #disk");
    disk.fill();
    let mut refused = Vec::new();
    // What SQLite has already taken space for is still written.
    while refused.len() < 50 {
        let text = format!("{} {}", refused.len(), "x".repeat(300));
        alice.says(&format!("PRIVMSG #disk :{text}"));
        let line = alice.receive().expect("the server answers").expect("the server stays");
        match line.parts().command {
            "FAIL" => {
                assert!(
                    line.as_str().contains("PRIVMSG TEMPORARILY_UNAVAILABLE #disk"),
                    "{line:?}"
                );
                assert!(line.as_str().contains("space"), "{line:?}");
                refused.push(text);
            }
            "PRIVMSG" => bob.gets(&format!(":alice!* PRIVMSG #disk :{}", text)),
            other => panic!("{other}"),
        }
    }
    bob.silent().expect("bob sees nothing that was refused");
    alice.says("TOPIC #disk :no room");
    alice.awaits("FAIL TOPIC TEMPORARILY_UNAVAILABLE :*");
    bob.silent().expect("bob sees no topic that was refused");
    alice.says("RENAME #disk #other");
    alice.awaits("FAIL RENAME TEMPORARILY_UNAVAILABLE :*");
    bob.silent().expect("bob sees no name that was refused");
    bob.says("NAMES #other");
    bob.gets("366 bob #other :*");
    assert_eq!(http::get(&server, "/healthz", "").status, 503);
    let complaints = server.log().matches("can't store").count();
    assert_eq!(complaints, 1, "{}", server.log());
    disk.free();
    assert_eq!(http::get(&server, "/healthz", "").status, 200);
    alice.says("PRIVMSG #disk :there is room again");
    alice.gets("PRIVMSG #disk :there is room again");
    bob.gets(":alice!* PRIVMSG #disk :there is room again");
    alice.says("CHATHISTORY LATEST #disk * 200");
    alice.awaits("BATCH * chathistory #disk");
    while let Some(line) = alice.receive().expect("the server answers") {
        if line.parts().command == "BATCH" {
            break;
        }
        assert!(!refused.contains(&line.parts().params[1].to_owned()), "{line:?}");
    }
}

#[test]
fn a_file_that_is_no_database_is_left_as_it_is() {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let config = write_config(folder.path(), "");
    let data = folder.path().join("mine");
    fs::create_dir(&data).expect("there is room for a folder");
    let text = "this is my diary\n".repeat(1000);
    fs::write(data.join("chat.db"), &text).expect("the folder is writable");
    let output = Server::run_to_end_with_data(&data, &config, &["--port", "0"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("mine: the database file is not one"), "{said}");
    let after = fs::read_to_string(data.join("chat.db")).expect("it is still there");
    assert_eq!(after, text);
}

#[test]
fn a_second_server_on_the_same_data_refuses() {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let data = folder.path().join("data");
    let server = Server::start_with_data(&data, "");
    let config = write_config(folder.path(), "");
    let output = Server::run_to_end_with_data(&data, &config, &["--port", "0"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(data.to_str().expect("a temporary folder's name is text")), "{said}");
    Client::registered(&server, "alice").is_served();
}

#[track_caller]
fn member(server: &Server, name: &str) -> Client {
    Client::member(
        server,
        name,
        "#disk",
        &["message-tags", "echo-message", "batch", "draft/chathistory"],
    )
}
