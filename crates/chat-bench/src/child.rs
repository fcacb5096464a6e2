//! A process that ends with us, whatever happens.

use std::io::{BufRead as _, BufReader};
use std::process::{self, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};

use crate::sample::Process;

/// How long it may take to end when it is asked to.
const END_MAX: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(5);

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
        let end = Instant::now() + END_MAX;
        // One that has ended may have left its number to another.
        let asked =
            self.is_running() && kill_process(Pid::from_child(&self.0), Signal::TERM).is_ok();
        while asked && self.is_running() && Instant::now() < end {
            thread::sleep(LOOK_EVERY);
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
