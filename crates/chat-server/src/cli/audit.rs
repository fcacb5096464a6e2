//! `chat-server audit`, and entries about what is done on the command line.

use chat_protocol::Mask;
use chat_store::{AuditEntry, AuditQuery};
use clap::Args;
use serde::Serialize;

use crate::data;
use crate::render::{audit_line, time};
use crate::state::event::EventId;

use super::account::print;
use super::printable::{escape, printable};
use super::{Place, since};

#[derive(Args)]
pub(crate) struct AuditArguments {
    /// Only what is not older, such as 2026-05-31, 2026-05-31T14:00Z, or 7d for a week
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only what is older
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Only what was done by this nickname, account, address or nickname!username@hostname; * and ?
    /// stand for any text
    #[arg(long, value_name = "MASK")]
    who: Option<String>,
    /// Only this action, such as KILL or "ChanServ *"
    #[arg(long, value_name = "MASK")]
    action: Option<String>,
    /// Only what was done to this user, account, room or mask
    #[arg(long, value_name = "MASK")]
    on: Option<String>,
    /// Only the newest so many
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// A JSON object in each line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// Prints entries, the oldest first.
pub(super) fn run(arguments: &AuditArguments) -> anyhow::Result<()> {
    let mask = |text: &Option<String>| text.as_deref().map(Mask::new);
    let query = AuditQuery {
        since: since(arguments.since.as_deref())?.unwrap_or(0),
        until: since(arguments.until.as_deref())?.unwrap_or(u64::MAX),
        who: mask(&arguments.who),
        action: mask(&arguments.action),
        target: mask(&arguments.on),
        limit: arguments.limit.unwrap_or(usize::MAX),
        ..AuditQuery::default()
    };
    let store = arguments.place.open_existing()?;
    for entry in store.audit_log(&query)?.iter().rev() {
        print(&if arguments.json { json(entry) } else { printable(&audit_line(entry)) })?;
    }
    Ok(())
}

/// An entry about what is done here. Whose terminal it is, the system knows.
pub(super) fn entry(action: &str) -> AuditEntry {
    let user = rustix::process::getuid().as_raw();
    AuditEntry::new(data::now_micros(), &format!("command line (uid {user})"), action)
}

#[derive(Serialize)]
struct Written<'a> {
    number: u64,
    time: String,
    actor: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    action: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

fn json(entry: &AuditEntry) -> String {
    let written = Written {
        number: entry.number,
        time: time(EventId(entry.time)),
        actor: &entry.actor,
        account: entry.account.as_deref(),
        address: entry.address.as_deref(),
        action: &entry.action,
        target: entry.target.as_deref(),
        detail: entry.detail.as_deref(),
        reason: entry.reason.as_deref(),
    };
    escape(&serde_json::to_string(&written).expect("texts and numbers are JSON"))
}
