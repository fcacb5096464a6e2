//! What of a room's conversation the client has seen.

use std::collections::VecDeque;

use jiff::Timestamp;

use super::catch_up::CatchUp;

/// Message ids that are remembered, so that no message is shown twice.
const SEEN_MAX: usize = 1000;

/// The part of the conversation that has been seen.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    msgids: VecDeque<String>,
    oldest: Option<Point>,
    newest: Option<Timestamp>,
    last: Option<Point>,
    read: Option<Timestamp>,
    /// The page of history that is on its way.
    pub(crate) asked: Option<Page>,
    /// What was said while there was no connection, which is on its way.
    pub(crate) catch_up: Option<CatchUp>,
}

/// Where in a conversation a message stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Point {
    /// Its id, if the server gives ids.
    pub(crate) msgid: Option<String>,
    /// When it was said.
    pub(crate) time: Timestamp,
}

/// A page of history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    /// Whether the user asked for it, rather than the client because of a JOIN.
    pub(crate) by_user: bool,
    /// How many lines were asked for.
    pub(crate) limit: usize,
}

impl Seen {
    /// Nothing has been seen; all from this point on will be.
    pub(crate) fn from(point: Point) -> Self {
        Self { last: Some(point), ..Self::default() }
    }

    /// The last that has been seen, in the order of the server.
    pub(crate) fn last(&self) -> Option<&Point> {
        self.last.as_ref()
    }

    /// What is on its way will not come.
    pub(crate) fn interrupted(&mut self) {
        (self.asked, self.catch_up) = (None, None);
    }

    /// Notes a message that happens now, and says whether it is new.
    pub(crate) fn live(&mut self, point: Point) -> bool {
        let is_new = self.note(&point);
        self.newest = self.newest.max(Some(point.time));
        if is_new {
            // Whatever its time: what was seen before may have been timed by another clock.
            self.last = Some(point.clone());
        }
        self.oldest.get_or_insert(point);
        is_new
    }

    /// Notes a message of a page, and says whether it is new.
    pub(crate) fn earlier(&mut self, point: &Point) -> bool {
        self.newest = self.newest.max(Some(point.time));
        if self.last.as_ref().is_none_or(|last| last.time <= point.time) {
            self.last = Some(point.clone());
        }
        self.note(point)
    }

    /// Notes where a page starts: the next one ends before that.
    pub(crate) fn starts_at(&mut self, point: Point) {
        self.oldest = Some(point);
    }

    /// The oldest message that has been seen.
    pub(crate) fn oldest(&self) -> Option<&Point> {
        self.oldest.as_ref()
    }

    /// Up to when everything has been read, on any of the user's devices.
    pub(crate) fn read(&self) -> Option<Timestamp> {
        self.read
    }

    /// Notes that everything up to this time has been read. It never goes back.
    pub(crate) fn read_up_to(&mut self, time: Timestamp) {
        self.read = self.read.max(Some(time));
    }

    /// The time of the newest message, if that has not been read yet.
    pub(crate) fn unread_up_to(&self) -> Option<Timestamp> {
        self.newest.filter(|newest| self.read.is_none_or(|read| read < *newest))
    }

    fn note(&mut self, point: &Point) -> bool {
        let Some(msgid) = &point.msgid else { return true };
        if self.msgids.iter().rev().any(|seen| seen == msgid) {
            return false;
        }
        if self.msgids.len() == SEEN_MAX {
            self.msgids.pop_front();
        }
        self.msgids.push_back(msgid.clone());
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(msgid: &str, second: i64) -> Point {
        let time = Timestamp::from_second(second).unwrap();
        Point { msgid: Some(msgid.to_owned()), time }
    }

    #[test]
    fn a_message_is_new_once() {
        let mut seen = Seen::default();
        assert!(seen.live(point("b", 20)));
        assert!(!seen.earlier(&point("b", 20)));
        assert!(seen.earlier(&point("a", 10)));
        assert_eq!(seen.oldest(), Some(&point("b", 20)));
        seen.starts_at(point("a", 10));
        assert!(!seen.live(point("a", 10)));
        assert_eq!(seen.oldest(), Some(&point("a", 10)));
        assert_eq!(seen.last(), Some(&point("b", 20)));
        assert!(seen.live(Point { msgid: None, ..point("", 30) }));
        for number in 0..SEEN_MAX * 2 {
            seen.live(point(&number.to_string(), 40));
        }
        assert_eq!(seen.msgids.len(), SEEN_MAX);
    }

    #[test]
    fn what_is_read_stays_read() {
        let mut seen = Seen::default();
        assert_eq!(seen.unread_up_to(), None);
        seen.live(point("a", 10));
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(seen.unread_up_to(), Some(at(10)));
        seen.read_up_to(at(10));
        seen.read_up_to(at(5));
        assert_eq!((seen.read(), seen.unread_up_to()), (Some(at(10)), None));
        seen.live(point("b", 11));
        assert_eq!(seen.unread_up_to(), Some(at(11)));
    }
}
