//! Latency at a fixed rate: a message's time counts from the moment at which it was to be sent, so
//! that a server which stalls can't make the generator wait and hide it.

use std::time::{Duration, Instant};

use crate::latency::{Latencies, Named};
use crate::limits;
use crate::meter::{Meter, PER_DELIVERY};
use crate::options::{Rooms, Target};
use crate::phases::Phases;
use crate::report::{Progress, Report};
use crate::swarm::{Incoming, Names, Swarm, closed, enter, reject};
use crate::traffic::{Shape, Traffic};

const DELIVERY: Named =
    Named { p50: "delivery_p50_us", p99: "delivery_p99_us", max: "delivery_max_us" };
/// How late the generator itself was.
const SENDING: Named = Named { p50: "late_p50_us", p99: "late_p99_us", max: "late_max_us" };

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) target: Target,

    #[command(flatten)]
    pub(crate) rooms: Rooms,

    /// Messages per second, in all rooms together
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..1_000_000))]
    pub(crate) rate: u32,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<Report> {
    let shape = options.rooms.shape()?;
    let server = options.target.process()?;
    let deadline = options.target.deadline();
    limits::raise_descriptors(shape.connections())?;
    let mut swarm = Swarm::new(options.target.resolve()?)?;
    let names = Names::of_this_run();
    enter(&mut swarm, shape.newcomers(&names), deadline)?;

    let phases = Phases::of(Instant::now(), deadline)?;
    let mut paced = Paced::new(swarm, shape, &names, options.rate);
    paced.go_on(phases.measure_from)?;
    paced.start_over();
    let before = paced.traffic.deliveries;
    let meter = Meter::start(server.as_ref())?;
    paced.go_on(phases.measure_to)?;
    let spent = meter.stop()?;
    let deliveries = paced.traffic.deliveries - before;
    let usage = server.map(|server| server.usage()).transpose()?;
    paced.drain(phases.end)?;

    let mut report = Report::new("paced");
    spent.report(&mut report, &PER_DELIVERY, deliveries);
    paced.latencies.report(&mut report, &DELIVERY);
    paced.lateness.report(&mut report, &SENDING);
    if let Some(usage) = usage {
        usage.report(&mut report);
    }
    let faults = paced.traffic.faults();
    report.errors(faults.total(), &faults);
    Ok(report)
}

/// Senders who keep to a schedule.
pub(crate) struct Paced {
    swarm: Swarm,
    shape: Shape,
    schedule: Schedule,
    /// Messages sent by all.
    sent: u64,
    pub(crate) traffic: Traffic,
    pub(crate) latencies: Latencies,
    lateness: Latencies,
    /// When somebody was seen to quit.
    pub(crate) departed: Option<Instant>,
    progress: Progress,
}

impl Paced {
    pub(crate) fn new(swarm: Swarm, shape: Shape, names: &Names, rate: u32) -> Self {
        Self {
            swarm,
            shape,
            schedule: Schedule::new(rate),
            sent: 0,
            traffic: Traffic::new(shape, names),
            latencies: Latencies::new(),
            lateness: Latencies::new(),
            departed: None,
            progress: Progress::new("deliveries"),
        }
    }

    /// Forgets how long things took until now.
    pub(crate) fn start_over(&mut self) {
        self.latencies.clear();
        self.lateness.clear();
    }

    pub(crate) fn go_on(&mut self, until: Instant) -> anyhow::Result<()> {
        loop {
            let now = Instant::now();
            if now >= until {
                return Ok(());
            }
            self.send_due(now);
            self.turn(until.min(self.schedule.at(self.sent)))?;
        }
    }

    /// Sends nothing more, and waits for what is underway.
    pub(crate) fn drain(&mut self, until: Instant) -> anyhow::Result<()> {
        while !self.traffic.is_all_delivered() && Instant::now() < until {
            self.turn(until)?;
        }
        Ok(())
    }

    /// A member who is not one of the shape's hangs from now on.
    pub(crate) fn stop_reading(&mut self, id: usize) -> anyhow::Result<()> {
        Ok(self.swarm.connections.stop_reading(id)?)
    }

    fn send_due(&mut self, now: Instant) {
        while let Some(late) = now.checked_duration_since(self.schedule.at(self.sent)) {
            let sender = self.shape.sender_of(self.sent);
            self.traffic.send(&mut self.swarm.connections, sender, 1);
            self.lateness.record(late);
            self.sent += 1;
        }
    }

    fn turn(&mut self, until: Instant) -> anyhow::Result<()> {
        let Self { swarm, shape, schedule, traffic, latencies, departed, progress, .. } = self;
        swarm.turn(until, |_, id, incoming| {
            match incoming {
                _ if id >= shape.connections() => {}
                Incoming::Stamped(stamp) => {
                    if traffic.receive(id, stamp) {
                        let intended = schedule.at(shape.order_of(stamp));
                        latencies.record(intended.elapsed());
                    }
                }
                Incoming::Message(message) if message.command == "QUIT" => {
                    departed.get_or_insert_with(Instant::now);
                }
                Incoming::Message(message) => reject(message)?,
                Incoming::Closed(error) => return Err(closed(error)),
                Incoming::Connected | Incoming::Drained => {}
            }
            Ok(())
        })?;
        progress.tell(traffic.deliveries);
        Ok(())
    }
}

/// When which message is to be sent.
pub(crate) struct Schedule {
    start: Instant,
    interval: Duration,
}

impl Schedule {
    pub(crate) fn new(rate: u32) -> Self {
        Self { start: Instant::now(), interval: Duration::from_secs(1) / rate }
    }

    pub(crate) fn at(&self, order: u64) -> Instant {
        let nanos = u64::try_from(self.interval.as_nanos()).expect("it is below a second");
        self.start + Duration::from_nanos(nanos * order)
    }
}
