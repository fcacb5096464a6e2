//! Logging in again after a connection was lost.

use super::Client;
use super::login::{Login, Refusal};
use super::secret::Secret;

/// With what to log in again when a connection was lost.
#[derive(Debug, Clone)]
pub(super) enum Kept {
    Password {
        account: String,
        password: Secret,
        /// The one it was to be changed to.
        changed: Option<Secret>,
    },
    Certificate,
}

impl Client {
    /// Keeps a password for as long as the client may have to log in again.
    pub(super) fn keep_password(&mut self, account: &str, password: &Secret) {
        if self.config.reconnects {
            let (account, password) = (account.to_owned(), password.clone());
            self.login.kept = Some(Kept::Password { account, password, changed: None });
        }
    }

    /// The password may be another one from now on; the server's answer is a text for people.
    pub(super) fn password_may_change(&mut self, new: &Secret) {
        if let Some(Kept::Password { changed, .. }) = &mut self.login.kept {
            *changed = Some(new.clone());
        }
    }

    /// The user has logged out, and wants to be nobody the next time too.
    pub(super) fn forget_login(&mut self) {
        (self.login.kept, self.registering) = (None, None);
    }

    /// The next connection starts with the login that this one had.
    pub(super) fn login_interrupted(&mut self) {
        let kept = self.login.kept.take();
        match &kept {
            Some(Kept::Password { account, password, changed }) => {
                let password = changed.as_ref().unwrap_or(password);
                self.config.account = Some((account.clone(), password.clone()));
            }
            Some(Kept::Certificate) => self.config.has_certificate = true,
            None => {}
        }
        self.login = Login::default();
        self.login.kept = kept;
    }

    /// After a connection was lost nobody is asked: another password that may be meant is tried, and
    /// what may be over later is tried again.
    pub(super) fn login_again_ends(&mut self, refusal: &Refusal<'_>) {
        match refusal {
            Refusal::Now(why) | Refusal::Off(why) => self.close(why),
            Refusal::Wrong(why) | Refusal::Final(why) => match self.password_before() {
                Some((account, password)) => self.log_in(&account, password),
                None => self.end((*why).to_owned()),
            },
        }
    }

    /// The password that was to be changed, if that has not come to anything.
    fn password_before(&mut self) -> Option<(String, Secret)> {
        let Some(Kept::Password { account, password, changed }) = &mut self.login.kept else {
            return None;
        };
        changed.take().map(|_| (account.clone(), password.clone()))
    }
}
