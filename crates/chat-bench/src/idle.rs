//! Connections that are there and do nothing: what each takes.

use std::time::{Duration, Instant};

use crate::limits;
use crate::meter::{Meter, PER_CONNECTION};
use crate::options::{Target, at_least_one};
use crate::report::Report;
use crate::serving::wait_until_it_serves;
use crate::swarm::{Incoming, Names, Newcomer, Swarm, closed, enter};

/// How long the server may take to become quiet.
const SETTLE: Duration = Duration::from_millis(500);

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) target: Target,

    /// How many connections
    #[arg(long, default_value_t = 2000, value_parser = at_least_one)]
    pub(crate) connections: usize,

    /// Members of each room
    #[arg(long, default_value_t = 10, value_parser = at_least_one)]
    pub(crate) members: usize,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<Report> {
    let server = options.target.process()?;
    let deadline = options.target.deadline();
    limits::raise_descriptors(options.connections)?;
    let address = options.target.resolve()?;
    wait_until_it_serves(address, deadline)?;
    let mut swarm = Swarm::new(address)?;
    let names = Names::of_this_run();
    let newcomers = (0..options.connections).map(|id| Newcomer {
        nickname: names.nickname(id),
        room: Some(names.room(id / options.members)),
        with_capabilities: false,
    });

    let before = server.as_ref().map(crate::sample::Process::usage).transpose()?;
    let meter = Meter::start(server.as_ref())?;
    enter(&mut swarm, newcomers, deadline)?;
    let spent = meter.stop()?;
    settle(&mut swarm, deadline)?;
    let after = server.as_ref().map(crate::sample::Process::usage).transpose()?;

    let mut report = Report::new("idle");
    spent.report(&mut report, &PER_CONNECTION, options.connections as u64);
    if let (Some(before), Some(after)) = (before, after) {
        let each = |before: u64, after: u64| {
            after.saturating_sub(before) as f64 / options.connections as f64
        };
        report.add("rss_kib_per_connection", each(before.rss_kib, after.rss_kib));
        report.add("pss_kib_per_connection", each(before.pss_kib, after.pss_kib));
        after.report(&mut report);
    }
    report.errors(0, &"");
    Ok(report)
}

/// Reads what still comes; all connections have to stay.
fn settle(swarm: &mut Swarm, deadline: Instant) -> anyhow::Result<()> {
    let until = deadline.min(Instant::now() + SETTLE);
    while Instant::now() < until {
        swarm.turn(until, |_, _, incoming| match incoming {
            Incoming::Closed(error) => Err(closed(error)),
            Incoming::Connected
            | Incoming::Drained
            | Incoming::Stamped(_)
            | Incoming::Message(_) => Ok(()),
        })?;
    }
    Ok(())
}
