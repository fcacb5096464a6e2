//! SEARCH. soju.im/search (the `search` extension of soju).

use chat_protocol::{Message, Tags};
use chat_store::{AccountName, EntryId, Search, Searched, StoreError};

use crate::server::Readable;

use super::reference::Reference;
use super::{Context, Outcome, Reply};

const END: EntryId = EntryId(i64::MAX as u64);
/// Conversations that are searched when no target is given.
const CONVERSATIONS_MAX: usize = 100;

pub(super) fn search(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let attributes = message.params.first().copied().unwrap_or_default();
    let asked = Asked::parse(attributes, cx.server.config().history.page_entries_max)?;
    let readable = readable(cx, asked.target.as_deref())?;
    let Some(store) = cx.server.history().cloned().filter(|_| !readable.is_empty()) else {
        cx.play(("soju.im/search", &[]), None, &[]);
        return Ok(());
    };
    let search = Search {
        targets: readable.iter().map(searched).collect(),
        text: asked.text,
        from: asked.from,
        after: asked.after,
        before: asked.before,
        limit: asked.limit,
    };
    let mut found = store.search(&search).map_err(|error| failed(&error))?;
    found.reverse();
    cx.play(("soju.im/search", &[]), None, &found);
    Ok(())
}

/// Rooms differ in what of them may be seen.
fn searched(readable: &Readable) -> Searched {
    Searched { target: readable.key.clone(), after: readable.after, rank: readable.rank }
}

struct Asked {
    target: Option<String>,
    from: Option<String>,
    text: String,
    after: EntryId,
    before: EntryId,
    limit: usize,
}

impl Asked {
    /// `key=value;…` with the escaping of message tags. Unknown keys are ignored.
    fn parse(attributes: &str, limit_max: usize) -> Result<Self, Reply> {
        let (after, before) = (EntryId(0), END);
        let (target, from, text) = (None, None, String::new());
        let mut asked = Self { target, from, text, after, before, limit: limit_max };
        for attribute in Tags::from_raw(attributes).iter() {
            let value = attribute.value();
            let invalid = || {
                Reply::fail("SEARCH", "INVALID_PARAMS", "Invalid parameters").param(attribute.key)
            };
            let time = || Reference::parse_time(&value).ok_or_else(invalid);
            match attribute.key {
                "in" => asked.target = Some(value.into_owned()),
                "from" => asked.from = Some(value.into_owned()),
                "text" => asked.text = value.into_owned(),
                "after" => asked.after = EntryId(time()?.first.0.saturating_sub(1)),
                "before" => asked.before = EntryId(time()?.last.0 + 1),
                "limit" => {
                    let limit = value.parse().ok().filter(|&limit: &usize| limit > 0);
                    asked.limit = limit.ok_or_else(invalid)?.min(limit_max);
                }
                _ => {}
            }
        }
        Ok(asked)
    }
}

/// The histories to look in: the one that was asked for, or all that the user may read.
fn readable(cx: &Context<'_>, target: Option<&str>) -> Result<Vec<Readable>, Reply> {
    let user = cx.user();
    if let Some(target) = target {
        let readable = cx.server.readable(&user, target);
        return readable.map(|readable| vec![readable]).ok_or_else(|| {
            Reply::fail("SEARCH", "INVALID_PARAMS", "You can't read that").param("in")
        });
    }
    let rooms = user.rooms();
    let mut readable: Vec<Readable> =
        rooms.iter().filter_map(|room| cx.server.readable_room(&user, room)).collect();
    let account = user.profile().account.as_deref().map(AccountName::new);
    if let (Some(store), Some(account)) = (cx.server.history(), account) {
        let conversations =
            store.conversations(Some(&account), &[], EntryId(0), END, CONVERSATIONS_MAX);
        readable.extend(conversations.map_err(|error| failed(&error))?.into_iter().map(
            |conversation| Readable {
                name: conversation.target.as_str().to_owned(),
                key: conversation.target,
                after: EntryId(0),
                rank: 0,
            },
        ));
    }
    Ok(readable)
}

fn failed(error: &StoreError) -> Reply {
    log::error!("a search failed: {error}");
    Reply::fail("SEARCH", "INTERNAL_ERROR", format!("The search could not be run: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_read() {
        let asked = Asked::parse("in=#房间;text=a\\sb\\:c;limit=5;x=y", 100).unwrap();
        assert_eq!(asked.target.as_deref(), Some("#房间"));
        assert_eq!((asked.text.as_str(), asked.limit), ("a b;c", 5));
        let asked = Asked::parse("after=1970-01-01T00:00:01.000Z;limit=500", 100).unwrap();
        assert_eq!((asked.after, asked.limit), (EntryId(999_999), 100));
        assert!(Asked::parse("before=yesterday", 100).is_err());
        assert!(Asked::parse("limit=0", 100).is_err());
    }
}
