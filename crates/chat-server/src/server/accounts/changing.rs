//! Changes to accounts.

use chat_store::{Account, AccountChange, AccountName, AuditEntry, StoreError, Verifier};

use crate::accounts::verifier;
use crate::server::Server;

/// How often a change is tried that somebody else has come before.
const TRIES_MAX: usize = 8;

impl Server {
    /// Changes an account as it is at present. `change` may be called again if somebody else changes
    /// it at the same moment. With an entry for the audit log it is done together with that.
    pub(crate) fn change_account(
        &self,
        name: &AccountName,
        audit: Option<&AuditEntry>,
        change: impl Fn(&Account) -> AccountChange,
    ) -> Result<(), StoreError> {
        for _ in 0..TRIES_MAX {
            let account = self.store.account(name)?.ok_or(StoreError::Missing)?;
            match self.store.change_account(name, account.rev, &change(&account), audit) {
                Err(StoreError::Conflict) => {}
                outcome => return outcome,
            }
        }
        Err(StoreError::Conflict)
    }

    /// What a new password is kept as. Takes as long as a login.
    pub(crate) fn new_verifier(&self, password: &str) -> Verifier {
        let iterations = self.config().accounts.scram_iterations;
        self.accounts.hashing.hash(|| verifier::create(password, iterations))
    }
}
