//! What other processes have changed: `chat-server account` works on the same store.

use std::collections::HashMap;

use chat_store::{Account, AccountName, StoreError};

use crate::accounts::new_account::holds;
use crate::lock::lock;
use crate::outbound::Delivery;
use crate::server::Server;
use crate::state::session::Login;

impl Server {
    /// Looks again at every account that somebody is logged in to: if it is gone or suspended, they
    /// are disconnected, and the role of an IRC operator follows the account.
    pub(crate) fn review_logins(&self, delivery: &mut Delivery) -> Result<(), StoreError> {
        for name in self.accounts_in_use() {
            let account = self.store.account(&name)?;
            self.review(&name, account.as_ref(), delivery);
        }
        Ok(())
    }

    fn accounts_in_use(&self) -> Vec<AccountName> {
        let sessions: Vec<_> = lock(&self.sessions).values().cloned().collect();
        let staying: Vec<_> = lock(&self.by_account).values().cloned().collect();
        let logins = sessions.iter().filter_map(|session| session.login());
        let accounts = staying.iter().filter_map(|user| user.profile().account.clone());
        let names = logins.map(|login| login.account);
        let names = names.chain(accounts.map(|account| AccountName::new(&account)));
        let names: HashMap<String, AccountName> =
            names.map(|name| (name.key().to_owned(), name)).collect();
        names.into_values().collect()
    }

    fn review(&self, name: &AccountName, account: Option<&Account>, delivery: &mut Delivery) {
        let Some(account) = account else {
            return self.end_account(name, "Your account is gone", delivery);
        };
        let now = self.now_micros();
        if let Some(suspension) = account.suspension.as_ref().filter(|it| holds(it, now)) {
            let reason = format!("Your account is suspended: {}", suspension.reason);
            return self.end_account(name, &reason, delivery);
        }
        let login = Login::to(account);
        for session in self.sessions_of(name) {
            if session.login().is_some_and(|before| before != login) {
                self.set_login(&session, Some(login.clone()), None, delivery);
            }
        }
    }
}
