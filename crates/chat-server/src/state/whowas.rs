//! Who was here: the last users of each nickname. Modern IRC, "WHOWAS message".

use std::collections::VecDeque;
use std::sync::Arc;

use chat_protocol::{NickKey, Nickname};

use super::user::Profile;

/// One user that left or took another nickname.
#[derive(Debug, Clone)]
pub(crate) struct Departed {
    pub(crate) nickname: Nickname,
    pub(crate) username: Arc<str>,
    pub(crate) hostname: Arc<str>,
    pub(crate) realname: Arc<str>,
    /// Seconds since the Unix epoch.
    pub(crate) left_at: u64,
}

/// The last departures, bounded in number.
#[derive(Default)]
pub(crate) struct WhoWas {
    entries: VecDeque<Departed>,
}

impl WhoWas {
    /// Adds one; the oldest are forgotten that are more than `entries_max`.
    pub(crate) fn add(&mut self, profile: &Profile, left_at: u64, entries_max: usize) {
        self.entries.push_front(Departed {
            nickname: profile.nickname.clone(),
            username: profile.username.clone(),
            hostname: profile.hostname.clone(),
            realname: profile.realname.clone(),
            left_at,
        });
        self.keep(entries_max);
    }

    /// Forgets the oldest, down to so many.
    pub(crate) fn keep(&mut self, entries_max: usize) {
        self.entries.truncate(entries_max);
    }

    /// The users of a nickname, the latest first; at most `count` if that is given.
    pub(crate) fn of(&self, key: &NickKey, count: Option<usize>) -> Vec<Departed> {
        let found = self.entries.iter().filter(|departed| departed.nickname.key() == *key);
        found.take(count.unwrap_or(usize::MAX)).cloned().collect()
    }
}
