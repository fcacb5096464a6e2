//! Nicknames belong to the accounts of their names.

use chat_protocol::{NickKey, Nickname};
use chat_store::{AccountName, StoreError};

use crate::accounts::name;
use crate::outbound::Delivery;
use crate::server::{Origin, Server};
use crate::state::session::{Farewell, Session};
use crate::state::user::User;

use super::unavailable;

/// Names tried for somebody who has to give one up.
const GUESTS_TRIED_MAX: usize = 20;

/// Why a nickname can't be taken, whoever has it at present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NicknameRefused {
    /// It is a service's.
    Service,
    /// It is an account's that the session is not logged in to, or nobody can tell; the text says.
    Account(String),
}

impl Server {
    /// Whether a session may take a nickname, as far as accounts are concerned.
    pub(crate) fn check_nickname(
        &self,
        session: &Session,
        nickname: &Nickname,
    ) -> Result<(), NicknameRefused> {
        if name::is_service(nickname.as_str()) {
            return Err(NicknameRefused::Service);
        }
        let account = AccountName::new(nickname.as_str());
        if session.is_logged_in_to(&account) || !self.accounts.names.may_have(&account) {
            return Ok(());
        }
        match self.store.account(&account) {
            Ok(None) => Ok(()),
            Ok(Some(_)) => {
                let text = "Nickname belongs to an account: log in to it, or take another";
                Err(NicknameRefused::Account(text.to_owned()))
            }
            Err(error) => Err(NicknameRefused::Account(unavailable(&error))),
        }
    }

    /// An account has come to be without the user that goes by its name: that one gives it up.
    pub(crate) fn free_nickname(&self, account: &AccountName, delivery: &mut Delivery) {
        let holder = self.user(account.as_str());
        let Some(holder) = holder.filter(|holder| !is_of(holder, account)) else { return };
        log::info!("{} gives up a name that belongs to an account now", holder.profile().source());
        self.rename_to_guest(Origin { user: &holder, session: None }, delivery);
    }

    /// The same for all accounts that may have been made by another process.
    pub(crate) fn review_nicknames(&self, delivery: &mut Delivery) -> Result<(), StoreError> {
        for user in self.users() {
            let name = AccountName::new(user.nickname().as_str());
            if self.accounts.names.may_have(&name)
                && !is_of(&user, &name)
                && self.store.account(&name)?.is_some()
            {
                self.free_nickname(&name, delivery);
            }
        }
        Ok(())
    }

    /// Whether a user's nickname belongs to an account that is still there.
    pub(super) fn owns_nickname_of(&self, user: &User, account: &AccountName) -> bool {
        user.key() == NickKey::of(account.as_str())
            && !matches!(self.store.account(account), Ok(None))
    }

    /// Gives a user a nickname that belongs to nobody.
    pub(crate) fn rename_to_guest(&self, origin: Origin<'_>, delivery: &mut Delivery) {
        let chars_max = self.config().limits.nickname_chars_max;
        for _ in 0..GUESTS_TRIED_MAX {
            let number = self.next_user_id().0.to_string();
            let word = "Guest";
            let kept = word.len().min(chars_max.saturating_sub(number.len()).max(1));
            let text: String = word[..kept].chars().chain(number.chars()).take(chars_max).collect();
            let Ok(nickname) = Nickname::parse(&text, chars_max) else { continue };
            let is_nobodys = matches!(self.store.account(&AccountName::new(&text)), Ok(None));
            if is_nobodys && self.rename(&nickname, origin, delivery).is_ok() {
                return;
            }
        }
        for session in origin.user.sessions().iter() {
            session.end(Farewell::new("Your nickname belongs to somebody else"));
        }
    }
}

/// Whether a user is the account's, with any of its sessions.
fn is_of(user: &User, account: &AccountName) -> bool {
    user.profile().account_name().is_some_and(|own| own == *account)
        || user.sessions().iter().any(|session| session.is_logged_in_to(account))
}
