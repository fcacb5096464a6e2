//! Throughput: every sender keeps a window of messages outstanding.

use std::time::Instant;

use crate::limits;
use crate::meter::{Meter, PER_DELIVERY, Spent};
use crate::options::{Rooms, Target, at_least_one};
use crate::phases::Phases;
use crate::report::{Progress, Report};
use crate::swarm::{Incoming, Names, Stamp, Swarm, closed, enter, reject};
use crate::traffic::{Shape, Traffic};

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) target: Target,

    #[command(flatten)]
    pub(crate) rooms: Rooms,

    /// Messages each sender has underway: sent, and not yet received by all others in the room
    #[arg(long, default_value_t = 16, value_parser = at_least_one)]
    pub(crate) window: usize,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<Report> {
    let shape = options.rooms.shape()?;
    let server = options.target.process()?;
    let deadline = options.target.deadline();
    limits::raise_descriptors(shape.connections())?;
    let mut fanout = Fanout::new(Swarm::new(options.target.resolve()?)?, shape, options.window);
    enter(&mut fanout.swarm, shape.newcomers(&fanout.names), deadline)?;

    let phases = Phases::of(Instant::now(), deadline)?;
    fanout.begin();
    fanout.go_on(phases.measure_from)?;
    let before = fanout.counts();
    let meter = Meter::start(server.as_ref())?;
    fanout.go_on(phases.measure_to)?;
    let spent = meter.stop()?;
    let counts = fanout.counts().since(&before);
    let usage = server.map(|server| server.usage()).transpose()?;
    fanout.drain(phases.end)?;

    let mut report = Report::new("fanout");
    counts.report(&mut report, &spent);
    if let Some(usage) = usage {
        usage.report(&mut report);
    }
    let faults = fanout.traffic.faults();
    report.errors(faults.total(), &faults);
    Ok(report)
}

struct Fanout {
    shape: Shape,
    swarm: Swarm,
    names: Names,
    traffic: Traffic,
    windows: Windows,
    /// Senders whose windows have become less than full.
    to_fill: Vec<usize>,
    is_sending: bool,
    progress: Progress,
}

impl Fanout {
    fn new(swarm: Swarm, shape: Shape, window: usize) -> Self {
        let names = Names::of_this_run();
        Self {
            shape,
            swarm,
            traffic: Traffic::new(shape, &names),
            names,
            windows: Windows::new(shape, window),
            to_fill: Vec::new(),
            is_sending: true,
            progress: Progress::new("deliveries"),
        }
    }

    /// Everybody's first messages.
    fn begin(&mut self) {
        for sender in 0..self.shape.senders() {
            let free = self.windows.take_free(sender);
            self.traffic.send(&mut self.swarm.connections, sender, free);
        }
    }

    fn go_on(&mut self, until: Instant) -> anyhow::Result<()> {
        while Instant::now() < until {
            self.turn(until)?;
        }
        Ok(())
    }

    /// Sends nothing more, and waits for what is underway.
    fn drain(&mut self, until: Instant) -> anyhow::Result<()> {
        self.is_sending = false;
        while !self.traffic.is_all_delivered() && Instant::now() < until {
            self.turn(until)?;
        }
        Ok(())
    }

    fn turn(&mut self, until: Instant) -> anyhow::Result<()> {
        let Self { swarm, traffic, windows, to_fill, is_sending, progress, .. } = self;
        swarm.turn(until, |connections, id, incoming| {
            match incoming {
                Incoming::Stamped(stamp) => {
                    if traffic.receive(id, stamp) && windows.receive(stamp) {
                        to_fill.push(stamp.sender as usize);
                    }
                }
                Incoming::Message(message) => reject(message)?,
                Incoming::Closed(error) => return Err(closed(error)),
                Incoming::Drained if *is_sending => {
                    for sender in to_fill.drain(..) {
                        let free = windows.take_free(sender);
                        traffic.send(connections, sender, free);
                    }
                }
                Incoming::Connected | Incoming::Drained => {}
            }
            Ok(())
        })?;
        progress.tell(traffic.deliveries);
        Ok(())
    }

    fn counts(&self) -> Counts {
        let connections = &self.swarm.connections;
        Counts {
            deliveries: self.traffic.deliveries,
            messages: self.traffic.messages(),
            reads: connections.reads,
            writes: connections.writes,
        }
    }
}

struct Counts {
    deliveries: u64,
    messages: u64,
    reads: u64,
    writes: u64,
}

impl Counts {
    const fn since(&self, before: &Self) -> Self {
        Self {
            deliveries: self.deliveries - before.deliveries,
            messages: self.messages - before.messages,
            reads: self.reads - before.reads,
            writes: self.writes - before.writes,
        }
    }

    fn report(&self, report: &mut Report, spent: &Spent) {
        spent.report(report, &PER_DELIVERY, self.deliveries);
        report.add("messages_per_s", self.messages as f64 / spent.wall.as_secs_f64());
        report.add("lines_per_write", self.messages as f64 / self.writes as f64);
        report.add("lines_per_read", self.deliveries as f64 / self.reads as f64);
    }
}

/// By sender: who has to receive what is underway.
struct Windows {
    size: usize,
    recipients: Vec<usize>,
    /// `size` for each sender, by sequence number: recipients who do not have the message yet.
    pending: Vec<usize>,
    free: Vec<u32>,
}

impl Windows {
    fn new(shape: Shape, size: usize) -> Self {
        let recipients: Vec<_> = (0..shape.senders()).map(|it| shape.recipients(it)).collect();
        let pending = recipients.iter().flat_map(|&all| std::iter::repeat_n(all, size)).collect();
        let free = u32::try_from(size).unwrap_or(u32::MAX);
        Self { size, pending, free: vec![free; recipients.len()], recipients }
    }

    /// How many messages a sender may send now; they count as sent.
    fn take_free(&mut self, sender: usize) -> u32 {
        std::mem::take(&mut self.free[sender])
    }

    /// Notes a delivery; true if the sender may send again and could not before.
    fn receive(&mut self, stamp: Stamp) -> bool {
        let sender = stamp.sender as usize;
        let slot = sender * self.size + stamp.sequence as usize % self.size;
        self.pending[slot] -= 1;
        if self.pending[slot] > 0 {
            return false;
        }
        self.pending[slot] = self.recipients[sender];
        self.free[sender] += 1;
        self.free[sender] == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_opens_when_the_last_member_has_the_message() {
        let shape = Shape { rooms: 1, members: 3, senders: 1, line_bytes: 100, caps_half: false };
        let mut windows = Windows::new(shape, 2);
        assert_eq!(windows.take_free(0), 2);
        let stamp = |sequence| Stamp { sender: 0, sequence };
        assert!(!windows.receive(stamp(0)));
        assert!(!windows.receive(stamp(1)));
        assert!(windows.receive(stamp(0)));
        assert!(!windows.receive(stamp(1)));
        assert_eq!(windows.take_free(0), 2);
        assert_eq!(windows.take_free(0), 0);
    }
}
