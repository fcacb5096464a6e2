//! Accounts: who somebody is, from one connection to the next.

use std::fmt;
use std::sync::Arc;

use chat_protocol::casemapping;

/// A name as it is shown; names that differ in case only are one.
#[derive(Debug, Clone)]
pub struct AccountName {
    shown: Arc<str>,
    key: Arc<str>,
}

impl AccountName {
    /// Any text; whether it can be a name is the server's to say.
    pub fn new(shown: &str) -> Self {
        Self { shown: shown.into(), key: casemapping::fold(shown).into() }
    }

    /// As it is shown.
    pub fn as_str(&self) -> &str {
        &self.shown
    }

    /// As it is compared and stored.
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl PartialEq for AccountName {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for AccountName {}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// What proves a password without holding it: that of SCRAM-SHA-256 (RFC 5802, section 3).
#[derive(Clone, PartialEq, Eq)]
pub struct Verifier {
    /// Random, 16 bytes or more.
    pub salt: Vec<u8>,
    /// Rounds of PBKDF2.
    pub iterations: u32,
    /// H(ClientKey).
    pub stored_key: [u8; 32],
    /// What the server proves itself with.
    pub server_key: [u8; 32],
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verifier")
    }
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its name, which is a nickname that nobody else can use.
    pub name: AccountName,
    /// Counts its changes, from 1.
    pub rev: u64,
    /// Microseconds since the Unix epoch.
    pub created: u64,
    /// None: it has no password, only certificates.
    pub verifier: Option<Verifier>,
    /// Certificates that log in to it: lower-case hex of their SHA-256, in order.
    pub certificates: Vec<String>,
    /// Where its owner can be reached.
    pub email: Option<String>,
    /// Nobody can log in to it at present.
    pub suspension: Option<Suspension>,
    /// Is an IRC operator.
    pub is_oper: bool,
    /// The role it has as one, by its name in the configuration; every privilege if not said.
    pub oper_role: Option<String>,
    /// Stays in its rooms with no device connected; the server's default if not said.
    pub always_on: Option<bool>,
}

/// An account is closed to its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspension {
    /// Who did it.
    pub by: String,
    /// What the owner is told.
    pub reason: String,
    /// Microseconds since the Unix epoch.
    pub since: u64,
    /// It ends then, in microseconds since the Unix epoch, if ever.
    pub until: Option<u64>,
}

/// What is changed about an account; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountChange {
    /// Another name; [`crate::StoreError::Exists`] if it is taken. Rooms and messages follow.
    pub name: Option<AccountName>,
    /// A new password, or none.
    pub verifier: Option<Option<Verifier>>,
    /// All of its certificates; [`crate::StoreError::Exists`] if one belongs to another account.
    pub certificates: Option<Vec<String>>,
    /// Where its owner can be reached.
    pub email: Option<Option<String>>,
    /// Suspends, or ends a suspension.
    pub suspension: Option<Option<Suspension>>,
    /// Makes it an IRC operator, or no longer.
    pub is_oper: Option<bool>,
    /// The role it has as one.
    pub oper_role: Option<Option<String>>,
    /// Stays with no device connected.
    pub always_on: Option<Option<bool>>,
}

/// Lets one person make an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The secret that is given away.
    pub code: String,
    /// Who made it.
    pub by: String,
    /// Microseconds since the Unix epoch.
    pub created: u64,
    /// It can't be used from then on, in microseconds since the Unix epoch.
    pub expires: u64,
}
