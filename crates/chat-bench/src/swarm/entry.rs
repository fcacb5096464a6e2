//! From dialling to being in a room.

use std::io;
use std::time::Instant;

use anyhow::{Context as _, bail, ensure};
use chat_protocol::Message;

use super::{Connections, Incoming, Swarm};
use crate::report::Progress;

/// Connections on their way in at one time: enough to keep a server busy, few enough for any
/// listen backlog.
const UNDERWAY_MAX: usize = 128;
const CAPABILITIES: &str = "echo-message server-time message-tags account-tag";
const RPL_ENDOFNAMES: &str = "366";
const RPL_ENDOFMOTD: &str = "376";
const ERR_NOMOTD: &str = "422";

/// Who is about to connect.
pub(crate) struct Newcomer {
    pub(crate) nickname: String,
    pub(crate) room: Option<String>,
    pub(crate) with_capabilities: bool,
}

/// How far a newcomer is.
pub(crate) struct Entry {
    newcomer: Newcomer,
    is_in: bool,
}

/// Connects everybody, in order and some at a time, and waits until all are where they want to be.
pub(crate) fn enter(
    swarm: &mut Swarm,
    newcomers: impl IntoIterator<Item = Newcomer>,
    deadline: Instant,
) -> anyhow::Result<()> {
    let mut waiting = newcomers.into_iter();
    let mut entries: Vec<Entry> = Vec::new();
    let mut entered = 0;
    let mut progress = Progress::new("connected");
    loop {
        while entries.len() - entered < UNDERWAY_MAX {
            let Some(newcomer) = waiting.next() else { break };
            swarm.connections.dial(entries.len()).context("can't connect")?;
            entries.push(Entry::new(newcomer));
        }
        if entered == entries.len() {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "no time left: {entered} connections are in");
        progress.tell(entered);
        swarm.turn(deadline, |connections, id, incoming| {
            entered += usize::from(entries[id].step(connections, id, incoming)?);
            Ok(())
        })?;
    }
}

impl Entry {
    pub(crate) const fn new(newcomer: Newcomer) -> Self {
        Self { newcomer, is_in: false }
    }

    /// Goes on; true when that was the last step.
    pub(crate) fn step(
        &mut self,
        connections: &mut Connections,
        id: usize,
        incoming: Incoming<'_>,
    ) -> anyhow::Result<bool> {
        let nickname = &self.newcomer.nickname;
        match incoming {
            Incoming::Connected => self.introduce(connections, id),
            Incoming::Closed(error) => return Err(closed(error)).context(nickname.clone()),
            Incoming::Message(message) if !self.is_in => {
                self.is_in =
                    self.answer(connections, id, message).with_context(|| nickname.clone())?;
                return Ok(self.is_in);
            }
            Incoming::Message(_) | Incoming::Stamped(_) => {}
        }
        Ok(false)
    }

    fn introduce(&self, connections: &mut Connections, id: usize) {
        let Newcomer { nickname, with_capabilities, .. } = &self.newcomer;
        if *with_capabilities {
            connections.queue(id, format!("CAP REQ :{CAPABILITIES}\r\n").as_bytes());
        }
        connections.say(id, &format!("NICK {nickname}\r\nUSER bench 0 * :chat-bench"));
    }

    fn answer(
        &self,
        connections: &mut Connections,
        id: usize,
        message: &Message<'_>,
    ) -> anyhow::Result<bool> {
        let own = || message.source.is_some_and(|it| it.starts_with(&self.newcomer.nickname));
        match (message.command, &self.newcomer.room) {
            ("CAP", _) => capabilities(connections, id, message)?,
            (RPL_ENDOFMOTD | ERR_NOMOTD, None) => return Ok(true),
            (RPL_ENDOFMOTD | ERR_NOMOTD, Some(room)) => {
                connections.say(id, &format!("JOIN {room}"));
            }
            (RPL_ENDOFNAMES, Some(room)) => {
                return Ok(message.params.get(1).is_some_and(|of| of.eq_ignore_ascii_case(room)));
            }
            ("ERROR", _) => bail!("{message}"),
            ("KICK" | "PART", _) if own() => bail!("{message}"),
            (numeric, _) if is_error(numeric) => bail!("{message}"),
            _ => {}
        }
        Ok(false)
    }
}

fn capabilities(
    connections: &mut Connections,
    id: usize,
    message: &Message<'_>,
) -> anyhow::Result<()> {
    ensure!(message.params.get(1) == Some(&"ACK"), "the server refuses capabilities: {message}");
    connections.say(id, "CAP END");
    Ok(())
}

fn is_error(command: &str) -> bool {
    command.len() == 3 && command.starts_with(['4', '5'])
}

/// The error of a connection that was to stay.
pub(crate) fn closed(error: Option<io::Error>) -> anyhow::Error {
    let reason = anyhow::anyhow!("the server closed the connection");
    match error {
        Some(error) => anyhow::Error::new(error).context("the connection broke"),
        None => reason,
    }
}
