//! AUDIT: what operators and services have done.

use chat_protocol::{Mask, Message};
use chat_store::AuditQuery;

use crate::accounts::moment;
use crate::render::audit_line;
use crate::server::UNSTORED;
use crate::state::privilege::Privilege;

use super::{Context, Outcome, Reply};

/// Entries that are shown if nothing is said, and at the most.
const ENTRIES: usize = 20;
const ENTRIES_MAX: usize = 500;
/// The most bytes of a text, so that its line stays below 512.
const PART_BYTES_MAX: usize = 350;

/// `AUDIT [who=mask] [action=mask] [on=mask] [since=time] [until=time] [limit=n]`
pub(super) fn audit(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    cx.requires(Privilege::Audit)?;
    let words = message.params.join(" ");
    let mut query = parse(&words, cx.server.now_micros())?;
    let shows_addresses = cx.user().profile().may(Privilege::SeeAddresses);
    query.by_address = shows_addresses;
    let entries = cx.server.store.audit_log(&query).map_err(|error| {
        log::error!("the audit log can't be read: {error}");
        Reply::fail("AUDIT", UNSTORED, format!("The audit log can't be read: {error}"))
    })?;
    let (nickname, count) = (cx.client_name(), entries.len());
    for mut entry in entries.into_iter().rev() {
        entry.address = entry.address.filter(|_| shows_addresses);
        for part in in_parts(&audit_line(&entry)) {
            cx.send("NOTICE", &[&nickname, part]);
        }
        if !cx.has_room() {
            return Ok(());
        }
    }
    cx.send("NOTICE", &[&nickname, &format!("End of audit log: {count} entries")]);
    Ok(())
}

/// What is too long for a line goes on in the next.
fn in_parts(text: &str) -> Vec<&str> {
    let (mut parts, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        let (part, after) = rest.split_at(rest.floor_char_boundary(PART_BYTES_MAX));
        parts.push(part);
        rest = after;
    }
    parts
}

/// `now`: in microseconds since the Unix epoch.
fn parse(words: &str, now: u64) -> Result<AuditQuery, Reply> {
    let mut query = AuditQuery { limit: ENTRIES, ..AuditQuery::default() };
    for word in words.split_whitespace() {
        let (key, value) = word.split_once('=').unwrap_or((word, ""));
        let time = || moment::parse(value, now).ok_or_else(|| invalid(word, "this is no time"));
        let mask = || if value.is_empty() { None } else { Some(Mask::new(value)) };
        match key.to_ascii_lowercase().as_str() {
            "who" => query.who = mask(),
            // Words are separated by spaces here, and so are some actions.
            "action" => query.action = Some(Mask::new(&value.replace('_', " "))),
            "on" => query.target = mask(),
            "since" => query.since = time()?,
            "until" => query.until = time()?,
            "limit" => {
                let limit = value.parse().ok().filter(|it| (1..=ENTRIES_MAX).contains(it));
                let expected = || invalid(word, "a limit is a number from 1 to 500");
                query.limit = limit.ok_or_else(expected)?;
            }
            _ => return Err(invalid(word, "keys are who, action, on, since, until and limit")),
        }
    }
    Ok(query)
}

fn invalid(word: &str, why: &'static str) -> Reply {
    Reply::fail("AUDIT", "INVALID_PARAMS", why).param(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_entries_take_several_lines() {
        let text = "é".repeat(400);
        let parts = in_parts(&text);
        assert_eq!((parts.len(), parts.concat()), (3, text.clone()));
        assert!(parts.iter().all(|part| part.len() <= PART_BYTES_MAX));
        assert!(in_parts("").is_empty());
    }

    #[test]
    fn filters_are_keys_with_values() {
        let query = parse("who=op action=ChanServ_* since=1h LIMIT=3", 7_200_000_000).unwrap();
        assert_eq!(query.who.map(|it| it.to_string()).as_deref(), Some("op"));
        assert_eq!(query.action.map(|it| it.to_string()).as_deref(), Some("ChanServ *"));
        assert_eq!((query.since, query.until, query.limit), (3_600_000_000, u64::MAX, 3));
        assert_eq!(parse("", 1).unwrap().limit, ENTRIES);
        for wrong in ["bob", "by=x", "limit=0", "limit=501", "since=soon", "until="] {
            assert!(parse(wrong, 1).is_err(), "{wrong}");
        }
    }
}
