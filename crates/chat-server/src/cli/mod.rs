//! Administration on the command line: works on the data directory, whether a server runs or not.

mod account;
mod audit;
mod backup;
mod ban;
mod cert;
mod check;
mod erase;
mod history;
mod invite;
mod password;
mod printable;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use chat_store::Store;
use clap::{Args, Subcommand, ValueEnum};

use crate::accounts::moment;
use crate::config::Config;
use crate::data;

pub(crate) use account::print;
pub(crate) use audit::AuditArguments;
pub(crate) use ban::BanCommand;
pub(crate) use cert::{CertArguments, cert};
pub(crate) use password::hash_password;

#[derive(Subcommand)]
pub(crate) enum AccountCommand {
    /// Make an account; reads its password from the terminal or from standard input
    Add {
        name: String,
        /// Make it an IRC operator
        #[arg(long)]
        oper: bool,
        /// As one, give it this role of the configuration instead of every privilege
        #[arg(long, value_name = "ROLE", requires = "oper")]
        role: Option<String>,
        /// Where its owner can be reached
        #[arg(long, value_name = "ADDRESS")]
        email: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// List all accounts
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Change a password; reads it from the terminal or from standard input
    Passwd {
        name: String,
        #[command(flatten)]
        place: Place,
    },
    /// Close an account and disconnect its sessions
    Suspend {
        name: String,
        /// Until it opens again by itself, such as 12h or 7d
        #[arg(long = "for", value_name = "DURATION")]
        lasts: Option<String>,
        /// What its owner is told
        #[arg(long, default_value = "No reason given")]
        reason: String,
        #[command(flatten)]
        place: Place,
    },
    /// Open a suspended account again
    Unsuspend {
        name: String,
        #[command(flatten)]
        place: Place,
    },
    /// Delete an account and disconnect its sessions
    Drop {
        name: String,
        #[command(flatten)]
        place: Place,
    },
    /// Take what an account has said out of history, or its name, before it is dropped
    Erase {
        name: String,
        /// Delete its messages
        #[arg(long, conflicts_with = "author", required_unless_present = "author")]
        messages: bool,
        /// Keep its messages, without their author
        #[arg(long)]
        author: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Make an account an IRC operator
    GrantOper {
        name: String,
        /// Give it this role of the configuration instead of every privilege
        #[arg(long, value_name = "ROLE")]
        role: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// Make an account an IRC operator no longer
    RevokeOper {
        name: String,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Args)]
pub(crate) struct InviteArguments {
    /// How long the codes can be used, such as 12h or 7d
    #[arg(long, value_name = "DURATION", default_value = "7d")]
    expires: String,
    /// How many codes, each for one account
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    count: u32,
    #[command(flatten)]
    place: Place,
}

#[derive(Args)]
pub(crate) struct CheckArguments {
    /// The configuration file
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Fail also on what is allowed and unwise
    #[arg(long)]
    strict: bool,
}

#[derive(Subcommand)]
pub(crate) enum HistoryCommand {
    /// Print what was said and happened in a room or a conversation, oldest first
    Export(ExportArguments),
}

#[derive(Args)]
pub(crate) struct ExportArguments {
    /// A room, with or without its #, or a conversation of two accounts: alice,bob
    room: String,
    /// Only what is not older, such as 2026-05-31, 2026-05-31T14:00Z, or 7d for a week
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Lines to be read, or a JSON object in each
    #[arg(long, value_enum, default_value_t)]
    format: ExportFormat,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum ExportFormat {
    #[default]
    Text,
    Jsonl,
}

#[derive(Args)]
pub(crate) struct BackupArguments {
    /// The file to be made; one that is there is left alone
    file: PathBuf,
    #[command(flatten)]
    place: Place,
}

#[derive(Args)]
pub(crate) struct RestoreArguments {
    /// A file made by `chat-server backup`
    file: PathBuf,
    /// Replace the data that is there
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    place: Place,
}

/// Which server's data.
#[derive(Args)]
pub(crate) struct Place {
    /// The configuration file of the server
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where the server keeps its data [default: ./chat-data]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

pub(crate) fn check(arguments: &CheckArguments) -> anyhow::Result<()> {
    check::run(arguments)
}

pub(crate) fn account(command: AccountCommand) -> anyhow::Result<()> {
    account::run(command)
}

pub(crate) fn ban(command: &BanCommand) -> anyhow::Result<()> {
    ban::run(command)
}

pub(crate) fn audit(arguments: &AuditArguments) -> anyhow::Result<()> {
    audit::run(arguments)
}

/// What `--since` and the like say, in microseconds since the Unix epoch.
fn since(text: Option<&str>) -> anyhow::Result<Option<u64>> {
    let parse = |text: &str| {
        moment::parse(text, data::now_micros()).with_context(|| {
            format!("{text:?} is no time: expected one such as 2026-05-31T14:00 or 7d")
        })
    };
    text.map(parse).transpose()
}

pub(crate) fn invite(arguments: &InviteArguments) -> anyhow::Result<()> {
    invite::run(arguments)
}

pub(crate) fn history(command: &HistoryCommand) -> anyhow::Result<()> {
    match command {
        HistoryCommand::Export(arguments) => history::export(arguments),
    }
}

pub(crate) fn backup(arguments: &BackupArguments) -> anyhow::Result<()> {
    backup::back_up(arguments)
}

pub(crate) fn restore(arguments: &RestoreArguments) -> anyhow::Result<()> {
    backup::restore(arguments)
}

impl Place {
    fn config(&self) -> anyhow::Result<Config> {
        let mut config = match &self.config {
            Some(file) => Config::read(file)?,
            None => Config::default(),
        };
        if let Some(directory) = &self.data {
            config.server.data.clone_from(directory);
        }
        Ok(config)
    }

    /// Like [`Place::open`], for who makes no data where there is none.
    fn open_existing(&self) -> anyhow::Result<Arc<dyn Store>> {
        let directory = self.config()?.server.data;
        ensure!(
            data::is_there(&directory),
            "there is no data in {}: name the server's directory with --data or --config",
            directory.display()
        );
        Ok(self.open()?.1)
    }

    fn open(&self) -> anyhow::Result<(Config, Arc<dyn Store>)> {
        let config = self.config()?;
        let directory = &config.server.data;
        let store = data::open(directory, config.history.durability)
            .with_context(|| format!("can't use the data in {}", directory.display()))?;
        Ok((config, store))
    }
}
