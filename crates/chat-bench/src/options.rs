//! What all modes are told.

use std::net::{SocketAddr, ToSocketAddrs as _};
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::sample::Process;
use crate::traffic::Shape;

/// A day.
const SECONDS_MAX: f64 = 86_400.0;

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Target {
    /// The server: HOST:PORT
    #[arg(value_name = "ADDR", default_value = "127.0.0.1:65432")]
    pub(crate) address: String,

    /// The server's process, to measure what it takes
    #[arg(long)]
    pub(crate) pid: Option<u32>,

    /// When the run ends at the latest: connecting, warming up and the last deliveries included
    #[arg(long, default_value_t = 10.0, value_parser = seconds)]
    pub(crate) seconds: f64,
}

#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Rooms {
    /// How many rooms
    #[arg(long, default_value_t = 10, value_parser = at_least_one)]
    pub(crate) rooms: usize,

    /// Members of each room
    #[arg(long, default_value_t = 100, value_parser = at_least_two)]
    pub(crate) members: usize,

    /// Members of each room who send
    #[arg(long, default_value_t = 4, value_parser = at_least_one)]
    pub(crate) senders: usize,

    /// Bytes of a line as it is received, about
    #[arg(long, default_value_t = 100)]
    pub(crate) line_bytes: usize,

    /// Half of the members negotiate echo-message, server-time, message-tags and account-tag
    #[arg(long)]
    pub(crate) caps_half: bool,
}

impl Target {
    pub(crate) fn resolve(&self) -> anyhow::Result<SocketAddr> {
        let addresses = self.address.to_socket_addrs();
        let mut addresses = addresses.with_context(|| format!("bad address {}", self.address))?;
        addresses.next().with_context(|| format!("{} has no address", self.address))
    }

    pub(crate) fn process(&self) -> anyhow::Result<Option<Process>> {
        self.pid.map(Process::new).transpose()
    }

    pub(crate) fn deadline(&self) -> Instant {
        deadline(self.seconds)
    }
}

pub(crate) fn deadline(seconds: f64) -> Instant {
    Instant::now() + Duration::from_secs_f64(seconds)
}

impl Rooms {
    pub(crate) fn shape(self) -> anyhow::Result<Shape> {
        let Self { rooms, members, senders, line_bytes, caps_half } = self;
        anyhow::ensure!(senders <= members, "a room of {members} can't have {senders} senders");
        Ok(Shape { rooms, members, senders, line_bytes, caps_half })
    }
}

pub(crate) fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.1..=SECONDS_MAX).contains(&seconds) {
        return Ok(seconds);
    }
    Err(format!("from 0.1 to {SECONDS_MAX}"))
}

pub(crate) fn at_least_one(text: &str) -> Result<usize, String> {
    at_least(1, text)
}

pub(crate) fn at_least_two(text: &str) -> Result<usize, String> {
    at_least(2, text)
}

fn at_least(least: usize, text: &str) -> Result<usize, String> {
    let number = text.parse().map_err(|_| "not a number".to_owned())?;
    if number < least { Err(format!("at least {least}")) } else { Ok(number) }
}
