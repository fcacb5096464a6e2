//! Entries as they stand in rows.

use std::sync::Arc;

use rusqlite::Row;

use super::writer::as_id;
use crate::{Entry, EntryKind, TargetKey};

/// What [`entry`] reads, of `entries AS e`, `targets AS t` and `authors AS a`.
macro_rules! entry_columns {
    () => {
        "e.id, e.kind, e.rank_min, e.shown, e.tags, e.body, t.key, a.source, a.account, a.is_bot"
    };
}
pub(super) use entry_columns;

/// The entry in a row of [`entry_columns`].
pub(super) fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let target: TargetKey = row.get_ref(6)?.as_str()?.into();
    let shown: Option<String> = row.get(3)?;
    let account: Option<Arc<str>> = row.get(8)?;
    Ok(Entry {
        id: as_id(row.get(0)?),
        kind: kind(row.get(1)?),
        source: row.get(7)?,
        account,
        is_bot: row.get(9)?,
        rank_min: row.get(2)?,
        shown_target: shown.unwrap_or_else(|| target.as_str().to_owned()),
        tags: row.get::<_, Option<String>>(4)?.unwrap_or_default(),
        body: row.get(5)?,
        target,
    })
}

/// A kind by its number. What a newer program has added is shown to nobody as a message.
fn kind(number: u8) -> EntryKind {
    use EntryKind as Kind;
    const KINDS: [EntryKind; 12] = [
        Kind::Privmsg,
        Kind::Notice,
        Kind::Tagmsg,
        Kind::Join,
        Kind::Part,
        Kind::Quit,
        Kind::Kick,
        Kind::Nick,
        Kind::Topic,
        Kind::Mode,
        Kind::Rename,
        Kind::Redact,
    ];
    KINDS.get(usize::from(number)).copied().unwrap_or(Kind::Tagmsg)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_numbered() {
        for number in 0..12 {
            assert_eq!(kind(number) as u8, number);
        }
    }
}
