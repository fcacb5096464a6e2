//! Round trips: pairs of clients send one message to and fro.

use std::time::Instant;

use crate::latency::{Latencies, Named};
use crate::limits;
use crate::meter::{Meter, PER_DELIVERY};
use crate::options::{Target, at_least_one};
use crate::phases::Phases;
use crate::report::{Progress, Report};
use crate::sample::Process;
use crate::swarm::{Connections, Incoming, Names, Newcomer, Stamp, Swarm, closed, enter, reject};
use crate::traffic::AROUND_TEXT_BYTES;
use crate::verify::Ledger;

const ROUND_TRIP: Named =
    Named { p50: "round_trip_p50_us", p99: "round_trip_p99_us", max: "round_trip_max_us" };

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) target: Target,

    /// How many pairs
    #[arg(long, default_value_t = 1, value_parser = at_least_one)]
    pub(crate) pairs: usize,

    /// Bytes of a line as it is received, about
    #[arg(long, default_value_t = 100)]
    pub(crate) line_bytes: usize,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<Report> {
    let count = options.pairs * 2;
    let server = options.target.process()?;
    let deadline = options.target.deadline();
    limits::raise_descriptors(count)?;
    let mut swarm = Swarm::new(options.target.resolve()?)?;
    let names = Names::of_this_run();
    let newcomers = (0..count).map(|id| Newcomer {
        nickname: names.nickname(id),
        room: None,
        with_capabilities: false,
    });
    enter(&mut swarm, newcomers, deadline)?;

    let bout = Bout { wiring: Wiring::Relay, count, line_bytes: options.line_bytes };
    play("pingpong", swarm, bout, server.as_ref(), deadline)
}

/// Measures pairs of connections that are ready.
pub(crate) fn play(
    mode: &'static str,
    swarm: Swarm,
    bout: Bout,
    server: Option<&Process>,
    deadline: Instant,
) -> anyhow::Result<Report> {
    let mut rally = Rally::new(swarm, bout);
    let phases = Phases::of(Instant::now(), deadline)?;
    rally.serve();
    rally.go_on(phases.measure_from, |_| false)?;
    let before = rally.deliveries;
    rally.round_trips.clear();
    let meter = Meter::start(server)?;
    rally.go_on(phases.measure_to, |_| false)?;
    let spent = meter.stop()?;
    let deliveries = rally.deliveries - before;

    let mut report = Report::new(mode);
    spent.report(&mut report, &PER_DELIVERY, deliveries);
    rally.round_trips.report(&mut report, &ROUND_TRIP);
    rally.is_over = true;
    rally.go_on(phases.end, Rally::is_settled)?;
    let faults = rally.ledger.settle(|id| rally.players[bout.wiring.peer_of(id)].sent);
    report.errors(faults.total(), &faults);
    Ok(report)
}

/// Who gets what a connection sends. Partners have neighbouring numbers; the even one serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Wiring {
    /// The partner, as from a chat server.
    Relay,
    /// The connection itself; then it is the partner's turn.
    Echo,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Bout {
    pub(crate) wiring: Wiring,
    pub(crate) count: usize,
    pub(crate) line_bytes: usize,
}

impl Wiring {
    /// Whose messages a connection gets, and who gets its own.
    pub(crate) const fn peer_of(self, id: usize) -> usize {
        match self {
            Self::Relay => id ^ 1,
            Self::Echo => id,
        }
    }

    /// Who sends when this one has received.
    const fn next_after(self, recipient: usize) -> usize {
        match self {
            Self::Relay => recipient,
            Self::Echo => recipient ^ 1,
        }
    }
}

/// All pairs.
struct Rally {
    wiring: Wiring,
    swarm: Swarm,
    players: Vec<Player>,
    ledger: Ledger,
    deliveries: u64,
    round_trips: Latencies,
    progress: Progress,
    /// Nobody returns a message any more.
    is_over: bool,
}

struct Player {
    /// A line without its sequence number.
    line: String,
    sent: u32,
    sent_at: Instant,
}

impl Rally {
    fn new(swarm: Swarm, bout: Bout) -> Self {
        let Bout { wiring, count, line_bytes } = bout;
        let names = Names::of_this_run();
        let player = |id: usize| {
            let number = u32::try_from(id).expect("there are not that many connections");
            let text = Stamp::prefix(number, line_bytes.saturating_sub(AROUND_TEXT_BYTES));
            let line = format!("PRIVMSG {} :{text}", names.nickname(id ^ 1));
            Player { line, sent: 0, sent_at: Instant::now() }
        };
        Self {
            wiring,
            swarm,
            players: (0..count).map(player).collect(),
            ledger: Ledger::new(count),
            deliveries: 0,
            round_trips: Latencies::new(),
            progress: Progress::new("deliveries"),
            is_over: false,
        }
    }

    fn serve(&mut self) {
        for (id, player) in self.players.iter_mut().enumerate().step_by(2) {
            player.send(&mut self.swarm.connections, id);
        }
    }

    fn go_on(&mut self, until: Instant, is_done: impl Fn(&Self) -> bool) -> anyhow::Result<()> {
        while !is_done(self) && Instant::now() < until {
            self.turn(until)?;
            self.progress.tell(self.deliveries);
        }
        Ok(())
    }

    fn turn(&mut self, until: Instant) -> anyhow::Result<()> {
        let Self { wiring, swarm, players, ledger, deliveries, round_trips, is_over, .. } = self;
        swarm.turn(until, |connections, id, incoming| {
            match incoming {
                Incoming::Stamped(stamp) if stamp.sender as usize == wiring.peer_of(id) => {
                    if !ledger.receive(id, stamp.sequence) {
                        return Ok(());
                    }
                    *deliveries += 1;
                    let next = wiring.next_after(id);
                    if next.is_multiple_of(2) {
                        round_trips.record(players[next].sent_at.elapsed());
                    }
                    if !*is_over {
                        players[next].send(connections, next);
                    }
                }
                Incoming::Stamped(stamp) => ledger.stray(id, stamp.sender, stamp.sequence),
                Incoming::Message(message) => reject(message)?,
                Incoming::Closed(error) => return Err(closed(error)),
                Incoming::Connected | Incoming::Drained => {}
            }
            Ok(())
        })
    }

    fn is_settled(&self) -> bool {
        self.players.iter().map(|player| u64::from(player.sent)).sum::<u64>() == self.deliveries
    }
}

impl Player {
    fn send(&mut self, connections: &mut Connections, id: usize) {
        connections.queue(id, self.line.as_bytes());
        connections.queue(id, &Stamp::suffix(self.sent));
        self.sent += 1;
        self.sent_at = Instant::now();
        connections.flush(id);
    }
}
