//! Capabilities beyond those that servers of every kind have: the ones that need an account or a
//! server that remembers.

use std::collections::{BTreeMap, BTreeSet};

/// IRCv3, "SASL Authentication". Its value names the mechanisms.
pub(super) const SASL: &str = "sasl";
/// IRCv3, "Account Registration": `REGISTER` and `VERIFY`.
pub(super) const ACCOUNT_REGISTRATION: &str = "draft/account-registration";
/// IRCv3, "Chathistory".
pub(super) const CHATHISTORY: &str = "draft/chathistory";
/// IRCv3, "Read marker".
pub(super) const READ_MARKER: &str = "draft/read-marker";
/// soju's `SEARCH`.
pub(super) const SEARCH: &str = "soju.im/search";
/// A message with this tag is stored once, however often it is sent; its echo has the tag too. The
/// value is the client's own, up to 64 bytes.
pub(super) const MESSAGE_ID: &str = "chat-server/id";

const ALL: &[&str] = &[ACCOUNT_REGISTRATION, CHATHISTORY, MESSAGE_ID, READ_MARKER, SASL, SEARCH];

/// What of these the server offers, and what is in use.
#[derive(Debug, Default)]
pub(super) struct Extensions {
    offered: BTreeMap<&'static str, String>,
    enabled: BTreeSet<&'static str>,
}

impl Extensions {
    /// Notes a capability as it stands in a list of the server's, with the value it may have.
    pub(super) fn offer(&mut self, listed: &str) {
        let (name, value) = listed.split_once('=').unwrap_or((listed, ""));
        if let Some(known) = known(name) {
            self.offered.insert(known, value.to_owned());
        }
    }

    /// Takes a capability into use, or out of it.
    pub(super) fn enable(&mut self, name: &str, on: bool) {
        let Some(known) = known(name) else { return };
        if on {
            self.enabled.insert(known);
        } else {
            self.enabled.remove(known);
            self.offered.remove(known);
        }
    }

    /// Whether a capability is in use.
    pub(super) fn has(&self, name: &str) -> bool {
        self.enabled.contains(name)
    }

    /// What to ask for: all that is offered and not in use.
    pub(super) fn wanted(&self) -> impl Iterator<Item = &'static str> {
        self.offered.keys().copied().filter(|name| !self.enabled.contains(name))
    }

    /// The items of the value a capability was offered with; `None` if it has none.
    pub(super) fn values(&self, name: &str) -> Option<Vec<String>> {
        let value = self.offered.get(name).filter(|value| !value.is_empty())?;
        Some(value.split(',').map(str::to_owned).collect())
    }
}

fn known(name: &str) -> Option<&'static str> {
    ALL.iter().copied().find(|known| *known == name)
}
