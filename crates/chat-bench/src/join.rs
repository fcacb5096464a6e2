//! A storm: everybody is connected, and joins one room at the same moment.

use std::fmt;
use std::time::Instant;

use chat_protocol::Message;

use crate::limits;
use crate::meter::{Meter, PER_CONNECTION};
use crate::options::{Target, at_least_one, at_least_two};
use crate::report::{Progress, Report};
use crate::swarm::{Incoming, Names, Newcomer, Swarm, closed, enter, reject};

const RPL_NAMREPLY: &str = "353";
const RPL_ENDOFNAMES: &str = "366";

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) target: Target,

    /// How many connections
    #[arg(long, default_value_t = 500, value_parser = at_least_two)]
    pub(crate) connections: usize,

    /// How many storms, each into a room of its own and when the one before is over
    #[arg(long, default_value_t = 5, value_parser = at_least_one)]
    pub(crate) storms: usize,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<Report> {
    let count = options.connections;
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

    let mut storms = Vec::new();
    let meter = Meter::start(server.as_ref())?;
    for storm in 0..options.storms {
        let mut attendance = Attendance::new(count);
        let join = format!("JOIN {}", names.room(storm));
        (0..count).for_each(|id| swarm.connections.say(id, &join));
        attend(&mut swarm, &names, &mut attendance, deadline)?;
        storms.push(attendance);
    }
    let spent = meter.stop()?;

    let mut report = Report::new("join");
    spent.report(&mut report, &PER_CONNECTION, (count * storms.len()) as u64);
    report.count("joins_seen", storms.iter().map(|storm| storm.joins_seen).sum::<u64>());
    if let Some(server) = server {
        server.usage()?.report(&mut report);
    }
    let faults = storms.iter().map(Attendance::faults).sum();
    let worst = storms.iter().max_by_key(|storm| storm.faults());
    report.errors(faults, &worst.map(ToString::to_string).unwrap_or_default());
    Ok(report)
}

fn attend(
    swarm: &mut Swarm,
    names: &Names,
    attendance: &mut Attendance,
    deadline: Instant,
) -> anyhow::Result<()> {
    let mut progress = Progress::new("arrivals seen");
    while !attendance.is_complete() && Instant::now() < deadline {
        swarm.turn(deadline, |_, id, incoming| match incoming {
            Incoming::Message(message) => {
                attendance.note(names, id, message);
                reject(message)
            }
            Incoming::Closed(error) => Err(closed(error)),
            Incoming::Connected | Incoming::Drained | Incoming::Stamped(_) => Ok(()),
        })?;
        progress.tell(attendance.known_pairs);
    }
    Ok(())
}

/// Who knows of whom. Everybody hears of everybody: of those before by NAMES, of the others, and of
/// the own arrival, by JOIN, once.
struct Attendance {
    count: usize,
    known: Vec<bool>,
    known_pairs: usize,
    lists_ended: usize,
    joins_seen: u64,
    repeated: u64,
}

impl Attendance {
    fn new(count: usize) -> Self {
        let known = vec![false; count * count];
        Self { count, known, known_pairs: 0, lists_ended: 0, joins_seen: 0, repeated: 0 }
    }

    fn note(&mut self, names: &Names, id: usize, message: &Message<'_>) {
        match message.command {
            "JOIN" => {
                let source = message.source.unwrap_or_default();
                let nickname = source.split('!').next().unwrap_or_default();
                self.joins_seen += 1;
                let is_new = names.index(nickname).is_some_and(|who| self.learn(id, who));
                self.repeated += u64::from(!is_new);
            }
            RPL_NAMREPLY => {
                for name in message.params.last().unwrap_or(&"").split(' ') {
                    let name = name.trim_start_matches(|sign| "~&@%+".contains(sign));
                    if let Some(who) = names.index(name) {
                        self.learn(id, who);
                    }
                }
            }
            RPL_ENDOFNAMES => self.lists_ended += 1,
            _ => {}
        }
    }

    /// True if that was news.
    fn learn(&mut self, id: usize, who: usize) -> bool {
        if who >= self.count {
            return false;
        }
        let is_new = !std::mem::replace(&mut self.known[id * self.count + who], true);
        self.known_pairs += usize::from(is_new);
        is_new
    }

    const fn is_complete(&self) -> bool {
        self.known_pairs == self.count * self.count && self.lists_ended == self.count
    }

    const fn missing(&self) -> u64 {
        (self.count * self.count - self.known_pairs) as u64
    }

    const fn faults(&self) -> u64 {
        self.missing() + self.repeated + (self.count - self.lists_ended) as u64
    }
}

impl fmt::Display for Attendance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (missing, repeated) = (self.missing(), self.repeated);
        let lists = self.count - self.lists_ended;
        write!(f, "{missing} arrivals never seen, {repeated} seen again, {lists} lists not ended")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(attendance: &mut Attendance, names: &Names, id: usize, line: &str) {
        attendance.note(names, id, &Message::parse(line).unwrap());
    }

    #[test]
    fn everybody_hears_of_everybody_once() {
        let names = Names::of_this_run();
        let (first, second) = (names.nickname(0), names.nickname(1));
        let mut attendance = Attendance::new(2);
        note(&mut attendance, &names, 0, &format!(":{first}!u@h JOIN #room"));
        note(&mut attendance, &names, 0, &format!(":s 353 {first} = #room :@{first}"));
        note(&mut attendance, &names, 0, &format!(":s 366 {first} #room :End"));
        note(&mut attendance, &names, 1, &format!(":{second}!u@h JOIN #room"));
        note(&mut attendance, &names, 1, &format!(":s 353 {second} = #room :{second} @{first}"));
        note(&mut attendance, &names, 1, &format!(":s 366 {second} #room :End"));
        assert_eq!(attendance.missing(), 1);
        note(&mut attendance, &names, 0, &format!(":{second}!u@h JOIN #room"));
        assert!(attendance.is_complete());
        assert_eq!(attendance.faults(), 0);
        note(&mut attendance, &names, 0, &format!(":{second}!u@h JOIN #room"));
        assert_eq!(attendance.faults(), 1);
    }
}
