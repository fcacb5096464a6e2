//! Who watches which nicknames. IRCv3, "Monitor".

use std::collections::HashMap;
use std::sync::Arc;

use chat_protocol::NickKey;

use super::session::{Session, SessionId};

/// The watchers of every watched nickname.
#[derive(Default)]
pub(crate) struct Watchers(HashMap<NickKey, Vec<Arc<Session>>>);

impl Watchers {
    pub(crate) fn add(&mut self, key: NickKey, session: &Arc<Session>) {
        let watchers = self.0.entry(key).or_default();
        if watchers.iter().all(|watcher| watcher.id != session.id) {
            watchers.push(session.clone());
        }
    }

    pub(crate) fn remove(&mut self, key: &NickKey, session: SessionId) {
        let Some(watchers) = self.0.get_mut(key) else { return };
        watchers.retain(|watcher| watcher.id != session);
        if watchers.is_empty() {
            self.0.remove(key);
        }
    }

    pub(crate) fn of(&self, key: &NickKey) -> Vec<Arc<Session>> {
        self.0.get(key).cloned().unwrap_or_default()
    }
}
