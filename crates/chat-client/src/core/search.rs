//! Searching what was said. soju's `SEARCH`.

use chat_protocol::{Capability, TagsBuf};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::Client;
use super::batch::Collection;
use super::entry::What;
use super::extensions::SEARCH;
use super::history::server_time;
use super::speak::Mistake;

/// Matches that are asked for.
const LIMIT: usize = 50;

/// What is searched for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Query {
    pub(super) words: String,
    pub(super) from: Option<String>,
    pub(super) room: Option<String>,
    pub(super) after: Option<Timestamp>,
    pub(super) before: Option<Timestamp>,
}

impl Query {
    /// Reads `[from:NAME] [in:ROOM] [after:DATE] [before:DATE] WORDS`. A date is the user's own.
    pub(super) fn parse(text: &str, zone: &TimeZone) -> Result<Self, Mistake> {
        let mut query = Self::default();
        let mut words = Vec::new();
        for word in text.split_whitespace() {
            match word.split_once(':') {
                Some(("from", name)) if !name.is_empty() => query.from = Some(name.to_owned()),
                Some(("in", room)) if !room.is_empty() => query.room = Some(room.to_owned()),
                Some(("after", date)) => query.after = Some(point_in_time(date, zone)?),
                Some(("before", date)) => {
                    // The server takes it as "at or before".
                    let start = point_in_time(date, zone)?;
                    query.before = start.checked_sub(SignedDuration::from_millis(1)).ok();
                }
                _ => words.push(word),
            }
        }
        query.words = words.join(" ");
        let is_empty = query.words.is_empty() && query.from.is_none();
        let has_no_time = query.after.is_none() && query.before.is_none();
        if is_empty && has_no_time { Err(Mistake::Usage) } else { Ok(query) }
    }

    /// The parameter of `SEARCH`: attributes, written like message tags.
    fn attributes(&self, room: &str) -> String {
        let mut attributes = TagsBuf::new();
        attributes.push("in", room);
        if let Some(from) = &self.from {
            attributes.push("from", from);
        }
        if let Some(after) = self.after {
            attributes.push("after", &server_time(after));
        }
        if let Some(before) = self.before {
            attributes.push("before", &server_time(before));
        }
        if !self.words.is_empty() {
            attributes.push("text", &self.words);
        }
        attributes.push("limit", &LIMIT.to_string());
        attributes.as_tags().as_raw().to_owned()
    }
}

/// `YYYY-MM-DD`, when the day starts, or `YYYY-MM-DDTHH:MM`.
fn point_in_time(text: &str, zone: &TimeZone) -> Result<Timestamp, Mistake> {
    let zoned = text.parse::<DateTime>().and_then(|date| zone.to_timestamp(date));
    zoned.map_err(|_| Mistake::Because(format!("{text} is no date: write it like 2026-05-31.")))
}

impl Client {
    /// Asks the server.
    pub(super) fn search(&mut self, query: &Query, room: &str) -> Result<(), Mistake> {
        if !self.extensions.has(SEARCH) || !self.has(Capability::Batch) {
            return Err(Mistake::Because("The server can't search.".to_owned()));
        }
        let attributes = query.attributes(room);
        if attributes.len() + "SEARCH \r\n".len() > self.line_bytes_max() {
            return Err(Mistake::Because("That is too much to search for.".to_owned()));
        }
        self.searches += 1;
        self.send("SEARCH", &[&attributes], None);
        Ok(())
    }

    /// Shows what was found, the newest last.
    pub(super) fn found(&mut self, collection: &Collection) {
        self.searches = self.searches.saturating_sub(1);
        let mut lines: Vec<_> =
            collection.lines.iter().filter_map(|line| self.recorded(line)).collect();
        lines.sort_by_key(|line| line.point.time);
        let count = lines.len();
        for line in lines {
            self.show(line.point.time, line.room.as_deref(), What::Found(line.speech));
        }
        self.tell(match count {
            0 => "nothing found".to_owned(),
            1 => "1 line found".to_owned(),
            LIMIT.. => format!("the last {count} lines found; there may be more: before:DATE"),
            _ => format!("{count} lines found"),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Query, Mistake> {
        Query::parse(text, &TimeZone::fixed(jiff::tz::offset(8)))
    }

    #[test]
    fn filters_and_words() {
        let query =
            parse("from:小明 deploy; done after:2026-05-01 before:2026-05-03T12:00").unwrap();
        assert_eq!(
            query.attributes("#聊天室"),
            "in=#聊天室;from=小明;after=2026-04-30T16:00:00.000Z;\
             before=2026-05-03T03:59:59.999Z;text=deploy\\:\\sdone;limit=50"
        );
        let query = parse("http://x in:ops at:noon").unwrap();
        assert_eq!(
            (query.words.as_str(), query.room.as_deref()),
            ("http://x at:noon", Some("ops"))
        );
    }

    #[test]
    fn mistakes() {
        assert_eq!(parse("  "), Err(Mistake::Usage));
        assert_eq!(parse("in:ops"), Err(Mistake::Usage));
        assert!(parse("from:bob").is_ok());
        let told = parse("before:yesterday x").unwrap_err();
        let expected = "yesterday is no date: write it like 2026-05-31.";
        assert_eq!(told, Mistake::Because(expected.to_owned()));
    }
}
