//! Accounts while the server runs: who may log in, and what that changes.

mod changing;
mod erasing;
mod login;
mod names;
mod nicknames;
mod registering;
mod roles;
#[cfg(test)]
mod tests;
mod watching;

use std::sync::Arc;
use std::time::Duration;

use chat_store::{AccountName, StoreError};

use crate::accounts::decoy::Decoy;
use crate::config::AccountsConfig;
use crate::limits::hashing::HashingGate;
use crate::limits::login_throttle::LoginThrottle;
use crate::limits::prefixes::Prefixes;
use crate::lock::lock;
use crate::outbound::Delivery;
use crate::state::session::{Farewell, Session};

use super::Server;
use erasing::Erasures;
use names::Names;

pub(crate) use erasing::Erasure;
pub(crate) use login::LoginError;
pub(crate) use nicknames::NicknameRefused;
pub(crate) use registering::{RegisterError, Registering};
pub(crate) use roles::{greeting, no_operator};

/// How long registrations of one address are counted.
const REGISTRATION_WINDOW: Duration = Duration::from_secs(3600);

/// What keeps guessing slow and says nothing about who has an account.
pub(crate) struct Accounts {
    hashing: HashingGate,
    decoy: Decoy,
    logins: LoginThrottle,
    registrations: LoginThrottle,
    erasures: Erasures,
    names: Names,
}

impl Accounts {
    /// `secret`: of this server, and the same after a restart.
    pub(super) fn new(config: &AccountsConfig, prefixes: Prefixes, secret: [u8; 32]) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            // One core at least is left to those who talk.
            hashing: HashingGate::new(cores.saturating_sub(1)),
            decoy: Decoy::new(secret),
            logins: LoginThrottle::new(config.login_failures_max, config.login_window, prefixes),
            registrations: LoginThrottle::new(
                config.registrations_max,
                REGISTRATION_WINDOW,
                prefixes,
            ),
            erasures: Erasures::default(),
            names: Names::default(),
        }
    }

    /// Follows the configuration, which has changed.
    pub(super) fn follow(&self, config: &AccountsConfig, prefixes: Prefixes) {
        self.logins.allow(config.login_failures_max, config.login_window, prefixes);
        self.registrations.allow(config.registrations_max, REGISTRATION_WINDOW, prefixes);
    }
}

impl Server {
    /// Every session that is logged in to an account, registered or not.
    pub(crate) fn sessions_of(&self, account: &AccountName) -> Vec<Arc<Session>> {
        let sessions = lock(&self.sessions);
        sessions.values().filter(|session| session.is_logged_in_to(account)).cloned().collect()
    }

    /// Disconnects every session of an account, and lets the user go that stays without one.
    pub(crate) fn end_account(&self, account: &AccountName, reason: &str, delivery: &mut Delivery) {
        if let Some(user) = self.user_of_account(account) {
            self.let_go(&user, reason, delivery);
        }
        for session in self.sessions_of(account) {
            session.end(Farewell::new(reason));
        }
    }
}

/// What a person is told when the store did not do what it was asked to. The log says it all.
pub(crate) fn unavailable(error: &StoreError) -> String {
    log::error!("the account store: {error}");
    format!("Accounts are not available at present: {error}")
}
