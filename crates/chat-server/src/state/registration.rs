//! To whom a room belongs, and who has which standing role in it.

use std::collections::BTreeMap;
use std::sync::Arc;

use chat_protocol::Membership;
use chat_store::AccountName;

use super::event::{Event, EventId};
use super::visible::Visible;

/// The most accounts with a standing role in one room.
pub(crate) const ACCESS_ENTRIES_MAX: usize = 250;

/// What makes a room last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Registration {
    /// `None`: the server itself.
    pub(crate) founder: Option<AccountName>,
    pub(crate) since: EventId,
    /// Whom the founder offers the room to.
    pub(crate) offered_to: Option<AccountName>,
    /// Standing roles, by the account's key.
    pub(crate) access: BTreeMap<String, Access>,
    pub(crate) description: Option<String>,
    /// Whether what is said is kept; the server's default if not said.
    pub(crate) history: Option<bool>,
    /// How far back it is read; the server's default if not said.
    pub(crate) visible: Option<Visible>,
    /// For how many days, and how much of it, history is kept; as the server has it if not said.
    pub(crate) keep_days: Option<u64>,
    pub(crate) keep_entries: Option<u64>,
    /// The topic stays when nobody is there.
    pub(crate) keeps_topic: bool,
}

/// The standing role of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Access {
    pub(crate) account: AccountName,
    pub(crate) status: Membership,
    /// The source of who gave it.
    pub(crate) by: Arc<str>,
    /// Seconds since the Unix epoch.
    pub(crate) set_at: u64,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RegistrationChange {
    Registered {
        founder: Option<AccountName>,
    },
    Dropped,
    Offered(Option<AccountName>),
    FounderSet(Option<AccountName>),
    /// With no status, the role is taken away.
    AccessSet {
        account: AccountName,
        status: Option<Membership>,
    },
    AccessCleared,
    DescriptionSet(Option<String>),
    HistorySet(Option<bool>),
    VisibleSet(Option<Visible>),
    KeepDaysSet(Option<u64>),
    KeepEntriesSet(Option<u64>),
    KeepTopicSet(bool),
}

/// What an account may do with a room, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    None,
    Role(Membership),
    Founder,
    /// An IRC operator.
    Oper,
}

impl Registration {
    /// A room that has just been registered.
    pub(crate) fn new(founder: Option<AccountName>, since: EventId) -> Self {
        Self {
            founder,
            since,
            offered_to: None,
            access: BTreeMap::new(),
            description: None,
            history: None,
            visible: None,
            keep_days: None,
            keep_entries: None,
            keeps_topic: true,
        }
    }

    /// What an account is here.
    pub(crate) fn standing(&self, account: &AccountName) -> Standing {
        if self.founder.as_ref() == Some(account) {
            return Standing::Founder;
        }
        self.access.get(account.key()).map_or(Standing::None, |it| Standing::Role(it.status))
    }

    /// The status that an account has from the moment it joins.
    pub(crate) fn status_of(&self, account: &AccountName) -> Option<Membership> {
        match self.standing(account) {
            Standing::Founder | Standing::Oper => Some(Membership::Founder),
            Standing::Role(status) => Some(status),
            Standing::None => None,
        }
    }

    /// Since when an account has its role here.
    pub(crate) fn role_since(&self, account: &AccountName) -> Option<EventId> {
        match self.standing(account) {
            Standing::Founder => Some(self.since),
            Standing::Role(_) => {
                let access = self.access.get(account.key())?;
                Some(EventId(access.set_at.saturating_mul(1_000_000)))
            }
            Standing::None | Standing::Oper => None,
        }
    }

    pub(super) fn apply(&mut self, change: &RegistrationChange, event: &Event) {
        match change {
            RegistrationChange::Registered { .. } | RegistrationChange::Dropped => {}
            RegistrationChange::Offered(account) => self.offered_to.clone_from(account),
            RegistrationChange::FounderSet(account) => {
                self.offered_to = None;
                self.founder.clone_from(account);
                if let Some(account) = account {
                    self.access.remove(account.key());
                }
            }
            RegistrationChange::AccessSet { account, status: None } => {
                self.access.remove(account.key());
            }
            RegistrationChange::AccessSet { account, status: Some(status) } => {
                let (by, set_at) = (event.source.clone(), event.id.seconds());
                let access = Access { account: account.clone(), status: *status, by, set_at };
                self.access.insert(account.key().to_owned(), access);
            }
            RegistrationChange::AccessCleared => self.access.clear(),
            RegistrationChange::DescriptionSet(text) => self.description.clone_from(text),
            RegistrationChange::HistorySet(on) => self.history = *on,
            RegistrationChange::VisibleSet(visible) => self.visible = *visible,
            RegistrationChange::KeepDaysSet(days) => self.keep_days = *days,
            RegistrationChange::KeepEntriesSet(entries) => self.keep_entries = *entries,
            RegistrationChange::KeepTopicSet(on) => self.keeps_topic = *on,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standings_are_in_order() {
        let roles = Membership::ALL.map(Standing::Role);
        assert!(roles.is_sorted_by(|one, next| one > next));
        assert!(Standing::Oper > Standing::Founder && Standing::Founder > roles[0]);
        assert!(roles[4] > Standing::None);
    }

    #[test]
    fn a_founder_is_more_than_a_role() {
        let mut registration = Registration::new(Some(AccountName::new("Alice")), EventId(1));
        let alice = AccountName::new("ALICE");
        assert_eq!(registration.standing(&alice), Standing::Founder);
        assert_eq!(registration.status_of(&alice), Some(Membership::Founder));
        assert_eq!(registration.standing(&AccountName::new("bob")), Standing::None);
        registration.founder = None;
        assert_eq!(registration.standing(&alice), Standing::None);
    }
}
