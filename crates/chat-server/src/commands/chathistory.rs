//! CHATHISTORY. IRCv3, "chathistory".

use chat_protocol::{Capability, Message};
use chat_store::{AccountName, Conversation, Entry, EntryId, Page, Store, StoreError, TargetKey};

use crate::render;
use crate::server::Readable;
use crate::state::event::EventId;
use crate::state::user::shown_party;

use super::reference::Reference;
use super::{Context, Outcome, Reply};

/// Before and after everything there is.
const BEGINNING: EntryId = EntryId(0);
const END: EntryId = EntryId(i64::MAX as u64);

pub(super) fn chathistory(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let subcommand = message.params[0];
    let name = subcommand.to_ascii_uppercase();
    let count = match name.as_str() {
        "LATEST" | "BEFORE" | "AFTER" | "AROUND" | "TARGETS" => 4,
        "BETWEEN" => 5,
        _ => return Err(invalid(subcommand, "Unknown subcommand")),
    };
    if message.params.len() != count {
        let is_short = message.params.len() < count;
        let why = if is_short { "Insufficient parameters" } else { "Too many parameters" };
        return Err(invalid(subcommand, why));
    }
    let limit = message.params[count - 1];
    let limit = limit.parse::<usize>().ok().filter(|&limit| limit > 0);
    let limit = limit.ok_or_else(|| invalid(subcommand, "Invalid limit"))?;
    let limit = limit.min(cx.server.config().history.page_entries_max);
    let asked = Asked { subcommand: &name, params: &message.params[1..count - 1], limit };
    if name == "TARGETS" { targets(cx, &asked) } else { messages(cx, &asked) }
}

struct Asked<'a> {
    subcommand: &'a str,
    /// What is between the subcommand and the limit.
    params: &'a [&'a str],
    limit: usize,
}

fn messages(cx: &mut Context<'_>, asked: &Asked<'_>) -> Outcome {
    let target = asked.params[0];
    let references: Vec<Option<Reference>> = asked.params[1..]
        .iter()
        .map(|text| match (*text, Reference::parse(text)) {
            ("*", _) if asked.subcommand == "LATEST" => Ok(None),
            (_, Some(reference)) => Ok(Some(reference)),
            _ => Err(invalid(asked.subcommand, "Invalid reference").param(text)),
        })
        .collect::<Result<_, Reply>>()?;
    let unreadable = || {
        Reply::fail("CHATHISTORY", "INVALID_TARGET", "Messages could not be retrieved")
            .param(asked.subcommand)
            .param(target)
    };
    let readable = cx.server.readable(&cx.user(), target).ok_or_else(unreadable)?;
    let store = cx.server.history().ok_or_else(unreadable)?.clone();
    let reader = Reader { store: &*store, readable: &readable, with_events: with_events(cx) };
    let entries = reader.read(asked, &references).map_err(|error| failed(asked, target, &error))?;
    let shown_target = readable.key.accounts().is_none().then_some(readable.name.as_str());
    cx.play(("chathistory", &[&readable.name]), shown_target, &entries);
    Ok(())
}

fn with_events(cx: &Context<'_>) -> bool {
    cx.has(Capability::EventPlayback)
}

struct Reader<'a> {
    store: &'a dyn Store,
    readable: &'a Readable,
    with_events: bool,
}

impl Reader<'_> {
    fn read(
        &self,
        asked: &Asked<'_>,
        references: &[Option<Reference>],
    ) -> Result<Vec<Entry>, StoreError> {
        let limit = asked.limit;
        let (after, before, newest) = match (asked.subcommand, references) {
            ("LATEST", [None]) => (BEGINNING, END, true),
            ("LATEST", [Some(at)]) => (at.last, END, true),
            ("BEFORE", [Some(at)]) => (BEGINNING, at.first, true),
            ("AROUND", [Some(at)]) => {
                let mut entries = self.page(BEGINNING, at.first, true, limit / 2)?;
                let from = EntryId(at.first.0.saturating_sub(1));
                entries.extend(self.page(from, END, false, limit - entries.len())?);
                return Ok(entries);
            }
            ("BETWEEN", [Some(from), Some(to)]) if from.first <= to.first => {
                (from.last, to.first, false)
            }
            ("BETWEEN", [Some(from), Some(to)]) => (to.last, from.first, true),
            (_, [Some(at), ..]) => (at.last, END, false),
            _ => return Ok(Vec::new()),
        };
        self.page(after, before, newest, limit)
    }

    fn page(
        &self,
        after: EntryId,
        before: EntryId,
        newest: bool,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        self.store.page(&Page {
            target: self.readable.key.clone(),
            after: after.max(self.readable.after),
            before,
            newest,
            limit,
            with_events: self.with_events,
            rank: self.readable.rank,
        })
    }
}

/// Where something was said between two times, those first that fell silent first.
fn targets(cx: &mut Context<'_>, asked: &Asked<'_>) -> Outcome {
    let time = |text: &&str| {
        let time = text.strip_prefix("timestamp=").and_then(Reference::parse_time);
        time.ok_or_else(|| invalid(asked.subcommand, "Invalid timestamp").param(text))
    };
    let (from, to) = (time(&asked.params[0])?, time(&asked.params[1])?);
    let (first, last) = if from.first <= to.first { (from, to) } else { (to, from) };
    let Some(store) = cx.server.history().cloned() else {
        return Err(failed(asked, "*", &StoreError::Missing));
    };
    let user = cx.user();
    let rooms: Vec<(TargetKey, Readable)> = user
        .rooms()
        .iter()
        .filter_map(|room| cx.server.readable_room(&user, room))
        .map(|readable| (readable.key.clone(), readable))
        .collect();
    let keys: Vec<TargetKey> = rooms.iter().map(|(key, _)| key.clone()).collect();
    let account = user.profile().account.as_deref().map(AccountName::new);
    let found = store
        .conversations(account.as_ref(), &keys, first.last, last.first, asked.limit)
        .map_err(|error| failed(asked, "*", &error))?;
    let id = cx.open_batch("draft/chathistory-targets", &[]);
    for Conversation { target, last } in found {
        let room = rooms.iter().find(|(key, _)| *key == target).map(|(_, readable)| readable);
        if room.is_some_and(|readable| last <= readable.after) {
            continue;
        }
        let name = match room {
            Some(readable) => readable.name.clone(),
            None => partner(&*store, &target, account.as_ref()),
        };
        let time = render::time(EventId(last.0));
        cx.write_in_batch(id.as_deref(), "CHATHISTORY", &["TARGETS", &name, &time]);
    }
    cx.close_batch(id.as_deref());
    Ok(())
}

/// The other one of a conversation, as it is shown.
fn partner(store: &dyn Store, target: &TargetKey, own: Option<&AccountName>) -> String {
    let Some((one, other)) = target.accounts() else { return target.as_str().to_owned() };
    let key = if own.is_some_and(|own| own.key() == one) { other } else { one };
    let account = store.account(&AccountName::new(key)).ok().flatten();
    account.map_or_else(|| shown_party(key).to_owned(), |account| account.name.as_str().to_owned())
}

fn invalid(subcommand: &str, why: &'static str) -> Reply {
    Reply::fail("CHATHISTORY", "INVALID_PARAMS", why).param(subcommand)
}

fn failed(asked: &Asked<'_>, target: &str, error: &StoreError) -> Reply {
    log::error!("history could not be read: {error}");
    let why = format!("Messages could not be retrieved: {error}");
    Reply::fail("CHATHISTORY", "MESSAGE_ERROR", why).param(asked.subcommand).param(target)
}
