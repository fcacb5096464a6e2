//! From dialling to being in a room.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use chat_protocol::Message;

use super::refusal::{closed, is_error};
use super::{Connections, Incoming, Swarm};
use crate::report::Progress;

/// Connections the server has not answered yet. Some servers' listen backlog is 10, and what does
/// not fit comes again a second later.
const UNANSWERED_MAX: usize = 4;
/// Others let everybody in once a second: for each such time without an answer one more may come.
const PATIENCE: Duration = Duration::from_millis(1);
const UNDERWAY_MAX: usize = 4096;
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
    is_answered: bool,
    is_in: bool,
}

/// Connects everybody, in order and some at a time, and waits until all are where they want to be.
pub(crate) fn enter(
    swarm: &mut Swarm,
    newcomers: impl IntoIterator<Item = Newcomer>,
    deadline: Instant,
) -> anyhow::Result<()> {
    let mut queue = Queue::default();
    let mut newcomers = newcomers.into_iter().peekable();
    let mut progress = Progress::new("connected");
    loop {
        for newcomer in newcomers.by_ref().take(queue.admits()) {
            queue.admit(newcomer, &mut swarm.connections)?;
        }
        if queue.entered == queue.entries.len() {
            return Ok(());
        }
        let entered = queue.entered;
        ensure!(Instant::now() < deadline, "no time left: {entered} connections are in");
        progress.tell(entered);
        let is_last = newcomers.peek().is_none();
        let until = if is_last { deadline } else { deadline.min(Instant::now() + PATIENCE) };
        swarm.turn(until, |connections, id, incoming| queue.step(connections, id, incoming))?;
    }
}

/// Those who have come to the door, in order.
struct Queue {
    entries: Vec<Entry>,
    answered: usize,
    entered: usize,
    answered_at: Instant,
}

impl Default for Queue {
    fn default() -> Self {
        Self { entries: Vec::new(), answered: 0, entered: 0, answered_at: Instant::now() }
    }
}

impl Queue {
    /// How many more may come now.
    fn admits(&self) -> usize {
        let unanswered = self.entries.len() - self.answered;
        let underway = self.entries.len() - self.entered;
        let waited = self.answered_at.elapsed().as_micros() / PATIENCE.as_micros();
        let unanswered_max = UNANSWERED_MAX.saturating_add(waited as usize);
        UNDERWAY_MAX.saturating_sub(underway).min(unanswered_max.saturating_sub(unanswered))
    }

    fn admit(&mut self, newcomer: Newcomer, connections: &mut Connections) -> anyhow::Result<()> {
        connections.dial(self.entries.len()).context("can't connect")?;
        self.entries.push(Entry::new(newcomer));
        Ok(())
    }

    fn step(
        &mut self,
        connections: &mut Connections,
        id: usize,
        incoming: Incoming<'_>,
    ) -> anyhow::Result<()> {
        let entry = &mut self.entries[id];
        let was_answered = entry.is_answered;
        self.entered += usize::from(entry.step(connections, id, incoming)?);
        if entry.is_answered && !was_answered {
            self.answered += 1;
            self.answered_at = Instant::now();
        }
        Ok(())
    }
}

impl Entry {
    pub(crate) const fn new(newcomer: Newcomer) -> Self {
        Self { newcomer, is_answered: false, is_in: false }
    }

    /// Goes on; true when that was the last step.
    pub(crate) fn step(
        &mut self,
        connections: &mut Connections,
        id: usize,
        incoming: Incoming<'_>,
    ) -> anyhow::Result<bool> {
        match incoming {
            Incoming::Connected => self.introduce(connections, id),
            Incoming::Closed(error) => return Err(closed(error)),
            Incoming::Message(message) if !self.is_in => {
                self.is_answered = true;
                self.is_in = self.answer(connections, id, message)?;
                return Ok(self.is_in);
            }
            Incoming::Message(_) | Incoming::Stamped(_) | Incoming::Drained => {}
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
        match (message.command, &self.newcomer.room) {
            ("CAP", _) => capabilities(connections, id, message)?,
            (RPL_ENDOFMOTD | ERR_NOMOTD, None) => return Ok(true),
            (RPL_ENDOFMOTD | ERR_NOMOTD, Some(room)) => {
                connections.say(id, &format!("JOIN {room}"));
            }
            (RPL_ENDOFNAMES, Some(room)) => {
                return Ok(message.params.get(1).is_some_and(|of| of.eq_ignore_ascii_case(room)));
            }
            (command, _) if is_error(command) => bail!("{message}"),
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
