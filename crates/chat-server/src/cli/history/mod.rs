//! `chat-server history`.

mod line;

use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;

use anyhow::{Context as _, bail, ensure};
use chat_protocol::ChannelName;
use chat_store::{Entry, EntryId, Page, Store, TargetKey};

use crate::accounts::name::given;

use super::{ExportArguments, ExportFormat, since};

/// Prints what was said and happened, a part at a time: however long it is, little of it is held.
pub(super) fn export(arguments: &ExportArguments) -> anyhow::Result<()> {
    let target = target(&arguments.room)?;
    let since = since(arguments.since.as_deref())?;
    let store = arguments.place.open_existing()?;
    ensure!(
        has_entries(&*store, &target)?,
        "nothing is kept of {}: `{}` is neither a room nor a conversation with a history",
        target.as_str(),
        arguments.room
    );
    let mut out = BufWriter::new(io::stdout().lock());
    let mut written = Ok(());
    let mut write = |entry: Entry| {
        written = writeln!(out, "{}", show(&entry, arguments.format));
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let after = EntryId(since.unwrap_or(0).saturating_sub(1));
    store.export(&target, after, &mut write)?;
    match written.and_then(|()| out.flush()) {
        // Who reads has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome.context("can't print"),
    }
}

fn show(entry: &Entry, format: ExportFormat) -> String {
    match format {
        ExportFormat::Text => line::text(entry),
        ExportFormat::Jsonl => line::json(entry),
    }
}

/// A room, with or without its `#`, or two accounts with a comma.
fn target(text: &str) -> anyhow::Result<TargetKey> {
    if let Some((one, other)) = text.split_once(',').filter(|_| !text.starts_with('#')) {
        return Ok(TargetKey::direct(&given(one.trim()), &given(other.trim())));
    }
    let name = if text.starts_with('#') { text.to_owned() } else { format!("#{text}") };
    match ChannelName::parse(&name, usize::MAX) {
        Ok(name) => Ok(TargetKey::room(name.key().as_str())),
        Err(why) => bail!("{text:?} is no room: {why}"),
    }
}

fn has_entries(store: &dyn Store, target: &TargetKey) -> anyhow::Result<bool> {
    let first = store.page(&Page {
        target: target.clone(),
        after: EntryId(0),
        before: EntryId(u64::MAX),
        newest: false,
        limit: 1,
        with_events: true,
        rank: u8::MAX,
    })?;
    Ok(!first.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_and_conversations_are_named_as_people_name_them() {
        for (text, key) in [("rust", "#rust"), ("#Rust", "#rust"), ("Bob,alice", "alice,bob")] {
            assert_eq!(target(text).unwrap().as_str(), key);
        }
        assert!(target("a b").is_err());
        assert!(target("").is_err());
    }
}
