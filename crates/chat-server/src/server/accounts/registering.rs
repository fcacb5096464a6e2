//! New accounts.

use std::time::Instant;

use chat_store::{Account, AccountName, AuditEntry, StoreError};

use crate::accounts::new_account::{PasswordError, check_password, is_email, new_account};
use crate::accounts::verifier::PASSWORD_BYTES_MAX;
use crate::accounts::{name, verifier};
use crate::config::Registration;
use crate::server::Server;
use crate::state::session::Session;

use super::unavailable;

/// What somebody wants to register.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Registering<'a> {
    pub(crate) name: &'a str,
    pub(crate) password: &'a str,
    pub(crate) email: Option<&'a str>,
}

/// Why there is no new account.
#[derive(Debug)]
pub(crate) enum RegisterError {
    Off,
    BadName(String),
    /// There is such an account, or somebody else is called so.
    Exists,
    Password(PasswordError),
    BadEmail,
    /// The invitation is unknown, used or expired.
    BadCode,
    /// Too many from this address.
    Throttled,
    Store(StoreError),
}

impl RegisterError {
    /// For people.
    pub(crate) fn text(&self, password_bytes_min: usize) -> String {
        match self {
            Self::Off => "Accounts can't be registered here, ask an administrator".to_owned(),
            Self::BadName(why) => format!("This can't be the name of an account: {why}"),
            Self::Exists => "This name is taken".to_owned(),
            Self::Password(PasswordError::TooShort) => {
                format!("A password has at least {password_bytes_min} bytes")
            }
            Self::Password(PasswordError::TooLong) => {
                format!("A password has at most {PASSWORD_BYTES_MAX} bytes")
            }
            Self::BadEmail => "This is no e-mail address".to_owned(),
            Self::BadCode => "This code is unknown, used or expired".to_owned(),
            Self::Throttled => {
                "Too many registrations from your address, try again in an hour".to_owned()
            }
            Self::Store(error) => unavailable(error),
        }
    }
}

impl From<StoreError> for RegisterError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Exists => Self::Exists,
            StoreError::Missing => Self::BadCode,
            error => Self::Store(error),
        }
    }
}

impl Server {
    /// Checks what somebody wants to register and makes the account, which is not stored yet. Takes
    /// as long as a login.
    pub(crate) fn prepare_account(
        &self,
        session: &Session,
        asked: Registering<'_>,
    ) -> Result<Account, RegisterError> {
        if self.config().accounts.registration == Registration::Off {
            return Err(RegisterError::Off);
        }
        let name = self.free_name(asked.name, Some(session))?;
        if let Some(why) = self.refusal_of_account(&name) {
            return Err(RegisterError::BadName(format!("it is banned: {why}")));
        }
        let account = self.checked_account(name, asked.password, asked.email, || {
            self.count_registration(session)
        })?;
        Ok(account)
    }

    /// Like [`Server::prepare_account`], for somebody else: asked by an IRC operator.
    pub(crate) fn prepare_account_for(
        &self,
        asked: Registering<'_>,
    ) -> Result<Account, RegisterError> {
        let name = self.free_name(asked.name, None)?;
        self.checked_account(name, asked.password, asked.email, || Ok(()))
    }

    /// Stores a new account. With an invitation, that is used up.
    pub(crate) fn store_account(
        &self,
        account: &Account,
        code: Option<&str>,
        audit: Option<&AuditEntry>,
    ) -> Result<(), RegisterError> {
        self.store.create_account(account, code, audit)?;
        self.account_is_called(&account.name);
        log::info!("The account {:?} was registered", account.name.as_str());
        Ok(())
    }

    /// Counts an attempt to register or to give a code.
    pub(crate) fn count_registration(&self, session: &Session) -> Result<(), RegisterError> {
        // All names count together: it is the address that registers.
        let unnamed = session.id.0.to_string();
        let attempt =
            self.accounts.registrations.attempt(&unnamed, session.peer().ip(), Instant::now());
        attempt.map_err(|_| RegisterError::Throttled)
    }

    /// A name that no account has, and nobody but the session's own user.
    fn free_name(
        &self,
        text: &str,
        session: Option<&Session>,
    ) -> Result<AccountName, RegisterError> {
        let chars_max = self.config().limits.nickname_chars_max;
        let name = name::parse(text, chars_max).map_err(RegisterError::BadName)?;
        let own = session.and_then(|session| session.user()).map(|user| user.id);
        let is_anothers = self.user(name.as_str()).is_some_and(|user| Some(user.id) != own);
        if (session.is_some() && is_anothers) || self.store.account(&name)?.is_some() {
            return Err(RegisterError::Exists);
        }
        Ok(name)
    }

    fn checked_account(
        &self,
        name: AccountName,
        password: &str,
        email: Option<&str>,
        admit: impl FnOnce() -> Result<(), RegisterError>,
    ) -> Result<Account, RegisterError> {
        let config = &self.config().accounts;
        check_password(password, config.password_bytes_min).map_err(RegisterError::Password)?;
        if email.is_some_and(|email| !is_email(email)) {
            return Err(RegisterError::BadEmail);
        }
        admit()?;
        let hash = || verifier::create(password, config.scram_iterations);
        let verifier = self.accounts.hashing.hash(hash);
        let email = email.map(str::to_owned);
        Ok(Account { email, ..new_account(name, verifier, self.now_micros()) })
    }
}
