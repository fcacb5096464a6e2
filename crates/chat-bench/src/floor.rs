//! What the kernel alone takes: no server can be cheaper. The same traffic with a process that does
//! nothing but `send()`, or nothing but echo or relay with one thread per socket.

use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, ensure};

use crate::child::Child;
use crate::floor_server;
use crate::limits;
use crate::meter::{Meter, PER_DELIVERY};
use crate::options::at_least_one;
use crate::paced::Schedule;
use crate::phases::Phases;
use crate::pingpong::{self, Wiring};
use crate::report::{Progress, Report};
use crate::swarm::{Incoming, Swarm, closed};

/// Connections being made at one time.
const UNDERWAY_MAX: usize = 64;
/// The connection that says when to send.
const CONTROL: usize = 0;

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    /// Connections that are sent to in a round, in turn
    #[arg(long, default_value_t = 1000, value_parser = at_least_one)]
    pub(crate) receivers: usize,

    /// Rooms of so many receivers: each round is for the next of them
    #[arg(long, default_value_t = 1, value_parser = at_least_one)]
    pub(crate) rooms: usize,

    /// Lines in each send
    #[arg(long, default_value_t = 1, value_parser = at_least_one)]
    pub(crate) lines: usize,

    /// Rounds per second; without it, a round begins when everybody has the one before
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..1_000_000))]
    pub(crate) rate: Option<u32>,

    /// Instead: echo, for so many pairs of connections
    #[arg(long, value_name = "PAIRS", conflicts_with_all = ["receivers", "rooms", "lines", "rate"])]
    pub(crate) echo: Option<usize>,

    /// Instead: relay to the partner, for so many pairs of connections
    #[arg(long, value_name = "PAIRS", conflicts_with_all = ["receivers", "rooms", "lines", "rate", "echo"])]
    pub(crate) relay: Option<usize>,

    /// Bytes of a line
    #[arg(long, default_value_t = 100)]
    pub(crate) line_bytes: usize,

    /// When the run ends at the latest
    #[arg(long, default_value_t = 5.0, value_parser = crate::options::seconds)]
    pub(crate) seconds: f64,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<Report> {
    match (options.echo, options.relay) {
        (Some(pairs), _) => bounce(options, pairs, Wiring::Echo),
        (None, Some(pairs)) => bounce(options, pairs, Wiring::Relay),
        (None, None) => send(options),
    }
}

fn bounce(options: &Options, pairs: usize, wiring: Wiring) -> anyhow::Result<Report> {
    let count = pairs * 2;
    let deadline = crate::options::deadline(options.seconds);
    limits::raise_descriptors(count)?;
    let (child, address) = start(&floor_server::Options::bounce(count, wiring))?;
    let mut swarm = Swarm::new(address)?;
    connect(&mut swarm, 0..count, deadline)?;
    let bout = pingpong::Bout { wiring, count, line_bytes: options.line_bytes };
    pingpong::play("floor", swarm, bout, Some(&child.process()?), deadline)
}

fn send(options: &Options) -> anyhow::Result<Report> {
    let Options { receivers, rooms, lines, line_bytes, .. } = *options;
    let deadline = crate::options::deadline(options.seconds);
    let connections = receivers * rooms;
    limits::raise_descriptors(connections + 1)?;
    let server = floor_server::Options::send(connections, rooms, lines, line_bytes);
    let (child, address) = start(&server)?;
    let mut swarm = Swarm::new(address)?;
    connect(&mut swarm, CONTROL..CONTROL + 1, deadline)?;
    connect(&mut swarm, CONTROL + 1..connections + 1, deadline)?;

    let phases = Phases::of(Instant::now(), deadline)?;
    let mut rounds = Rounds::new(swarm, (receivers * lines) as u64, options.rate);
    rounds.go_on(phases.measure_from)?;
    let before = rounds.deliveries;
    let meter = Meter::start(Some(&child.process()?))?;
    rounds.go_on(phases.measure_to)?;
    let spent = meter.stop()?;

    let mut report = Report::new("floor");
    spent.report(&mut report, &PER_DELIVERY, rounds.deliveries - before);
    report.errors(0, &"");
    Ok(report)
}

/// Runs this program as the server, a process of its own.
fn start(options: &floor_server::Options) -> anyhow::Result<(Child, SocketAddr)> {
    let program = std::env::current_exe().context("this program has no path")?;
    let mut command = Command::new(program);
    command.arg("floor-server").args(options.arguments()).stdout(Stdio::piped());
    let mut child = Child::start(&mut command)?;
    let address = child.first_line()?;
    let address = address.trim().parse().context("the floor's server did not start")?;
    Ok((child, address))
}

fn connect(
    swarm: &mut Swarm,
    mut ids: std::ops::Range<usize>,
    deadline: Instant,
) -> anyhow::Result<()> {
    let mut underway = 0;
    loop {
        for id in ids.by_ref().take(UNDERWAY_MAX - underway) {
            swarm.connections.dial(id).context("can't connect")?;
            underway += 1;
        }
        if underway == 0 {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "no time left: not all are connected");
        swarm.turn(deadline, |_, _, incoming| match incoming {
            Incoming::Connected => {
                underway -= 1;
                Ok(())
            }
            Incoming::Closed(error) => Err(closed(error)),
            _ => Ok(()),
        })?;
    }
}

/// Everybody in a room is sent to once in each round, and the next begins when all have it, or later:
/// so the receivers are asleep when a send wakes them, as they are in a room.
struct Rounds {
    swarm: Swarm,
    schedule: Option<Schedule>,
    begun: u64,
    deliveries_per_round: u64,
    deliveries: u64,
    progress: Progress,
}

impl Rounds {
    fn new(swarm: Swarm, deliveries_per_round: u64, rate: Option<u32>) -> Self {
        let progress = Progress::new("deliveries");
        let schedule = rate.map(Schedule::new);
        Self { swarm, schedule, begun: 0, deliveries_per_round, deliveries: 0, progress }
    }

    fn go_on(&mut self, until: Instant) -> anyhow::Result<()> {
        loop {
            let now = Instant::now();
            if now >= until {
                return Ok(());
            }
            let due = self.schedule.as_ref().map_or(now, |schedule| schedule.at(self.begun));
            let is_over = self.deliveries == self.begun * self.deliveries_per_round;
            if is_over && due <= now {
                self.begin();
            }
            let wait = if is_over && due > now { due.min(until) } else { until };
            self.turn(wait)?;
        }
    }

    fn begin(&mut self) {
        self.begun += 1;
        self.swarm.connections.queue(CONTROL, floor_server::GO);
        self.swarm.connections.flush(CONTROL);
    }

    fn turn(&mut self, until: Instant) -> anyhow::Result<()> {
        let Self { swarm, deliveries, progress, .. } = self;
        swarm.turn(until, |_, _, incoming| {
            match incoming {
                Incoming::Stamped(_) => *deliveries += 1,
                Incoming::Closed(error) => return Err(closed(error)),
                _ => {}
            }
            Ok(())
        })?;
        progress.tell(*deliveries);
        Ok(())
    }
}
