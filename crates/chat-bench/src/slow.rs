//! A reader that hangs: the others must not notice, and the server's memory must stay bounded.

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
/// How many hang, one after the other: a machine that stalls for a moment does so with one and without.
const TURNS: usize = 3;
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
    let stuck = shape.connections()..shape.connections() + TURNS;
    let server = options.target.process()?;
    let deadline = options.target.deadline();
    limits::raise_descriptors(stuck.end)?;
    let mut swarm = Swarm::new(options.target.resolve()?)?;
    let names = Names::of_this_run();
    let newcomers = shape.newcomers(&names).chain(stuck.clone().map(|id| extra(&names, id)));
    enter(&mut swarm, newcomers, deadline)?;

    let phases = Phases::of(Instant::now(), deadline)?;
    let mut paced = Paced::new(swarm, shape, &names, options.rate);
    paced.go_on(phases.measure_from)?;
    let mut seen = Seen::new(server.as_ref());
    for id in stuck {
        seen.turn(&mut paced, id, &phases)?;
        if paced.departed.is_none() {
            break;
        }
    }
    paced.drain(phases.end)?;

    let mut report = Report::new("slow");
    seen.report(&mut report);
    let faults = paced.traffic.faults();
    report.errors(faults.total(), &faults);
    Ok(report)
}

/// A member of the room who says nothing.
fn extra(names: &Names, id: usize) -> Newcomer {
    let (nickname, room) = (names.nickname(id), Some(names.room(0)));
    Newcomer { nickname, room, with_capabilities: false }
}

/// What the others and the server were like, without a reader that hangs and with one.
struct Seen<'p> {
    server: Option<&'p Process>,
    without: Latencies,
    with: Latencies,
    /// How long each reader that hung was there.
    cut_off: Vec<Duration>,
    rss_kib_at_most: u64,
    /// The most that it grew by while one hung.
    rss_kib_growth: u64,
}

impl<'p> Seen<'p> {
    fn new(server: Option<&'p Process>) -> Self {
        Self {
            server,
            without: Latencies::new(),
            with: Latencies::new(),
            cut_off: Vec::new(),
            rss_kib_at_most: 0,
            rss_kib_growth: 0,
        }
    }

    /// Goes on for a while with all who read, then with one who hangs, until it has been cut off or the
    /// time is over.
    fn turn(&mut self, paced: &mut Paced, stuck: usize, phases: &Phases) -> anyhow::Result<()> {
        let alone = (phases.measure_to - phases.measure_from) / (2 * TURNS as u32);
        paced.start_over();
        paced.go_on((Instant::now() + alone).min(phases.measure_to))?;
        self.without.add(&paced.latencies);

        paced.departed = None;
        paced.start_over();
        paced.stop_reading(stuck)?;
        let hung_at = Instant::now();
        self.watch(paced, phases.measure_to)?;
        self.with.add(&paced.latencies);
        self.cut_off.extend(paced.departed.map(|departed| departed - hung_at));
        Ok(())
    }

    fn watch(&mut self, paced: &mut Paced, until: Instant) -> anyhow::Result<()> {
        let before = rss_kib(self.server)?;
        loop {
            let now = Instant::now();
            let until = paced.departed.map_or(until, |departed| until.min(departed + AFTERMATH));
            if now >= until {
                return Ok(());
            }
            paced.go_on(until.min(now + LOOK_EVERY))?;
            let rss_kib = rss_kib(self.server)?;
            self.rss_kib_at_most = self.rss_kib_at_most.max(rss_kib);
            self.rss_kib_growth = self.rss_kib_growth.max(rss_kib.saturating_sub(before));
        }
    }

    fn report(&self, report: &mut Report) {
        self.without.report(report, &WITHOUT);
        self.with.report(report, &WITH);
        let p99 = |latencies: &Latencies| latencies.quantile(0.99).as_secs_f64();
        report.add("p99_ratio", p99(&self.with) / p99(&self.without));
        report.count("cut_off", self.cut_off.len() as u64);
        if let Some(longest) = self.cut_off.iter().max() {
            report.add("cut_off_after_s", longest.as_secs_f64());
        }
        if self.server.is_some() {
            report.count("rss_kib_at_most", self.rss_kib_at_most);
            report.count("rss_kib_growth", self.rss_kib_growth);
        }
    }
}

fn rss_kib(server: Option<&Process>) -> anyhow::Result<u64> {
    server.map_or(Ok(0), Process::rss_kib)
}
