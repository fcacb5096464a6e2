//! Roles in rooms that follow accounts: at a login, with another name, and when one is gone.

use std::collections::BTreeMap;
use std::sync::Arc;

use chat_protocol::Membership;
use chat_store::{AccountName, StoreError};

use crate::outbound::Delivery;
use crate::state::event::EventKind;
use crate::state::registration::{Registration, RegistrationChange};
use crate::state::session::SessionId;
use crate::state::user::User;

use super::Server;
use super::history::Unstored;

impl Server {
    /// Gives a user that has logged in the roles of its account in the rooms where it is already.
    pub(crate) fn grant_roles(
        &self,
        user: &Arc<User>,
        session: Option<SessionId>,
        delivery: &mut Delivery,
    ) {
        for room in user.rooms() {
            self.grant_role(&room, user, session, delivery);
        }
    }

    /// Looks again at the accounts that have a role in some room: another process may have dropped one.
    pub(crate) fn review_roles(&self, delivery: &mut Delivery) -> Result<(), StoreError> {
        let mut named = BTreeMap::new();
        for room in self.rooms() {
            let state = room.state();
            let Some(registration) = &state.settings.registration else { continue };
            let accounts = registration.access.values().map(|access| &access.account);
            let others = registration.founder.iter().chain(&registration.offered_to);
            for account in accounts.chain(others) {
                named.insert(account.key().to_owned(), account.clone());
            }
        }
        for account in named.values() {
            if self.store.account(account)?.is_none() {
                self.forget_account(account, delivery);
            }
        }
        Ok(())
    }

    /// An account is gone: it has no role any more, and its rooms are the server's until an IRC
    /// operator gives them to somebody.
    pub(crate) fn forget_account(&self, account: &AccountName, delivery: &mut Delivery) {
        for room in self.rooms() {
            let forgotten = self.submit(&room, self.by_chanserv(None), delivery, |state| {
                let registration = state.settings.registration.as_ref();
                let changes = registration.map(|it| without(it, account)).unwrap_or_default();
                Ok::<_, Unstored>(changes.into_iter().map(EventKind::RegistrationChanged).collect())
            });
            if let Err(why) = forgotten {
                log::error!("{account} is gone and still has a role in {}: {why}", room.name);
            }
        }
    }

    /// An account has another name: its rooms and roles follow.
    pub(crate) fn rename_account_in_rooms(
        &self,
        from: &AccountName,
        to: &AccountName,
        delivery: &mut Delivery,
    ) {
        for room in self.rooms() {
            let renamed = self.submit(&room, self.by_chanserv(None), delivery, |state| {
                let registration = state.settings.registration.as_ref();
                let changes = registration.map(|it| renamed(it, from, to)).unwrap_or_default();
                Ok::<_, Unstored>(changes.into_iter().map(EventKind::RegistrationChanged).collect())
            });
            if let Err(why) = renamed {
                log::error!("{from} is now {to}, but not yet in {}: {why}", room.name);
            }
        }
    }
}

fn without(registration: &Registration, account: &AccountName) -> Vec<RegistrationChange> {
    let is = |other: &Option<AccountName>| other.as_ref() == Some(account);
    let mut changes = Vec::new();
    if is(&registration.founder) {
        changes.push(RegistrationChange::FounderSet(None));
    }
    if is(&registration.offered_to) {
        changes.push(RegistrationChange::Offered(None));
    }
    if registration.access.contains_key(account.key()) {
        changes.push(RegistrationChange::AccessSet { account: account.clone(), status: None });
    }
    changes
}

fn renamed(
    registration: &Registration,
    from: &AccountName,
    to: &AccountName,
) -> Vec<RegistrationChange> {
    let mut changes = Vec::new();
    let offered_to = registration.offered_to.clone();
    let role: Option<Membership> = registration.access.get(from.key()).map(|it| it.status);
    if registration.founder.as_ref() == Some(from) {
        changes.push(RegistrationChange::FounderSet(Some(to.clone())));
        changes.push(RegistrationChange::Offered(offered_to.clone()));
    }
    if offered_to.as_ref() == Some(from) {
        changes.push(RegistrationChange::Offered(Some(to.clone())));
    }
    if role.is_some() {
        changes.push(RegistrationChange::AccessSet { account: from.clone(), status: None });
        changes.push(RegistrationChange::AccessSet { account: to.clone(), status: role });
    }
    changes
}
