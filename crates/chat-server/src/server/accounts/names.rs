//! The names of all accounts, so that who takes a nickname of nobody's does not ask the store.

use std::collections::HashSet;
use std::sync::Mutex;

use chat_store::{AccountName, StoreError};

use crate::lock::lock;
use crate::server::Server;

/// Folded names: of every account, and perhaps of some that are gone.
#[derive(Debug, Default)]
pub(super) struct Names(Mutex<HashSet<String>>);

impl Names {
    /// Whether there may be an account of this name.
    pub(super) fn may_have(&self, name: &AccountName) -> bool {
        lock(&self.0).contains(name.key())
    }

    pub(super) fn add(&self, name: &AccountName) {
        lock(&self.0).insert(name.key().to_owned());
    }
}

impl Server {
    /// Reads the names of all accounts again: another process may have made some.
    pub(crate) fn review_names(&self) -> Result<(), StoreError> {
        let accounts = self.store.accounts()?;
        let names = accounts.iter().map(|account| account.name.key().to_owned()).collect();
        *lock(&self.accounts.names.0) = names;
        Ok(())
    }

    /// An account has this name from now on.
    pub(crate) fn account_is_called(&self, name: &AccountName) {
        self.accounts.names.add(name);
    }
}
