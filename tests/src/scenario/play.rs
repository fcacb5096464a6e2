//! Steps become a conversation with a server of the scenario's own.

use std::collections::BTreeMap;

use anyhow::{Context, Result, anyhow, bail, ensure};

use super::{Action, Order, Scenario, Step};
use crate::client::Client;
use crate::line::Line;
use crate::pattern::{Pattern, Variables};
use crate::server::Server;
use crate::transcript::Transcript;

/// Plays a scenario to its end or to the first step that fails.
pub(super) fn play(scenario: &Scenario) -> Result<()> {
    let mut stage = Stage::new(&scenario.config);
    let mut steps = scenario.steps.as_slice();
    while let Some(step) = steps.first() {
        let count = steps.iter().take_while(|next| step.is_one_set_with(next)).count().max(1);
        let (together, after) = steps.split_at(count);
        stage.play(together).map_err(|error| stage.explain(step, &error))?;
        steps = after;
    }
    Ok(())
}

impl Step {
    fn is_one_set_with(&self, next: &Self) -> bool {
        match (&self.action, &next.action) {
            (
                Action::Expect { client: one, order: Order::Any, .. },
                Action::Expect { client: other, order: Order::Any, .. },
            ) => one == other,
            _ => false,
        }
    }
}

struct Stage {
    clients: BTreeMap<String, Client>,
    /// Who has sent lines of which nobody knows yet whether the server has handled them.
    speaker: Option<String>,
    variables: Variables,
    transcript: Transcript,
    server: Server,
}

impl Stage {
    fn new(config: &str) -> Self {
        Self {
            clients: BTreeMap::new(),
            speaker: None,
            variables: Variables::new(),
            transcript: Transcript::default(),
            server: Server::start(config),
        }
    }

    fn play(&mut self, steps: &[Step]) -> Result<()> {
        let Some(step) = steps.first() else { return Ok(()) };
        match &step.action {
            Action::Connect { clients, capabilities } => {
                clients.iter().try_for_each(|name| self.connect(name, capabilities))
            }
            Action::Restart => self.restart(),
            Action::Open { clients } => clients.iter().try_for_each(|name| self.open(name)),
            Action::Join { room, clients } => {
                let room = room.bytes(&self.variables)?;
                self.join(&room, clients)
            }
            Action::Send { client, text } => {
                let line = text.bytes(&self.variables)?;
                self.send(client, &line)
            }
            Action::Expect { client, order: Order::Any, .. } => self.expect_set(client, steps),
            Action::Expect { client, pattern, order } => self.expect(client, pattern, *order),
            Action::Silent { client } => {
                self.settle()?;
                self.client(client)?.silent()
            }
            Action::Skip { client } => {
                self.settle()?;
                self.client(client)?.skip()
            }
            Action::Closed { client } => self.closed(client),
            Action::HangUp { client } => {
                self.settle()?;
                self.client(client)?;
                self.clients.remove(client);
                Ok(())
            }
        }
    }

    fn open(&mut self, name: &str) -> Result<()> {
        ensure!(!self.clients.contains_key(name), "{name} is connected already");
        self.settle()?;
        let client = Client::open(name, self.server.address(), self.transcript.clone())?;
        self.clients.insert(name.to_owned(), client);
        Ok(())
    }

    fn restart(&mut self) -> Result<()> {
        self.settle()?;
        self.clients.clear();
        self.server.restart();
        Ok(())
    }

    fn connect(&mut self, name: &str, capabilities: &[String]) -> Result<()> {
        self.open(name)?;
        self.client(name)?.register(capabilities)
    }

    fn join(&mut self, room: &[u8], clients: &[String]) -> Result<()> {
        for name in clients {
            self.send(name, &[b"JOIN ", room].concat())?;
        }
        self.settle()?;
        self.clients.values_mut().try_for_each(Client::skip)
    }

    fn send(&mut self, name: &str, line: &[u8]) -> Result<()> {
        if self.speaker.as_deref() != Some(name) {
            self.settle()?;
        }
        self.speaker = Some(name.to_owned());
        self.client(name)?.send(line)
    }

    /// Every client has a thread of its own in the server: before another one speaks, what the last
    /// one said has to be done, or the scenario would be a race.
    fn settle(&mut self) -> Result<()> {
        let Some(speaker) = self.speaker.take() else { return Ok(()) };
        self.client(&speaker)?.barrier()
    }

    fn expect(&mut self, name: &str, pattern: &Pattern, order: Order) -> Result<()> {
        loop {
            let line = self.receive(name)?;
            if pattern.matches(&line, &mut self.variables) {
                return Ok(());
            }
            ensure!(order == Order::Later, "{name} receives\n    {}", line.as_str());
        }
    }

    fn expect_set(&mut self, name: &str, steps: &[Step]) -> Result<()> {
        let mut missing: Vec<&Step> = steps.iter().collect();
        while !missing.is_empty() {
            let line = self.receive(name)?;
            let found = missing.iter().position(|step| match &step.action {
                Action::Expect { pattern, .. } => pattern.matches(&line, &mut self.variables),
                _ => false,
            });
            let Some(found) = found else {
                let missing: Vec<_> = missing.iter().map(|step| step.text.as_str()).collect();
                bail!(
                    "{name} receives\n    {}\nstill missing\n    {}",
                    line.as_str(),
                    missing.join("\n    ")
                );
            };
            missing.remove(found);
        }
        Ok(())
    }

    fn closed(&mut self, name: &str) -> Result<()> {
        if let Some(line) = self.client(name)?.receive()? {
            bail!("{name} receives\n    {}", line.as_str());
        }
        self.speaker.take_if(|speaker| speaker == name);
        self.clients.remove(name);
        Ok(())
    }

    fn receive(&mut self, name: &str) -> Result<Line> {
        let line = self.client(name)?.receive()?;
        line.with_context(|| format!("the server closes the connection of {name}"))
    }

    fn client(&mut self, name: &str) -> Result<&mut Client> {
        self.clients.get_mut(name).with_context(|| format!("{name} is not connected"))
    }

    fn explain(&self, step: &Step, error: &anyhow::Error) -> anyhow::Error {
        let log = self.server.log();
        anyhow!(
            "line {}\n    {}\nbut {error:#}\nso far:\n{}the server's log:\n{log}",
            step.line,
            step.text,
            self.transcript
        )
    }
}
