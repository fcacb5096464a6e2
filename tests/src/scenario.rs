//! Scenarios: conversations with a server, written to be read. `scenarios/README.md` describes them.

mod parse;
mod play;

use std::path::Path;

use anyhow::{Context, Result};

use crate::pattern::{Pattern, Text};
pub use parse::parse;

/// One scenario.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// TOML that continues the table `[server]` of the server's configuration.
    pub config: String,
    /// What happens, in this order.
    pub steps: Vec<Step>,
}

/// One line of a scenario.
#[derive(Debug, Clone)]
pub struct Step {
    /// Counted from 1.
    pub line: usize,
    /// The line as it stands in the file.
    pub text: String,
    /// What it means.
    pub action: Action,
}

/// What a step does.
#[derive(Debug, Clone)]
pub enum Action {
    /// Registers clients, whose names are their nicknames.
    Connect { clients: Vec<String>, capabilities: Vec<String> },
    /// Opens connections without registering.
    Open { clients: Vec<String> },
    /// The server ends and starts again with the data it has.
    Restart,
    /// Lets clients join a room, and drops what everybody has received up to then.
    Join { room: Text, clients: Vec<String> },
    /// A client sends a line.
    Send { client: String, text: Text },
    /// A client receives a line.
    Expect { client: String, pattern: Pattern, order: Order },
    /// The server has nothing more for a client.
    Silent { client: String },
    /// What the server has sent a client so far does not matter.
    Skip { client: String },
    /// The server closes a client's connection.
    Closed { client: String },
    /// A client closes its connection.
    HangUp { client: String },
}

/// Where an expected line has to be among those received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// `<`: it is the next.
    Next,
    /// `<<`: others may come before it.
    Later,
    /// `<&`: it is one of the next, as many as there are such steps in a row.
    Any,
}

/// Reads and plays the scenario of a file. The error says all there is to know.
pub fn play_file(path: &Path) -> Result<()> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let scenario = parse(&text).with_context(|| path.display().to_string())?;
    play::play(&scenario).with_context(|| path.display().to_string())
}
