//! `chat-server ban`.

use anyhow::{Context as _, anyhow};
use chat_store::{Ban, StoreError};
use clap::Subcommand;

use crate::data;
use crate::render::ban_line;
use crate::state::ban_mask::BanMask;

use super::account::{one_line, parse_duration, print};
use super::printable::printable;
use super::{Place, audit};

#[derive(Subcommand)]
pub(crate) enum BanCommand {
    /// Keep somebody out, and disconnect who is there
    Add {
        /// An address, a network such as 192.0.2.0/24, nickname!username@hostname with * and ?, or
        /// ~a:ACCOUNT
        mask: String,
        /// Until it ends by itself, such as 12h or 7d
        #[arg(long = "for", value_name = "DURATION")]
        lasts: Option<String>,
        /// What those it means are told
        #[arg(long, default_value = "No reason given")]
        reason: String,
        #[command(flatten)]
        place: Place,
    },
    /// List all bans
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Let somebody in again
    Remove {
        /// As it is listed
        mask: String,
        #[command(flatten)]
        place: Place,
    },
}

pub(super) fn run(command: &BanCommand) -> anyhow::Result<()> {
    match command {
        BanCommand::Add { mask, lasts, reason, place } => {
            add(mask, lasts.as_deref(), reason, place)
        }
        BanCommand::List { place } => list(place),
        BanCommand::Remove { mask, place } => remove(mask, place),
    }
}

fn add(text: &str, lasts: Option<&str>, reason: &str, place: &Place) -> anyhow::Result<()> {
    let mask = parse(text)?;
    let (reason, created) = (one_line(reason)?, data::now_micros());
    let until = lasts.map(parse_duration).transpose()?.map(|micros| created.saturating_add(micros));
    let (_, store) = place.open()?;
    let entry = audit::entry("ban add").on(&mask.shown()).because(&reason);
    let entry = entry.with(&lasts.map(|lasts| format!("for {lasts}")).unwrap_or_default());
    let (kind, mask, by) = (mask.kind(), mask.shown(), entry.actor.clone());
    store.ban(&Ban { kind, mask: mask.clone(), by, reason, created, until }, &entry)?;
    print(&format!("{mask} is banned"))
}

fn list(place: &Place) -> anyhow::Result<()> {
    let store = place.open_existing()?;
    let now = data::now_micros();
    let bans = store.bans()?.bans;
    for ban in bans.iter().filter(|ban| ban.until.is_none_or(|until| now < until)) {
        print(&printable(&ban_line(ban)))?;
    }
    Ok(())
}

fn remove(text: &str, place: &Place) -> anyhow::Result<()> {
    let mask = parse(text)?;
    let store = place.open_existing()?;
    let entry = audit::entry("ban remove").on(&mask.shown());
    match store.lift_ban(mask.kind(), &mask.shown(), &entry) {
        Err(StoreError::Missing) => Err(anyhow!("{} is not banned", mask.shown())),
        outcome => {
            outcome.context("the ban can't be lifted")?;
            print(&format!("{} is no longer banned", mask.shown()))
        }
    }
}

fn parse(text: &str) -> anyhow::Result<BanMask> {
    let mask = BanMask::of_any(text);
    mask.map_err(|why| anyhow!("{text:?} can't be banned: {why}"))
}
