//! References to messages: `msgid=…` and `timestamp=…`. IRCv3, "chathistory".

use chat_store::EntryId;

use crate::render::parse_msgid;

/// Which entries a reference means: one, or all of a millisecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reference {
    pub(super) first: EntryId,
    pub(super) last: EntryId,
}

impl Reference {
    /// `msgid=ID` or `timestamp=YYYY-MM-DDThh:mm:ss.sssZ`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text.split_once('=')? {
            ("msgid", id) => {
                let id = EntryId(parse_msgid(id)?.0);
                Some(Self { first: id, last: id })
            }
            ("timestamp", time) => Self::parse_time(time),
            _ => None,
        }
    }

    /// A time alone. Times are shown to the millisecond, so all of it is meant.
    pub(super) fn parse_time(time: &str) -> Option<Self> {
        let micros = time.parse::<jiff::Timestamp>().ok()?.as_microsecond();
        let millisecond = u64::try_from(micros).ok()? / 1000 * 1000;
        Some(Self { first: EntryId(millisecond), last: EntryId(millisecond + 999) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_exact_or_a_millisecond() {
        let one = Reference::parse("msgid=1j9ns8m79m3").unwrap();
        assert_eq!((one.first, one.last), (EntryId(1_769_862_896_789_123), one.first));
        let millisecond = Reference::parse("timestamp=2026-01-31T12:34:56.789Z").unwrap();
        assert_eq!(millisecond.first, EntryId(1_769_862_896_789_000));
        assert_eq!(millisecond.last, EntryId(1_769_862_896_789_999));
        for wrong in
            ["*", "msgid", "msgid=", "msgid=!", "msgid=1j9ns8m79m", "timestamp=never", "x=1"]
        {
            assert_eq!(Reference::parse(wrong), None, "{wrong}");
        }
    }
}
