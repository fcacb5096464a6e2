//! A load generator for chat-server and any other IRC server.
#![allow(dead_code, unused_imports, reason = "join, slow and churn use the rest")]

mod fanout;
mod idle;
mod latency;
mod limits;
mod meter;
mod options;
mod paced;
mod phases;
mod pingpong;
mod report;
mod sample;
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
}

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args.mode) {
        Ok(report) => conclude(&report, args.json),
        Err(error) => {
            report::note(&format!("chat-bench: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(mode: &Mode) -> anyhow::Result<Report> {
    stop::listen()?;
    match mode {
        Mode::Fanout(options) => fanout::run(options),
        Mode::Paced(options) => paced::run(options),
        Mode::Pingpong(options) => pingpong::run(options),
        Mode::Idle(options) => idle::run(options),
    }
}

fn conclude(report: &Report, as_json: bool) -> ExitCode {
    report.print(as_json);
    let Some(failure) = report.failure() else { return ExitCode::SUCCESS };
    report::note(&format!("chat-bench: {failure}"));
    ExitCode::FAILURE
}
