//! `chat-server` on the command line: administration of a data directory.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::binaries;

/// Runs it to its end on a data directory, with a line of input.
pub fn run(data: &Path, arguments: &[&str], input: &str) -> Output {
    let mut process = Command::new(binaries::chat_server())
        .args(arguments)
        .arg("--data")
        .arg(data)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("chat-server starts");
    // One that refuses before it reads its input has closed the pipe.
    let _ = writeln!(process.stdin.take().expect("stdin is piped"), "{input}");
    process.wait_with_output().expect("its output can be read")
}

/// Runs it, and says what it prints.
#[track_caller]
pub fn succeeds(data: &Path, arguments: &[&str], input: &str) -> String {
    let output = run(data, arguments, input);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).expect("it prints text")
}

/// Runs it, and says why it refuses.
#[track_caller]
pub fn fails(data: &Path, arguments: &[&str], input: &str) -> String {
    let output = run(data, arguments, input);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
    String::from_utf8(output.stderr).expect("it prints text")
}
