//! A reader that never reads: the others must not notice, and the server's memory must stay bounded.

use std::time::{Duration, Instant};

use crate::latency::{Latencies, Named};
use crate::limits;
use crate::options::Target;
use crate::paced::Paced;
use crate::phases::Phases;
use crate::report::Report;
use crate::sample::Process;
use crate::swarm::{Names, Newcomer, Swarm, enter};
use crate::traffic::Shape;

/// How often the server's memory is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How long the others are watched after the stuck one has been cut off.
const AFTERMATH: Duration = Duration::from_millis(500);
const SENDERS: usize = 4;
const WITHOUT: Named =
    Named { p50: "p50_us_without", p99: "p99_us_without", max: "max_us_without" };
const WITH: Named = Named { p50: "p50_us_with", p99: "p99_us_with", max: "max_us_with" };

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) target: Target,

    /// Members of the room who do read
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(4..))]
    pub(crate) members: u16,

    /// Messages per second
    #[arg(long, default_value_t = 5000, value_parser = clap::value_parser!(u32).range(1..1_000_000))]
    pub(crate) rate: u32,

    /// Bytes of a line as it is received, about
    #[arg(long, default_value_t = 400)]
    pub(crate) line_bytes: usize,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<Report> {
    let shape = Shape {
        rooms: 1,
        members: options.members.into(),
        senders: SENDERS,
        line_bytes: options.line_bytes,
        caps_half: false,
    };
    let stuck = shape.connections();
    let server = options.target.process()?;
    let deadline = options.target.deadline();
    limits::raise_descriptors(stuck + 1)?;
    let mut swarm = Swarm::new(options.target.resolve()?)?;
    let names = Names::of_this_run();
    enter(&mut swarm, shape.newcomers(&names).chain([last(&names, stuck)]), deadline)?;

    let phases = Phases::of(Instant::now(), deadline)?;
    let half = (phases.measure_to - phases.measure_from) / 2;
    let mut paced = Paced::new(swarm, shape, &names, options.rate);
    paced.go_on(phases.measure_from)?;
    paced.start_over();
    paced.go_on(phases.measure_from + half)?;
    let without = std::mem::replace(&mut paced.latencies, Latencies::new());

    paced.stop_reading(stuck)?;
    let hung_at = Instant::now();
    let memory = watch(&mut paced, server.as_ref(), phases.measure_to)?;
    paced.drain(phases.end)?;

    let mut report = Report::new("slow");
    without.report(&mut report, &WITHOUT);
    paced.latencies.report(&mut report, &WITH);
    let p99 = |latencies: &Latencies| latencies.quantile(0.99).as_secs_f64();
    report.add("p99_ratio", p99(&paced.latencies) / p99(&without));
    report.count("cut_off", u64::from(paced.departed.is_some()));
    if let Some(departed) = paced.departed {
        report.add("cut_off_after_s", (departed - hung_at).as_secs_f64());
    }
    if server.is_some() {
        report.count("rss_kib_before", memory.before);
        report.count("rss_kib_at_most", memory.at_most);
        report.count("rss_kib_growth", memory.at_most.saturating_sub(memory.before));
    }
    let faults = paced.traffic.faults();
    report.errors(faults.total(), &faults);
    Ok(report)
}

fn last(names: &Names, id: usize) -> Newcomer {
    let (nickname, room) = (names.nickname(id), Some(names.room(0)));
    Newcomer { nickname, room, with_capabilities: false }
}

/// The server's memory in KiB.
#[derive(Default)]
struct Memory {
    before: u64,
    at_most: u64,
}

/// Goes on for a while after the stuck one has been cut off, or until the time is over.
fn watch(paced: &mut Paced, server: Option<&Process>, until: Instant) -> anyhow::Result<Memory> {
    let rss = || server.map_or(Ok(0), Process::rss_kib);
    let before = rss()?;
    let mut memory = Memory { before, at_most: before };
    loop {
        let now = Instant::now();
        let until = paced.departed.map_or(until, |departed| until.min(departed + AFTERMATH));
        if now >= until {
            return Ok(memory);
        }
        paced.go_on(until.min(now + LOOK_EVERY))?;
        memory.at_most = memory.at_most.max(rss()?);
    }
}
