//! `chat-server ping`, by which others find out whether a server does its work.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::thread;

use chat_tests::server::write_config;
use chat_tests::{Server, binaries};

/// What it prints, and its status.
fn ping(arguments: &[&str]) -> (String, Option<i32>) {
    let output = Command::new(binaries::chat_server())
        .arg("ping")
        .args(arguments)
        .output()
        .expect("chat-server starts");
    let said = [output.stdout, output.stderr].concat();
    (String::from_utf8(said).expect("it prints text"), output.status.code())
}

#[test]
fn a_server_that_does_its_work_says_so() {
    let server = Server::start("");
    let address = server.address().to_string();
    let expected = (format!("The server at {address} does its work\n"), Some(0));
    assert_eq!(ping(&[&address]), expected);
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let port = server.address().port();
    let listen =
        format!("listen = [{{ address = \"[::]:6697\", tls = \"only\" }}, \"0.0.0.0:{port}\"]\n");
    let config = write_config(folder.path(), &listen).display().to_string();
    assert_eq!(ping(&["--config", &config]), expected);
}

#[test]
fn where_no_server_is_that_is_said() {
    let free = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let address = free.local_addr().expect("it listens").to_string();
    // Listens, and never answers.
    let (said, status) = ping(&[&address, "--timeout", "1"]);
    assert!(said.contains("does not answer in time"), "{said}");
    assert_eq!(status, Some(1));
    drop(free);
    let (said, status) = ping(&[&address]);
    assert!(said.contains(&format!("nobody answers at {address}: ")), "{said}");
    assert_eq!(status, Some(1));
    let (said, status) = ping(&["no address"]);
    assert!(said.contains("nobody answers at no address"), "{said}");
    assert_eq!(status, Some(1));
}

#[test]
fn what_answers_something_else_is_no_server() {
    let endless = b"x".repeat(1 << 20);
    let answers: [(&[u8], &str); 5] = [
        (b"HTTP/1.1 503 \x1b[31mno\r\n\r\n", "can't store what is said"),
        (b"HTTP/1.1 200 OK\r\n\r\n<p>ok", "is no chat-server"),
        (b"HTTP/1.1 421 Misdirected\r\n\r\n", "answers with status 421"),
        (b"SSH-2.0-Other \x1b[31m\r\n", "is no chat-server"),
        (&endless, "it says too much"),
    ];
    for (answer, expected) in answers {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
        let address = listener.local_addr().expect("it listens").to_string();
        thread::scope(|scope| {
            scope.spawn(|| {
                let (mut stream, _) = listener.accept().expect("somebody asks");
                let mut request = [0; 1024];
                let _ = stream.read(&mut request);
                // Who has heard enough hangs up.
                let _ = stream.write_all(answer);
            });
            let (said, status) = ping(&[&address]);
            assert!(said.contains(expected) && !said.contains("[31m"), "{said:?}");
            assert_eq!(status, Some(1));
        });
    }
}
