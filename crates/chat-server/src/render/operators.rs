//! What operators read: bans and the audit log, an entry a line.

use chat_store::{AuditEntry, Ban};

use crate::state::event::EventId;

use super::time;

/// The mask, and [`ban_text`].
pub(crate) fn ban_line(ban: &Ban) -> String {
    format!("{} {}", ban.mask, ban_text(ban))
}

/// `until TIME, by NAME since TIME: reason`.
pub(crate) fn ban_text(ban: &Ban) -> String {
    let until = ban.until.map_or("for ever".to_owned(), |it| format!("until {}", seconds(it)));
    let (since, by) = (seconds(ban.created), &ban.by);
    format!("{until}, by {by} since {since}: {}", ban.reason)
}

/// `#NUMBER TIME WHO ACTION target (detail): reason`.
pub(crate) fn audit_line(entry: &AuditEntry) -> String {
    let mut line = format!("#{} {} {}", entry.number, seconds(entry.time), entry.actor);
    let account = entry.account.as_ref().map(|account| format!("account {account}"));
    let address = entry.address.as_ref().map(|address| format!("from {address}"));
    let whence: Vec<String> = account.into_iter().chain(address).collect();
    if !whence.is_empty() {
        line.push_str(&format!(" [{}]", whence.join(", ")));
    }
    line.push_str(&format!(" {}", entry.action));
    line.extend(entry.target.iter().map(|target| format!(" {target}")));
    line.extend(entry.detail.iter().map(|detail| format!(" ({detail})")));
    line.extend(entry.reason.iter().map(|reason| format!(": {reason}")));
    line
}

/// A time to the second.
fn seconds(micros: u64) -> String {
    let time = time(EventId(micros));
    time.split_once('.').map_or(time.clone(), |(seconds, _)| format!("{seconds}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chat_store::BanKind;

    #[test]
    fn lines_say_who_what_when_and_why() {
        let entry = AuditEntry::new(1_769_862_896_789_123, "op!o@cloak", "KLINE");
        let entry = AuditEntry {
            number: 7,
            account: Some("root".to_owned()),
            address: Some("192.0.2.1".to_owned()),
            ..entry.on("bob!*@*").with("for 1h").because("spam")
        };
        assert_eq!(
            audit_line(&entry),
            "#7 2026-01-31T12:34:56Z op!o@cloak [account root, from 192.0.2.1] KLINE bob!*@* \
             (for 1h): spam"
        );
        let ban = Ban {
            kind: BanKind::Mask,
            mask: "bob!*@*".to_owned(),
            by: "op".to_owned(),
            reason: "spam".to_owned(),
            created: entry.time,
            until: None,
        };
        assert_eq!(ban_line(&ban), "bob!*@* for ever, by op since 2026-01-31T12:34:56Z: spam");
    }
}
