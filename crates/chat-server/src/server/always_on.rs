//! Users that stay while none of their devices is connected, from one start to the next.

use std::sync::Arc;

use chat_protocol::{ChannelName, Nickname};
use chat_store::{Account, AccountName, StoreError};

use crate::accounts::new_account::holds;
use crate::outbound::Delivery;
use crate::state::event::{Event, EventKind};
use crate::state::session::Login;
use crate::state::user::{Profile, User};

use super::devices::ABSENT;
use super::{Origin, Server};

impl Server {
    /// Brings back the users that stay, each in the rooms it was in. Before anybody can connect.
    pub(crate) fn restore_always_on(&self, delivery: &mut Delivery) -> Result<(), StoreError> {
        let default = self.config().accounts.always_on;
        for account in self.store.accounts()? {
            if !account.always_on.unwrap_or(default) || self.is_closed(&account) {
                continue;
            }
            let rooms = self.store.joined_rooms(&account.name)?;
            // By default everybody stays, but who has never been here has nowhere to be.
            if !rooms.is_empty() {
                self.restore(&account, &rooms, delivery);
            }
        }
        Ok(())
    }

    /// Looks again at the accounts of users that stay with no session: who is gone or suspended leaves,
    /// and the role of an IRC operator follows the account.
    pub(crate) fn review_always_on(&self, delivery: &mut Delivery) -> Result<(), StoreError> {
        for user in self.users().into_iter().filter(|user| user.sessions().is_empty()) {
            let account = user.profile().account.as_deref().map(AccountName::new);
            let Some(account) = account else { continue };
            match self.store.account(&account)?.filter(|it| !self.is_closed(it)) {
                // No session has a role that could follow the account.
                Some(account) => {
                    let had = user.profile().role().cloned();
                    let origin = Origin { user: &user, session: None };
                    let role = self.role_of(&Login::to(&account));
                    self.change_role(origin, had.as_ref(), role, delivery);
                }
                None => self.let_go(&user, "Account closed", delivery),
            }
        }
        Ok(())
    }

    /// The server's default has changed: it counts for everybody who has not chosen.
    pub(super) fn follow_always_on(&self, delivery: &mut Delivery) -> Result<(), StoreError> {
        for user in self.users() {
            let account = user.profile().account.as_deref().map(AccountName::new);
            let Some(account) = account else { continue };
            let Some(account) = self.store.account(&account)? else { continue };
            self.set_always_on(&account.name, account.always_on);
            let stays = user.profile().always_on;
            if !stays && user.sessions().is_empty() {
                self.let_go(&user, "No longer always on", delivery);
            }
        }
        Ok(())
    }

    /// A user that stays with no session follows its account to another name. One that has sessions
    /// follows them.
    pub(crate) fn follow_account(
        &self,
        from: &AccountName,
        to: &AccountName,
        delivery: &mut Delivery,
    ) {
        let Some(user) = self.user_of_account(from) else { return };
        let account: Option<Arc<str>> = Some(to.as_str().into());
        if user.profile().account == account {
            return;
        }
        self.represents_no_account(&user, from);
        let kind = EventKind::AccountChanged { account: account.clone() };
        let origin = Origin { user: &user, session: None };
        self.change_profile(origin, kind, delivery, |profile| profile.account = account);
        self.represents_account(&user);
    }

    fn is_closed(&self, account: &Account) -> bool {
        let now = self.now_micros();
        account.suspension.as_ref().is_some_and(|suspension| holds(suspension, now))
    }

    fn restore(&self, account: &Account, rooms: &[String], delivery: &mut Delivery) {
        let limits = &self.config().limits;
        let Ok(nickname) = Nickname::parse(account.name.as_str(), limits.nickname_chars_max) else {
            return log::warn!("{} can't be brought back: its name is too long now", account.name);
        };
        let name = account.name.as_str();
        let mut profile = Profile::new(nickname, "~account", self.name(), name, self.now());
        profile.log_in(Some(&Login::to(account)), self.config().accounts.always_on);
        let role = self.role_of(&Login::to(account));
        let is_oper = role.is_some();
        profile.set_role(role);
        profile.away = Some(ABSENT.into());
        profile.absent_since = Some(self.next_event());
        let user = User::new(self.next_user_id(), self.next_event(), profile, None);
        if self.is_banned_without_session(&user) || self.claim(&user, delivery).is_err() {
            return;
        }
        self.counters.oper_changed(false, is_oper);
        for room in rooms {
            if let Ok(name) = ChannelName::parse(room, limits.channel_chars_max) {
                self.enter_again(&user, &name, delivery);
            }
        }
    }

    /// Whoever comes back was let in before: only who makes a room anew is its operator.
    fn enter_again(&self, user: &Arc<User>, name: &ChannelName, delivery: &mut Delivery) {
        let room = self.room_or_new(name);
        let mut state = room.state_for_change();
        let kind = self.joined(&room, &state, user);
        let event: Event = user.event(self.next_event(), kind);
        self.apply(&room, &mut state, &event, Origin { user, session: None }, delivery);
    }
}
