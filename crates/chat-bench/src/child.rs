//! A process that ends with us, whatever happens.

use std::io::{BufRead as _, BufReader};
use std::process::{self, Command, Stdio};

use anyhow::Context as _;

use crate::sample::Process;

pub(crate) struct Child(process::Child);

impl Child {
    pub(crate) fn start(command: &mut Command) -> anyhow::Result<Self> {
        let child = command.stdin(Stdio::null()).spawn();
        let program = || format!("can't start {}", command.get_program().display());
        Ok(Self(child.with_context(program)?))
    }

    pub(crate) fn process(&self) -> anyhow::Result<Process> {
        Process::new(self.0.id())
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Whether it has not ended by itself.
    pub(crate) fn is_running(&mut self) -> bool {
        matches!(self.0.try_wait(), Ok(None))
    }

    /// What it says first, if its output is piped.
    pub(crate) fn first_line(&mut self) -> anyhow::Result<String> {
        let output = self.0.stdout.take().context("the output is not piped")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).context("can't read the output")?;
        Ok(line)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
