//! The chat server: arguments and logging. What it does is in [`net`] and below.

mod accounts;
mod cli;
mod commands;
mod config;
mod current;
mod data;
mod fault;
mod limits;
mod lock;
mod logging;
mod metrics;
mod net;
mod outbound;
mod panics;
mod render;
mod server;
mod state;
mod tls;
mod web;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use log::LevelFilter;

use crate::cli::{
    AccountCommand, AuditArguments, BackupArguments, BanCommand, CertArguments, CheckArguments,
    HistoryCommand, InviteArguments, RestoreArguments,
};
use crate::config::{Config, DEFAULT_ADDRESS, Source};
use crate::logging::LogFormat;

/// A chat server in one binary, speaking IRC.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Subcommands>,
    #[command(flatten)]
    run: RunArguments,
}

#[derive(Subcommand)]
enum Subcommands {
    /// Read a password from the terminal or from standard input and print its hash, for the configuration
    HashPassword,
    /// Say what is wrong with a configuration, or unwise, and change nothing
    Check(CheckArguments),
    /// Make a certificate for trying out TLS, which vouches for itself
    Cert(CertArguments),
    /// Ask a server whether it does its work; the exit status is 0 or 1
    Ping(PingArguments),
    /// Make, list and change accounts, also while the server runs
    Account {
        #[command(subcommand)]
        command: AccountCommand,
    },
    /// Keep somebody out of the server, also while it runs
    Ban {
        #[command(subcommand)]
        command: BanCommand,
    },
    /// Read what operators and services have done, also while the server runs
    Audit(AuditArguments),
    /// Make codes by which accounts can be registered
    Invite(InviteArguments),
    /// Read what is kept of what was said, also while the server runs
    History {
        #[command(subcommand)]
        command: HistoryCommand,
    },
    /// Copy all data to a file, also while the server runs
    Backup(BackupArguments),
    /// Make the data from a backup, while no server runs
    Restore(RestoreArguments),
}

#[derive(Args)]
struct RunArguments {
    /// Listen on this port of 127.0.0.1
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// Listen on this address; may be given several times; port 0 takes a free one
    #[arg(long, value_name = "ADDR", conflicts_with = "port")]
    listen: Vec<String>,
    /// Read the configuration from this TOML file
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// What the server calls itself: a host name
    #[arg(long)]
    name: Option<String>,
    /// Where the server keeps its data [default: ./chat-data]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Log more; twice for everything
    #[arg(short, long, action = clap::ArgAction::Count)]
    verbose: u8,
    /// Log warnings and errors only; twice for errors only
    #[arg(short, long, action = clap::ArgAction::Count, conflicts_with = "verbose")]
    quiet: u8,
    /// Lines to be read, or a JSON object in each
    #[arg(long, value_enum, default_value_t)]
    log_format: LogFormat,
}

#[derive(Args)]
struct PingArguments {
    /// Where it listens and takes requests without TLS [default: 127.0.0.1:65432]
    address: Option<String>,
    /// Ask where this configuration says that it listens
    #[arg(long, value_name = "FILE", conflicts_with = "address")]
    config: Option<PathBuf>,
    /// How long the answer may take
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=60))]
    timeout: u64,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    start_logging(&arguments.run);
    panics::watch();
    let outcome = match arguments.command {
        Some(Subcommands::HashPassword) => cli::hash_password(),
        Some(Subcommands::Check(arguments)) => cli::check(&arguments),
        Some(Subcommands::Cert(arguments)) => cli::cert(&arguments),
        Some(Subcommands::Ping(arguments)) => ping(&arguments),
        Some(Subcommands::Account { command }) => cli::account(command),
        Some(Subcommands::Ban { command }) => cli::ban(&command),
        Some(Subcommands::Audit(arguments)) => cli::audit(&arguments),
        Some(Subcommands::Invite(arguments)) => cli::invite(&arguments),
        Some(Subcommands::History { command }) => cli::history(&command),
        Some(Subcommands::Backup(arguments)) => cli::backup(&arguments),
        Some(Subcommands::Restore(arguments)) => cli::restore(&arguments),
        None => source(arguments.run).and_then(net::run),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn ping(arguments: &PingArguments) -> anyhow::Result<()> {
    let config = arguments.config.as_deref().map(Config::read).transpose()?;
    let timeout = Duration::from_secs(arguments.timeout);
    cli::print(&net::ping(arguments.address.as_deref(), config.as_ref(), timeout)?)
}

fn start_logging(arguments: &RunArguments) {
    let level = match (arguments.quiet, arguments.verbose) {
        (0, 0) => LevelFilter::Info,
        (0, 1) => LevelFilter::Debug,
        (0, _) => LevelFilter::Trace,
        (1, _) => LevelFilter::Warn,
        (_, _) => LevelFilter::Error,
    };
    logging::start(level, arguments.log_format);
}

/// Where the configuration comes from: the file, then the arguments.
fn source(arguments: RunArguments) -> anyhow::Result<Source> {
    let mut listen =
        arguments.listen.iter().map(|text| address(text)).collect::<anyhow::Result<Vec<_>>>()?;
    listen.extend(arguments.port.map(|port| SocketAddr::from(([127, 0, 0, 1], port))));
    Ok(Source { file: arguments.config, listen, name: arguments.name, data: arguments.data })
}

fn address(text: &str) -> anyhow::Result<SocketAddr> {
    text.parse().with_context(|| {
        format!("can't listen on {text:?}: expected ADDRESS:PORT, such as {DEFAULT_ADDRESS}")
    })
}
