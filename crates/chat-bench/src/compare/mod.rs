//! The same loads on several servers, in turn, again and again: medians and what they are to each
//! other.

mod cases;
mod metrics;
mod peers;
mod table;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};

use crate::limits;
use crate::options::{self, Target, at_least_one};
use crate::report::{self, Report};
use crate::stop;

use cases::{CASES, Case};
use peers::{Peer, Running};
use table::Results;

/// Connections of the largest case, and some.
const CONNECTIONS_MAX: usize = 15_100;

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    /// How often each server gets each load
    #[arg(long, default_value_t = 3, value_parser = at_least_one)]
    runs: usize,

    /// When each run ends at the latest; cases with many connections take longer
    #[arg(long, default_value_t = 5.0, value_parser = options::seconds)]
    seconds: f64,

    /// Only these cases
    #[arg(long, value_delimiter = ',', value_parser = clap::builder::PossibleValuesParser::new(CASES.iter().map(|case| case.name)))]
    cases: Vec<String>,

    /// Only these servers besides the floor
    #[arg(long, value_delimiter = ',')]
    servers: Vec<Peer>,

    /// The chat-server to compare; without it, the one beside this program
    #[arg(long, value_name = "PATH")]
    chat_server: Option<PathBuf>,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    limits::raise_descriptors(CONNECTIONS_MAX)?;
    let chat_server = options.chat_server()?;
    let mut results = Results::default();
    let mut failures = Vec::new();
    for case in CASES.iter().filter(|case| options.includes(case)) {
        for contestant in (0..options.runs).flat_map(|_| options.contestants(case)) {
            let name = contestant.map_or(table::FLOOR, Peer::name);
            report::note(&format!("{}: {name}", case.name));
            let outcome = match contestant {
                Some(peer) => load(case, peer, &chat_server, options.seconds),
                None => case.run_floor(options.seconds),
            };
            stop::check()?;
            match outcome {
                Ok(report) => results.add(case, name, &report),
                Err(error) => failures.push(format!("{}, {name}: {error:#}", case.name)),
            }
        }
    }
    report::line(&results.markdown());
    ensure!(failures.is_empty(), "runs failed:\n{}", failures.join("\n"));
    Ok(())
}

/// One run at a server of its own.
fn load(case: &Case, peer: Peer, chat_server: &Path, seconds: f64) -> anyhow::Result<Report> {
    let server = Running::start(peer, chat_server)?;
    let (address, pid) = (server.address().to_string(), Some(server.pid()));
    let seconds = seconds.max(case.seconds_min);
    let report = case.run(Target { address, pid, seconds })?;
    if let Some(failure) = report.failure() {
        bail!("{failure}");
    }
    Ok(report)
}

impl Options {
    /// An absolute path: servers run in folders of their own.
    fn chat_server(&self) -> anyhow::Result<PathBuf> {
        let program = std::env::current_exe().context("this program has no path")?;
        let beside = program.with_file_name("chat-server");
        let path = self.chat_server.as_ref().unwrap_or(&beside);
        path.canonicalize().with_context(|| format!("{} can't be run", path.display()))
    }

    fn includes(&self, case: &Case) -> bool {
        self.cases.is_empty() || self.cases.iter().any(|name| name == case.name)
    }

    /// Who is measured in a case; the floor is nobody.
    fn contestants(&self, case: &Case) -> Vec<Option<Peer>> {
        let peers = Peer::ALL.into_iter().filter(|peer| {
            let is_wanted = self.servers.is_empty() || self.servers.contains(peer);
            is_wanted && (*peer == Peer::ChatServer || case.has_peers)
        });
        peers.map(Some).chain(case.floor.is_some().then_some(None)).collect()
    }
}
