//! Accounts: who can have one and how they are proved.

use std::time::Duration;

use serde::Deserialize;

use super::checks;

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AccountsConfig {
    pub(crate) registration: Registration,
    pub(crate) register_before_connect: bool,
    /// Nobody is let in who is not logged in.
    pub(crate) required: bool,
    /// Users stay while no device of theirs is connected, if they don't say otherwise.
    pub(crate) always_on: bool,
    #[serde(deserialize_with = "checks::scram_iterations")]
    pub(crate) scram_iterations: u32,
    #[serde(deserialize_with = "checks::password_bytes")]
    pub(crate) password_bytes_min: usize,
    #[serde(deserialize_with = "checks::attempts")]
    pub(crate) login_failures_max: u32,
    #[serde(rename = "login_window_seconds", deserialize_with = "checks::seconds")]
    pub(crate) login_window: Duration,
    #[serde(deserialize_with = "checks::attempts")]
    pub(crate) registrations_max: u32,
}

/// Who can register an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Registration {
    /// Everybody.
    Open,
    /// Who has the code of an invitation.
    Invitation,
    /// Nobody; accounts are made on the command line and by IRC operators.
    Off,
}

impl Default for AccountsConfig {
    fn default() -> Self {
        Self {
            registration: Registration::Open,
            register_before_connect: true,
            required: false,
            always_on: false,
            scram_iterations: 600_000,
            password_bytes_min: 8,
            login_failures_max: 10,
            login_window: Duration::from_secs(300),
            registrations_max: 10,
        }
    }
}
