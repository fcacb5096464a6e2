//! Bans from the server: looked up when somebody comes, and applied to those who are here.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use chat_protocol::Nickname;
use chat_store::{AccountName, AuditEntry, Ban, BanKind, StoreError};

use crate::outbound::Delivery;
use crate::state::ban_mask::{BanMask, Subject};
use crate::state::bans::Bans;
use crate::state::session::{Farewell, Session};
use crate::state::user::{Profile, User};

use super::Server;

/// What others read of who is banned: why is between the operators and the banned.
const QUIT_REASON: &str = "Banned from this server";

impl Server {
    /// All bans at present.
    pub(crate) fn bans(&self) -> Arc<Bans> {
        self.bans.load()
    }

    /// What a client is told that connects from an address, if that is banned.
    pub(crate) fn refusal_of_address(&self, address: IpAddr) -> Option<String> {
        let bans = self.bans.load();
        bans.of_address(address, self.now_micros()).map(|ban| error(&ban.reason))
    }

    /// Why an account can't be logged in to, if it is banned.
    pub(crate) fn refusal_of_account(&self, account: &AccountName) -> Option<String> {
        let bans = self.bans.load();
        bans.of_account(account, self.now_micros()).map(|ban| ban.reason.clone())
    }

    /// Why a session is not let in as such a user, if that is banned.
    pub(crate) fn refusal_of(&self, profile: &Profile, session: &Session) -> Option<String> {
        self.refusal(&subject(profile, session, &profile.nickname))
    }

    /// The same for one that has been let in: it may have been banned at that moment.
    pub(crate) fn refusal_of_session(&self, session: &Session) -> Option<String> {
        let profile = session.user()?.profile();
        self.refusal(&subject(&profile, session, &profile.nickname))
    }

    /// Why a session can't take a nickname, if it is banned under that name.
    pub(crate) fn refusal_of_nickname(
        &self,
        session: &Session,
        nickname: &Nickname,
    ) -> Option<String> {
        let profile = session.user()?.profile();
        self.refusal(&subject(&profile, session, nickname))
    }

    fn refusal(&self, subject: &Subject) -> Option<String> {
        let bans = self.bans.load();
        bans.of(subject, self.now_micros()).map(|ban| ban.reason.clone())
    }

    /// Whether a ban would mean a user, in one of its sessions at least.
    pub(crate) fn would_ban(&self, mask: &BanMask, user: &User) -> bool {
        user.sessions().iter().any(|session| mask.matches(&subject_of(user, session)))
    }

    /// Sets a ban and disconnects those it means; says how many connections that were.
    pub(crate) fn set_ban(
        &self,
        ban: &Ban,
        entry: &AuditEntry,
        delivery: &mut Delivery,
    ) -> Result<usize, StoreError> {
        self.store.ban(ban, entry)?;
        Ok(self.apply_bans(&self.read_changed_bans(), delivery))
    }

    /// Takes a ban away.
    pub(crate) fn lift_ban(
        &self,
        kind: BanKind,
        mask: &str,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        self.store.lift_ban(kind, mask, entry)?;
        self.read_changed_bans();
        Ok(())
    }

    /// Takes over what another process has changed.
    pub(crate) fn review_bans(&self, delivery: &mut Delivery) -> Result<(), StoreError> {
        let new = self.read_bans()?;
        self.apply_bans(&new, delivery);
        Ok(())
    }

    /// Takes away those that are over.
    pub(crate) fn expire_bans(&self, delivery: &mut Delivery) -> Result<(), StoreError> {
        let now = self.now_micros();
        if self.bans_unread.load(Ordering::Relaxed) {
            self.review_bans(delivery)?;
        }
        if !self.bans.load().has_expired(now) {
            return Ok(());
        }
        self.store.expire_bans(now)?;
        self.review_bans(delivery)
    }

    /// What is stored is done; what can't be read back now is read soon.
    fn read_changed_bans(&self) -> Bans {
        self.read_bans().unwrap_or_else(|error| {
            log::error!("a ban that was changed can't be read yet: {error}");
            Bans::default()
        })
    }

    /// Reads all bans, and returns those that have not counted before. Two may read at the same time:
    /// what is newer stays, and one of the two has what is new.
    fn read_bans(&self) -> Result<Bans, StoreError> {
        self.bans_unread.store(true, Ordering::Relaxed);
        let fresh = Arc::new(Bans::new(self.store.bans()?));
        self.bans_unread.store(false, Ordering::Relaxed);
        let is_newer = |present: &Bans| fresh.rev() > present.rev();
        let before = self.bans.replace_if(fresh.clone(), is_newer);
        Ok(fresh.added_to(&before))
    }

    /// Disconnects everybody whom one of these bans means; says how many connections that were.
    fn apply_bans(&self, bans: &Bans, delivery: &mut Delivery) -> usize {
        if bans.is_empty() {
            return 0;
        }
        let now = self.now_micros();
        let mut ended = 0;
        for session in self.sessions() {
            let ban = match session.user() {
                Some(user) => bans.of(&subject_of(user, &session), now),
                None => bans.of_address(session.peer().ip(), now).or_else(|| {
                    session.login().and_then(|login| bans.of_account(&login.account, now))
                }),
            };
            if let Some(ban) = ban {
                log::info!("{} is banned by {:?}", session.peer(), ban.mask);
                session.end(farewell(&ban.reason));
                ended += 1;
            }
        }
        for user in self.users() {
            if bans.of(&subject_without_session(&user), now).is_some() {
                self.let_go(&user, QUIT_REASON, delivery);
            }
        }
        ended
    }

    /// Whether a user that stays with no session is banned, by its account or the name it shows.
    pub(super) fn is_banned_without_session(&self, user: &User) -> bool {
        self.bans.load().of(&subject_without_session(user), self.now_micros()).is_some()
    }
}

/// What a banned client is told, and what others are.
pub(crate) fn farewell(reason: &str) -> Farewell {
    Farewell { quit: QUIT_REASON.to_owned(), ..Farewell::new(&error(reason)) }
}

fn subject_of(user: &User, session: &Session) -> Subject {
    let profile = user.profile();
    subject(&profile, session, &profile.nickname)
}

/// What a banned client reads when its connection ends.
fn error(reason: &str) -> String {
    format!("Banned: {reason}")
}

/// A session as bans see it.
fn subject(profile: &Profile, session: &Session, nickname: &Nickname) -> Subject {
    Subject::new(
        Some(session.peer().ip()),
        (nickname.as_str(), &profile.username),
        [&profile.hostname, &session.address()],
        profile.account.as_deref(),
    )
}

fn subject_without_session(user: &User) -> Subject {
    let profile = user.profile();
    Subject::new(
        None,
        (profile.nickname.as_str(), &profile.username),
        [&profile.hostname, &profile.hostname],
        profile.account.as_deref(),
    )
}
