//! What other processes have changed: `chat-server account` works on the same store.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chat_store::{Account, StoreError};

use crate::accounts::new_account::holds;
use crate::lock::lock;
use crate::outbound::Delivery;
use crate::server::Server;
use crate::state::session::{Farewell, Login, Session};

impl Server {
    /// Looks again at the accounts of all sessions: whose account is gone or suspended is
    /// disconnected, and the role of an IRC operator follows the account.
    pub(crate) fn review_logins(&self, delivery: &mut Delivery) -> Result<(), StoreError> {
        let sessions: Vec<_> = lock(&self.sessions).values().cloned().collect();
        let mut accounts: HashMap<String, Option<Account>> = HashMap::new();
        for session in sessions {
            let Some(login) = session.login() else { continue };
            let account = match accounts.entry(login.account.key().to_owned()) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(self.store.account(&login.account)?),
            };
            self.review(&session, login, account.as_ref(), delivery);
        }
        Ok(())
    }

    fn review(
        &self,
        session: &Session,
        login: Login,
        account: Option<&Account>,
        delivery: &mut Delivery,
    ) {
        let Some(account) = account else {
            return session.end(Farewell::new("Your account is gone"));
        };
        let now = self.now_micros();
        if let Some(suspension) = account.suspension.as_ref().filter(|it| holds(it, now)) {
            let reason = format!("Your account is suspended: {}", suspension.reason);
            return session.end(Farewell::new(&reason));
        }
        if account.is_oper != login.is_oper {
            let login = Login { is_oper: account.is_oper, ..login };
            self.set_login(session, Some(login), None, delivery);
        }
    }
}
