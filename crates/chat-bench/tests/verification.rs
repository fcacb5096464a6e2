//! A run at a server that loses, repeats or swaps messages fails and says so.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::thread;

/// The message that goes wrong, and who hears it wrong: somebody who only listens.
const WRONG: usize = 100;
const VICTIM: &str = "0002";

#[derive(Debug, Clone, Copy)]
enum Fault {
    None,
    Lost,
    Repeated,
    Reordered,
}

#[test]
fn a_good_run_passes() {
    let output = fanout(Fault::None);
    let json = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    assert!(json.starts_with("{\"mode\":\"fanout\",") && json.contains("\"errors\":0"), "{json}");
}

#[test]
fn a_lost_message_fails() {
    fails(Fault::Lost, "1 lost, 0 repeated, 0 reordered");
}

#[test]
fn a_repeated_message_fails() {
    fails(Fault::Repeated, "0 lost, 1 repeated, 0 reordered");
}

#[test]
fn a_reordered_message_fails() {
    fails(Fault::Reordered, "0 lost, 0 repeated, 1 reordered");
}

#[track_caller]
fn fails(fault: Fault, what: &str) {
    let output = fanout(fault);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{output:?}");
    assert!(errors.contains(what), "{errors}");
}

fn fanout(fault: Fault) -> Output {
    let address = Relay::start(fault).to_string();
    Command::new(env!("CARGO_BIN_EXE_chat-bench"))
        .args(["fanout", &address, "--rooms", "1", "--members", "3", "--senders", "1"])
        .args(["--window", "4", "--seconds", "0.5", "--json"])
        .output()
        .expect("chat-bench runs")
}

/// As little of a server as a run needs: one room, everybody in it.
struct Relay {
    fault: Fault,
    members: Mutex<Members>,
}

#[derive(Default)]
struct Members {
    all: Vec<(String, TcpStream)>,
    messages: usize,
    /// What the next line to the victim overtakes.
    held: Option<String>,
}

impl Relay {
    fn start(fault: Fault) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it has an address");
        let relay = Arc::new(Self { fault, members: Mutex::default() });
        let accept = move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let relay = relay.clone();
                spawn(move || relay.serve(&stream));
            }
        };
        spawn(accept);
        address
    }

    fn serve(&self, stream: &TcpStream) {
        let reader = BufReader::new(stream);
        let mut nickname = String::new();
        for line in reader.lines().map_while(Result::ok) {
            let (command, params) = line.split_once(' ').unwrap_or((&line, ""));
            match command {
                "NICK" => params.clone_into(&mut nickname),
                "USER" => write(stream, &format!(":relay 376 {nickname} :End")),
                "JOIN" => {
                    self.join(&nickname, stream);
                    write(stream, &format!(":relay 366 {nickname} {params} :End"));
                }
                "PRIVMSG" => self.relay(&nickname, &format!(":{nickname}!u@h {line}")),
                _ => {}
            }
        }
    }

    fn join(&self, nickname: &str, stream: &TcpStream) {
        let stream = stream.try_clone().expect("there are descriptors left");
        self.members.lock().expect("no thread panics").all.push((nickname.to_owned(), stream));
    }

    fn relay(&self, from: &str, line: &str) {
        let mut members = self.members.lock().expect("no thread panics");
        members.messages += 1;
        let Members { all, messages, held } = &mut *members;
        for (nickname, stream) in all.iter().filter(|(nickname, _)| nickname != from) {
            let is_victim = nickname.ends_with(VICTIM);
            match self.fault {
                Fault::Lost if is_victim && *messages == WRONG => continue,
                Fault::Repeated if is_victim && *messages == WRONG => write(stream, line),
                Fault::Reordered if is_victim && *messages == WRONG => {
                    *held = Some(line.to_owned());
                    continue;
                }
                _ => {}
            }
            write(stream, line);
            if is_victim {
                held.take().iter().for_each(|late| write(stream, late));
            }
        }
    }
}

fn write(mut stream: &TcpStream, line: &str) {
    // The end of a run closes its sockets.
    let _ = stream.write_all(format!("{line}\r\n").as_bytes());
}

fn spawn(run: impl FnOnce() + Send + 'static) {
    thread::Builder::new().name("relay".to_owned()).spawn(run).expect("a thread can be started");
}
