//! One person with several devices: sessions that share a user.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use chat_protocol::Capability;
use chat_store::AccountName;

use crate::outbound::Delivery;
use crate::render::Renderings;
use crate::state::event::{Event, EventId, EventKind, Missed};
use crate::state::room::{Room, RoomState};
use crate::state::session::Session;
use crate::state::user::{Attached, Profile, Remains, User};

use super::directory::Taken;
use super::{Origin, Server};

/// What others read of a user that stays while none of its devices is connected.
pub(super) const ABSENT: &str = "Not connected";

/// Whom a session belongs to now.
pub(crate) enum Registered {
    New,
    /// A user that is here already, and what users have said to it, and it to them, while it had no
    /// session, if it had none.
    Joined(Arc<User>, Option<Missed>),
}

/// Why a session has no user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unregistered {
    NicknameInUse,
    /// The user of its account has as many sessions as it may have.
    TooManySessions,
}

impl Server {
    /// Makes a session's user, if its nickname is free. One that is logged in joins the user of its
    /// account, if that is here, whatever nickname it asked for.
    pub(crate) fn register(
        &self,
        session: &Arc<Session>,
        profile: &Profile,
        delivery: &mut Delivery,
    ) -> Result<Registered, Unregistered> {
        let account = profile.account.as_deref().map(AccountName::new);
        loop {
            let present = account.as_ref().and_then(|account| self.user_of_account(account));
            let Some(user) = present else {
                let (id, now) = (self.next_user_id(), self.next_event());
                let user = User::new(id, now, profile.clone(), Some(session.clone()));
                match self.claim(&user, delivery) {
                    Ok(()) => {
                        session.belongs_to(user);
                        self.metrics.registrations.fetch_add(1, Ordering::Relaxed);
                        return Ok(Registered::New);
                    }
                    Err(Taken::Nickname) => return Err(Unregistered::NicknameInUse),
                    // Another session has come first at this moment.
                    Err(Taken::Account) => continue,
                }
            };
            if let Some(outcome) = self.share(&user, session, delivery) {
                return outcome;
            }
            // It is leaving at this moment.
            std::thread::yield_now();
        }
    }

    /// Joins a session to a user that is here, unless it is leaving.
    #[inline(never)]
    fn share(
        &self,
        user: &Arc<User>,
        session: &Arc<Session>,
        delivery: &mut Delivery,
    ) -> Option<Result<Registered, Unregistered>> {
        match user.attach(session, self.config().limits.sessions_per_user_max) {
            Attached::Done(missed) => {
                session.belongs_to(user.clone());
                self.metrics.registrations.fetch_add(1, Ordering::Relaxed);
                self.come_back(user, delivery);
                Some(Ok(Registered::Joined(user.clone(), missed)))
            }
            Attached::Full => Some(Err(Unregistered::TooManySessions)),
            Attached::Gone => None,
        }
    }

    /// Takes a closed session away from its user. With the last one the user goes, unless it is one
    /// that stays.
    pub(crate) fn depart(&self, session: &Session, reason: &str, delivery: &mut Delivery) {
        let Some(user) = session.user() else { return };
        match user.detach(session) {
            Remains::Sessions => self.show_devices(user),
            Remains::AlwaysOn => {
                self.show_devices(user);
                self.fall_silent(user, delivery);
                // It may have been told at this moment to stay no longer.
                if !user.profile().always_on {
                    self.let_go(user, reason, delivery);
                }
            }
            Remains::Nothing => self.leave(user, reason, delivery),
        }
    }

    /// Lets a user go that stays with no session; not if it has one.
    pub(crate) fn let_go(&self, user: &Arc<User>, reason: &str, delivery: &mut Delivery) {
        user.profile().always_on = false;
        if user.dismiss() {
            self.leave(user, reason, delivery);
        }
    }

    /// Shows the JOIN of a room that its user is in to a session that has joined the user. Says what nobody has been
    /// shown of it: none, if it is no room of the user's any more.
    pub(crate) fn show_joined(
        &self,
        room: &Room,
        state: &mut RoomState,
        user: &Arc<User>,
        session: &Arc<Session>,
        delivery: &mut Delivery,
    ) -> Option<Option<Missed>> {
        if !state.refresh_sessions(user) {
            return None;
        }
        let missed = state.take_missed(user);
        let kind = {
            let profile = user.profile();
            let (realname, away) = (profile.realname.clone(), profile.away.clone());
            let status = state.status(user);
            EventKind::Joined {
                room: room.name.as_str().into(),
                realname,
                status,
                given_by: None,
                away,
            }
        };
        let event = user.event(self.next_event(), kind);
        let events: &[Event] = std::slice::from_ref(&event);
        let mut renderings = Renderings::of(events, self.line_bytes_max());
        let mut capabilities = session.capabilities();
        // Nobody comes away from here.
        capabilities.set(Capability::AwayNotify, false);
        delivery.append_shared(&session.outbound, renderings.for_capabilities(capabilities), true);
        Some(missed)
    }

    /// Lets the user of an account, if it is here, stay from now on or not.
    pub(crate) fn set_always_on(&self, account: &AccountName, always_on: Option<bool>) {
        let Some(user) = self.user_of_account(account) else { return };
        user.profile().always_on = always_on.unwrap_or(self.config().accounts.always_on);
        self.remember_rooms(&user);
    }

    /// Remembers the rooms of a user that stays, for the next start.
    pub(crate) fn remember_rooms(&self, user: &User) {
        let account = {
            let profile = user.profile();
            profile.account.clone().filter(|_| profile.always_on)
        };
        let Some(account) = account else { return };
        let rooms: Vec<String> =
            user.rooms().iter().map(|room| room.name.as_str().to_owned()).collect();
        if let Err(error) = self.store.set_joined_rooms(&AccountName::new(&account), &rooms) {
            log::error!("the rooms of {account} could not be remembered: {error}");
        }
    }

    /// Whether a user is more than one session: it does not log in or out with one of them.
    pub(crate) fn is_shared(&self, user: &User) -> bool {
        user.profile().always_on || user.sessions().len() > 1
    }

    /// Whether a session is one of several of a user that is logged in to another account.
    pub(crate) fn shares_user_of_another(&self, session: &Session, account: &AccountName) -> bool {
        let Some(user) = session.user().filter(|user| self.is_shared(user)) else { return false };
        let own = user.profile().account.as_deref().map(AccountName::new);
        own.is_some_and(|own| own != *account)
    }

    /// Rooms keep the sessions of their members at hand.
    fn show_devices(&self, user: &Arc<User>) {
        for room in user.rooms() {
            room.state().refresh_sessions(user);
        }
    }

    fn fall_silent(&self, user: &Arc<User>, delivery: &mut Delivery) {
        let now = self.next_event();
        let is_away = user.profile().away.is_some();
        if is_away {
            user.profile().absent_since = Some(now);
        } else {
            self.set_away(user, Some(ABSENT.into()), Some(now), delivery);
        }
        // A session that has joined it at this moment may have come back too early for others to see
        // it in that order.
        if !user.sessions().is_empty() && self.come_back(user, delivery).is_none() {
            let away = user.profile().away.clone();
            self.set_away(user, away, None, delivery);
        }
    }

    /// Says since when it had no session.
    fn come_back(&self, user: &Arc<User>, delivery: &mut Delivery) -> Option<EventId> {
        let (absent_since, away) = {
            let profile = user.profile();
            (profile.absent_since?, profile.away.clone())
        };
        if away.as_deref() == Some(ABSENT) {
            self.set_away(user, None, None, delivery);
        } else {
            user.profile().absent_since = None;
        }
        Some(absent_since)
    }

    fn set_away(
        &self,
        user: &Arc<User>,
        away: Option<Arc<str>>,
        absent_since: Option<EventId>,
        delivery: &mut Delivery,
    ) {
        let kind = EventKind::AwayChanged { message: away.clone() };
        let origin = Origin { user, session: None };
        self.change_profile(origin, kind, delivery, |profile| {
            profile.away = away;
            profile.absent_since = absent_since;
        });
    }

    fn leave(&self, user: &Arc<User>, reason: &str, delivery: &mut Delivery) {
        let event = user.event(self.next_event(), EventKind::Quit { reason: reason.to_owned() });
        self.announce(&event, Origin { user, session: None }, delivery);
        user.invitations().iter().for_each(|room| room.state().forget_invited(user.id));
        self.release(user, delivery);
        let profile = user.profile().clone();
        self.counters.invisible_changed(profile.modes.invisible, false);
        self.counters.oper_changed(profile.modes.oper, false);
        self.remember(&profile);
    }
}
