//! Direct conversations, so that nothing of them is missed or shown twice.

use chat_protocol::NickKey;

use super::seen::{Point, Seen};

/// The conversations that are remembered: those with the latest lines.
const TALKS_MAX: usize = 20;

/// One conversation with somebody.
#[derive(Debug)]
pub(super) struct Talk {
    key: NickKey,
    /// Their nickname.
    pub(super) name: String,
    /// What of it has been seen.
    pub(super) seen: Seen,
}

/// All that are remembered, the latest last.
#[derive(Debug, Default)]
pub(super) struct Talks(Vec<Talk>);

impl Talks {
    /// The conversation with somebody, which may begin with this point. It is the latest now.
    pub(super) fn open(&mut self, nickname: &str, point: &Point) -> &mut Seen {
        let key = NickKey::of(nickname);
        let talk = match self.0.iter().position(|talk| talk.key == key) {
            Some(at) => self.0.remove(at),
            None => Talk { key, name: nickname.to_owned(), seen: Seen::from(point.clone()) },
        };
        if self.0.len() == TALKS_MAX {
            // What one holds back would be lost with it.
            let oldest = self.0.iter().position(|talk| talk.seen.catch_up.is_none());
            self.0.remove(oldest.unwrap_or(0));
        }
        self.0.push(talk);
        &mut self.0.last_mut().expect("one was just added").seen
    }

    /// The conversation with somebody, if it is remembered.
    pub(super) fn find_mut(&mut self, nickname: &str) -> Option<&mut Talk> {
        let key = NickKey::of(nickname);
        self.0.iter_mut().find(|talk| talk.key == key)
    }

    /// The same, only to look at.
    pub(super) fn find(&self, nickname: &str) -> Option<&Talk> {
        let key = NickKey::of(nickname);
        self.0.iter().find(|talk| talk.key == key)
    }

    /// Every one.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Talk> {
        self.0.iter()
    }

    /// The connection is gone.
    pub(super) fn interrupted(&mut self) {
        self.0.iter_mut().for_each(|talk| talk.seen.interrupted());
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::core::catch_up::CatchUp;

    #[test]
    fn the_latest_are_remembered() {
        let mut talks = Talks::default();
        let point = Point { msgid: None, time: Timestamp::default() };
        for number in 0..TALKS_MAX {
            talks.open(&format!("bob{number}"), &point);
        }
        talks.open("BOB0", &point);
        talks.open("carol", &point);
        assert!(talks.find_mut("bob0").is_some() && talks.find_mut("bob1").is_none());
        assert_eq!(talks.iter().count(), TALKS_MAX);
    }

    #[test]
    fn one_that_is_being_caught_up_with_is_not_forgotten() {
        let mut talks = Talks::default();
        let point = Point { msgid: None, time: Timestamp::default() };
        talks.open("bob", &point).catch_up = Some(CatchUp::since(point.clone(), 1, point.time));
        for number in 0..TALKS_MAX {
            talks.open(&format!("carol{number}"), &point);
        }
        assert!(talks.find("bob").is_some() && talks.find("carol0").is_none());
    }
}
