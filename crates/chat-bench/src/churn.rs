//! Coming and going without end: half of the visitors say QUIT, half just vanish.

use std::time::{Duration, Instant};

use crate::limits;
use crate::meter::{Meter, PER_CONNECTION};
use crate::options::{Target, at_least_one};
use crate::phases::Phases;
use crate::report::{Progress, Report};
use crate::sample::{Process, Usage};
use crate::serving::wait_until_it_serves;
use crate::swarm::{Connections, Entry, Incoming, Names, Newcomer, Swarm};

/// How often the server is looked at while it cleans up.
const LOOK_EVERY: Duration = Duration::from_millis(50);

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) target: Target,

    /// How many connections at one time
    #[arg(long, default_value_t = 100, value_parser = at_least_one)]
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
    let before = server.as_ref().map(Process::usage).transpose()?;
    let mut churn = Churn::new(Swarm::new(address)?, options.members);
    churn.fill(options.connections)?;

    let phases = Phases::of(Instant::now(), deadline)?;
    churn.go_on(phases.measure_from)?;
    let visits = churn.visits_ended;
    let early = server.as_ref().map(Process::usage).transpose()?;
    let meter = Meter::start(server.as_ref())?;
    churn.go_on(phases.measure_to)?;
    let spent = meter.stop()?;
    let late = server.as_ref().map(Process::usage).transpose()?;
    let visits = churn.visits_ended - visits;
    churn.vanish();

    let mut report = Report::new("churn");
    spent.report(&mut report, &PER_CONNECTION, visits);
    let mut left_over = 0;
    if let (Some(server), Some(before), Some(early), Some(late)) = (server, before, early, late) {
        let after = settle(&server, &before, phases.end)?;
        left_over = after.beyond(&before);
        report.count("rss_kib_at_the_start", early.rss_kib);
        report.count("rss_kib_at_the_end", late.rss_kib);
        report.count("threads_before", before.threads);
        report.count("threads_after", after.threads);
        report.count("descriptors_before", before.descriptors);
        report.count("descriptors_after", after.descriptors);
    }
    let failed = churn.failure.unwrap_or_default();
    let what = format!(
        "{} visits failed, {left_over} threads and descriptors left over {failed}",
        churn.visits_failed
    );
    report.errors(churn.visits_failed + left_over, &what);
    Ok(report)
}

/// Waits until the server has noticed that all are gone.
fn settle(server: &Process, before: &Usage, end: Instant) -> anyhow::Result<Usage> {
    loop {
        let now = server.usage()?;
        if now.beyond(before) == 0 || Instant::now() >= end {
            return Ok(now);
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

impl Usage {
    /// Threads and descriptors that were not there before.
    const fn beyond(&self, before: &Self) -> u64 {
        self.threads.saturating_sub(before.threads)
            + self.descriptors.saturating_sub(before.descriptors)
    }
}

struct Churn {
    swarm: Swarm,
    names: Names,
    members: usize,
    visits: Vec<Visit>,
    visits_begun: usize,
    visits_ended: u64,
    visits_failed: u64,
    failure: Option<String>,
    progress: Progress,
}

struct Visit {
    entry: Entry,
    quits: bool,
    has_quit: bool,
}

impl Churn {
    fn new(swarm: Swarm, members: usize) -> Self {
        Self {
            swarm,
            names: Names::of_this_run(),
            members,
            visits: Vec::new(),
            visits_begun: 0,
            visits_ended: 0,
            visits_failed: 0,
            failure: None,
            progress: Progress::new("visits"),
        }
    }

    fn fill(&mut self, count: usize) -> anyhow::Result<()> {
        for id in 0..count {
            let visit = self.begin(id)?;
            self.visits.push(visit);
        }
        Ok(())
    }

    /// Nobody's name is used twice: the server may not have noticed yet that its owner is gone.
    fn begin(&mut self, id: usize) -> anyhow::Result<Visit> {
        self.swarm.connections.dial(id)?;
        let number = self.visits_begun;
        self.visits_begun += 1;
        let entry = Entry::new(Newcomer {
            nickname: self.names.nickname(number),
            room: Some(self.names.room(id / self.members)),
            with_capabilities: false,
        });
        Ok(Visit { entry, quits: number.is_multiple_of(2), has_quit: false })
    }

    fn go_on(&mut self, until: Instant) -> anyhow::Result<()> {
        let mut free = Vec::new();
        while Instant::now() < until {
            let Self { swarm, visits, visits_ended, visits_failed, failure, .. } = self;
            swarm.turn(until, |connections, id, incoming| {
                match visits[id].step(connections, id, incoming) {
                    Ok(false) => return Ok(()),
                    Ok(true) => *visits_ended += 1,
                    Err(error) => {
                        *visits_failed += 1;
                        failure.get_or_insert_with(|| format!("({error:#})"));
                    }
                }
                connections.reset(id);
                free.push(id);
                Ok(())
            })?;
            for id in free.drain(..) {
                self.visits[id] = self.begin(id)?;
            }
            self.progress.tell(self.visits_ended);
        }
        Ok(())
    }

    fn vanish(&mut self) {
        (0..self.visits.len()).for_each(|id| self.swarm.connections.reset(id));
    }
}

impl Visit {
    /// True when the visit is over.
    fn step(
        &mut self,
        connections: &mut Connections,
        id: usize,
        incoming: Incoming<'_>,
    ) -> anyhow::Result<bool> {
        if self.has_quit {
            return Ok(matches!(incoming, Incoming::Closed(_)));
        }
        if !self.entry.step(connections, id, incoming)? {
            return Ok(false);
        }
        if !self.quits {
            return Ok(true);
        }
        self.has_quit = true;
        connections.say(id, "QUIT :seen enough");
        Ok(false)
    }
}
