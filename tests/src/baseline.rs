//! What a server holds: to see that nothing is left behind.

use std::fs;
use std::time::Instant;

use crate::client::Client;
use crate::server::{PATIENCE, Server};

/// How much of everything a server holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holdings {
    threads: usize,
    files: usize,
    /// Operators online, unknown connections, channels and clients, as LUSERS counts them.
    counts: Vec<String>,
}

impl Holdings {
    /// What it holds now. The observer is a registered client.
    #[track_caller]
    pub fn of(server: &Server, observer: &mut Client) -> Self {
        observer.is_served();
        observer.says("LUSERS");
        let counts = ["252 …", "253 …", "254 …", "255 …"].map(|numeric| {
            let line = observer.awaits(numeric);
            line.parts().params[1..].join(" ")
        });
        let process = format!("/proc/{}", server.pid());
        let entries = |folder: &str| {
            let entries = fs::read_dir(format!("{process}/{folder}"));
            entries.expect("the server is running").count()
        };
        Self { threads: entries("task"), files: entries("fd"), counts: counts.to_vec() }
    }

    /// Demands that the server comes back to this. Connections end in threads of their own, so it
    /// is asked until it has.
    #[track_caller]
    pub fn are_restored(&self, server: &Server, observer: &mut Client) {
        let deadline = Instant::now() + PATIENCE;
        let mut now = Self::of(server, observer);
        while now != *self {
            assert!(Instant::now() < deadline, "before, the server held {self:?}, and now {now:?}");
            now = Self::of(server, observer);
        }
    }
}

/// The server's resident memory in bytes.
pub fn resident_bytes(server: &Server) -> usize {
    let status = fs::read_to_string(format!("/proc/{}/status", server.pid()));
    let status = status.expect("the server is running");
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<usize>().ok());
    kibibytes.expect("the kernel says how much it is") * 1024
}
