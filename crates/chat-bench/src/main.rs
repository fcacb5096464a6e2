//! A load generator for chat-server and any other IRC server.

mod child;
mod churn;
mod compare;
mod fanout;
mod floor;
mod floor_server;
mod idle;
mod join;
mod latency;
mod limits;
mod meter;
mod options;
mod paced;
mod phases;
mod pingpong;
mod report;
mod sample;
mod serving;
mod slow;
mod stop;
mod swarm;
mod traffic;
mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::report::Report;

/// Puts load on an IRC server, checks that every message arrives once and in order, and tells what
/// that took.
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(subcommand)]
    mode: Mode,

    /// One JSON object in one line instead of a table
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Mode {
    /// Throughput: each sender keeps a window of messages outstanding
    Fanout(fanout::Options),
    /// Latency at a fixed rate, from the moment at which each message was to be sent
    Paced(paced::Options),
    /// Round trips between pairs of clients
    Pingpong(pingpong::Options),
    /// What connections take that do nothing
    Idle(idle::Options),
    /// A storm: all join one room at the same moment
    Join(join::Options),
    /// What the others notice of a reader that never reads
    Slow(slow::Options),
    /// Coming and going, with QUIT and by reset
    Churn(churn::Options),
    /// What the kernel alone takes, to compare with: a bare loop of sends, or a bare echo
    Floor(floor::Options),
    /// The same loads on chat-server, InspIRCd and ngIRCd in turn: medians and ratios
    Compare(compare::Options),
    #[command(hide = true)]
    FloorServer(floor_server::Options),
}

fn main() -> ExitCode {
    let args = Args::parse();
    run(&args).unwrap_or_else(|error| {
        report::note(&format!("chat-bench: {error:#}"));
        ExitCode::FAILURE
    })
}

fn run(args: &Args) -> anyhow::Result<ExitCode> {
    stop::listen()?;
    let report = match &args.mode {
        Mode::Fanout(options) => fanout::run(options),
        Mode::Paced(options) => paced::run(options),
        Mode::Pingpong(options) => pingpong::run(options),
        Mode::Idle(options) => idle::run(options),
        Mode::Join(options) => join::run(options),
        Mode::Slow(options) => slow::run(options),
        Mode::Churn(options) => churn::run(options),
        Mode::Floor(options) => floor::run(options),
        Mode::FloorServer(options) => return done(floor_server::run(options)),
        Mode::Compare(options) => return done(compare::run(options)),
    };
    Ok(conclude(&report?, args.json))
}

fn done(result: anyhow::Result<()>) -> anyhow::Result<ExitCode> {
    result.map(|()| ExitCode::SUCCESS)
}

fn conclude(report: &Report, as_json: bool) -> ExitCode {
    report.print(as_json);
    let Some(failure) = report.failure() else { return ExitCode::SUCCESS };
    report::note(&format!("chat-bench: {failure}"));
    ExitCode::FAILURE
}
