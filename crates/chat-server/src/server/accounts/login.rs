//! Who may log in, and what others see of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chat_protocol::numeric::RPL_LOGGEDOUT;
use chat_protocol::{LineWriter, Nickname};
use chat_store::{Account, AccountName, StoreError, Verifier};

use crate::accounts::new_account::holds;
use crate::accounts::{scram, verifier};
use crate::outbound::Delivery;
use crate::render::{Speaker, write_numeric};
use crate::server::{Origin, Server};
use crate::state::event::EventKind;
use crate::state::session::{Farewell, Login, Session, SessionId};
use crate::state::user::User;

use super::unavailable;

/// Why nobody was logged in.
#[derive(Debug)]
pub(crate) enum LoginError {
    /// No such account, a wrong password or certificate: which, nobody is told.
    Wrong,
    /// Too many failures; others are looked at after so long.
    Throttled(Duration),
    /// It was right, and the account is closed; what its owner is told.
    Suspended(String),
    /// It was right, and the account is banned; what its owner is told.
    Banned(String),
    Store(StoreError),
}

impl LoginError {
    /// For people.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Wrong => "Wrong account name or password".to_owned(),
            Self::Throttled(wait) => {
                let seconds = wait.as_secs() + 1;
                format!("Too many failed logins, try again in {seconds} seconds")
            }
            Self::Suspended(why) => format!("This account is suspended: {why}"),
            Self::Banned(why) => format!("This account is banned: {why}"),
            Self::Store(error) => unavailable(error),
        }
    }
}

impl From<StoreError> for LoginError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Server {
    /// Checks a password. Takes a while, and as long for an account that is not there.
    pub(crate) fn check_password(
        &self,
        session: &Session,
        name: &AccountName,
        password: &str,
    ) -> Result<Account, LoginError> {
        let (account, expected) = self.begin_login(session, name)?;
        let is_right = self.accounts.hashing.hash(|| verifier::matches(password, &expected));
        self.finish_login(session, name, account.filter(|_| is_right))
    }

    /// Begins a login by SCRAM: the account if there is one, and what its owner would know.
    pub(crate) fn begin_login(
        &self,
        session: &Session,
        name: &AccountName,
    ) -> Result<(Option<Account>, Verifier), LoginError> {
        let address = session.peer().ip();
        let attempt = self.accounts.logins.attempt(name.key(), address, Instant::now());
        attempt.map_err(|throttled| LoginError::Throttled(throttled.wait))?;
        let account = self.store.account(name)?;
        let expected = account.as_ref().and_then(|account| account.verifier.clone());
        Ok((account, expected.unwrap_or_else(|| self.decoy(name))))
    }

    /// What an account of this name might have.
    fn decoy(&self, name: &AccountName) -> Verifier {
        let decoy = &self.accounts.decoy;
        let in_use = self.accounts.names.iterations_at(decoy.place(name));
        decoy.verifier(name, in_use.unwrap_or(self.config().accounts.scram_iterations))
    }

    /// Ends a login: with the account if it was proved, with `None` if not.
    pub(crate) fn finish_login(
        &self,
        session: &Session,
        name: &AccountName,
        proved: Option<Account>,
    ) -> Result<Account, LoginError> {
        let Some(account) = proved else {
            log::info!("{} failed to log in to {:?}", session.peer(), name.as_str());
            return Err(LoginError::Wrong);
        };
        self.accounts.logins.succeeded(name.key(), session.peer().ip());
        self.admitted(session, &account)
    }

    /// Like [`Server::finish_login`] for SCRAM, with the client's last message.
    pub(crate) fn finish_scram(
        &self,
        session: &Session,
        account: Option<Account>,
        name: &AccountName,
        exchange: &scram::Exchange,
        message: &str,
    ) -> Result<(Account, String), LoginError> {
        let signature = exchange.finish(message);
        let proved = account.filter(|_| signature.is_some());
        let account = self.finish_login(session, name, proved)?;
        Ok((account, signature.unwrap_or_default()))
    }

    /// The account that a certificate logs in to.
    pub(crate) fn check_certificate(
        &self,
        session: &Session,
        fingerprint: &str,
    ) -> Result<Account, LoginError> {
        let account = self.store.account_of_certificate(fingerprint)?;
        self.admitted(session, &account.ok_or(LoginError::Wrong)?)
    }

    fn admitted(&self, session: &Session, proved: &Account) -> Result<Account, LoginError> {
        let account = self.unchanged(session, proved)?;
        log::info!("{} logged in to {:?}", session.peer(), account.name.as_str());
        Ok(account)
    }

    /// An account as it is by now, if what was proved still proves it and it is open. Hashing takes a
    /// while, and the client's part of an exchange as long as it likes.
    pub(crate) fn unchanged(
        &self,
        session: &Session,
        proved: &Account,
    ) -> Result<Account, LoginError> {
        let account = self.store.account(&proved.name)?;
        let is_same = |it: &Account| it.created == proved.created && it.verifier == proved.verifier;
        let account = account.filter(is_same).ok_or(LoginError::Wrong)?;
        let now = self.now_micros();
        if let Some(suspension) = account.suspension.as_ref().filter(|it| holds(it, now)) {
            log::info!(
                "{} may not log in to {:?}: suspended",
                session.peer(),
                account.name.as_str()
            );
            return Err(LoginError::Suspended(suspension.reason.clone()));
        }
        if let Some(why) = self.refusal_of_account(&account.name) {
            log::info!("{} may not log in to {:?}: banned", session.peer(), account.name.as_str());
            return Err(LoginError::Banned(why));
        }
        Ok(account)
    }

    /// Logs a session in or out, lets others see it, and gives or takes what comes with the account.
    /// `by` is the session that is answered to.
    pub(crate) fn set_login(
        &self,
        session: &Session,
        login: Option<Login>,
        by: Option<SessionId>,
        delivery: &mut Delivery,
    ) {
        let account: Option<Arc<str>> =
            login.as_ref().map(|login| Arc::from(login.account.as_str()));
        let role = login.as_ref().and_then(|login| self.role_of(login));
        let before = session.set_login(login);
        let Some(user) = session.user() else { return };
        let origin = Origin { user, session: by };
        if user.profile().account != account {
            let event = EventKind::AccountChanged { account: account.clone() };
            let login = session.login();
            let always_on_default = self.config().accounts.always_on;
            if let Some(before) = &before {
                self.represents_no_account(user, &before.account);
            }
            self.change_profile(origin, event, delivery, |profile| {
                profile.log_in(login.as_ref(), always_on_default);
            });
            self.represents_account(user);
            self.remember_rooms(user);
            self.grant_roles(user, by, delivery);
        }
        let had = before.as_ref().and_then(|before| self.role_of(before));
        self.change_role(origin, had.as_ref(), role, delivery);
        let left = before.filter(|before| !session.is_logged_in_to(&before.account));
        if left.is_some_and(|left| self.owns_nickname_of(user, &left.account)) {
            self.rename_to_guest(origin, delivery);
        }
    }

    /// Logs a session out and tells it so.
    pub(crate) fn log_out(
        &self,
        session: &Session,
        by: Option<SessionId>,
        delivery: &mut Delivery,
    ) {
        let Some(user) = session.user() else {
            session.set_login(None);
            return;
        };
        if self.is_shared(user) {
            return session.end(Farewell::new("You have logged out"));
        }
        let source = user.profile().source().clone();
        let is_reply = by == Some(session.id);
        self.tell_session(user, session, is_reply, delivery, |speaker, out| {
            let params = std::iter::once(&*source);
            let text = Some(RPL_LOGGEDOUT.text);
            write_numeric(LineWriter::new(out), speaker, RPL_LOGGEDOUT, params, text);
        });
        self.set_login(session, None, by, delivery);
    }

    pub(super) fn tell_session(
        &self,
        user: &User,
        session: &Session,
        is_reply: bool,
        delivery: &mut Delivery,
        write: impl FnOnce(&Speaker<'_>, &mut String),
    ) {
        let client: Nickname = user.nickname();
        let speaker = Speaker {
            name: self.name(),
            client: client.as_str(),
            bytes_max: self.line_bytes_max(),
        };
        let mut lines = String::new();
        write(&speaker, &mut lines);
        delivery.append(&session.outbound, lines.as_bytes(), is_reply);
    }
}
