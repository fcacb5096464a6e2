//! Users that come, change and go, and who is told.

use std::sync::Arc;

use chat_protocol::numeric::{RPL_MONOFFLINE, RPL_MONONLINE};
use chat_protocol::{LineWriter, Nickname, Numeric};

use crate::outbound::Delivery;
use crate::render::{Speaker, write_numeric};
use crate::state::event::EventKind;
use crate::state::session::Session;
use crate::state::user::{Profile, User};

use super::directory::NicknameInUse;
use super::{Origin, Server};

impl Server {
    /// Makes a session's user, if its nickname is free.
    pub(crate) fn register(
        &self,
        session: &Arc<Session>,
        profile: Profile,
        delivery: &mut Delivery,
    ) -> Result<Arc<User>, NicknameInUse> {
        let nickname = profile.nickname.clone();
        let user = User::new(self.next_user_id(), profile, session.clone());
        self.claim(&nickname, &user)?;
        session.belongs_to(user.clone());
        self.counters.users_are(self.user_count());
        self.tell_watchers(&user, RPL_MONONLINE, delivery);
        Ok(user)
    }

    /// Takes a closed session away from its user; with the last one, the user goes.
    pub(crate) fn depart(&self, session: &Session, reason: &str, delivery: &mut Delivery) {
        let Some(user) = session.user() else { return };
        if !user.detach(session) {
            return;
        }
        let event = user.event(self.next_event(), EventKind::Quit { reason: reason.to_owned() });
        self.announce(&event, Origin { user, session: None }, delivery);
        self.release(user);
        self.tell_watchers(user, RPL_MONOFFLINE, delivery);
        let profile = user.profile();
        self.counters.invisible_changed(profile.modes.invisible, false);
        self.counters.oper_changed(profile.modes.oper, false);
        self.remember(&profile);
    }

    /// Gives a user another nickname. Nothing happens if it is the same to the letter.
    pub(crate) fn rename(
        &self,
        nickname: &Nickname,
        origin: Origin<'_>,
        delivery: &mut Delivery,
    ) -> Result<(), NicknameInUse> {
        let before = origin.user.profile().clone();
        if before.nickname.as_str() == nickname.as_str() {
            return Ok(());
        }
        let kind = EventKind::NickChanged { nickname: nickname.as_str().to_owned() };
        let event = origin.user.event(self.next_event(), kind);
        let watchers_before = self.watchers_of(&before.nickname.key());
        self.reclaim(nickname, origin.user)?;
        self.announce(&event, origin, delivery);
        if before.nickname != *nickname {
            self.remember(&before);
            self.tell(&watchers_before, RPL_MONOFFLINE, before.nickname.as_str(), delivery);
            self.tell_watchers(origin.user, RPL_MONONLINE, delivery);
        }
        Ok(())
    }

    /// Changes a user's state and lets those see it who share a room with it or watch it.
    pub(crate) fn change_profile(
        &self,
        origin: Origin<'_>,
        kind: EventKind,
        delivery: &mut Delivery,
        change: impl FnOnce(&mut Profile),
    ) {
        change(&mut origin.user.profile());
        let event = origin.user.event(self.next_event(), kind);
        self.announce(&event, origin, delivery);
    }

    fn tell_watchers(&self, user: &User, numeric: Numeric, delivery: &mut Delivery) {
        let (nickname, source) = {
            let profile = user.profile();
            (profile.nickname.clone(), profile.source().clone())
        };
        let target = if numeric == RPL_MONONLINE { &*source } else { nickname.as_str() };
        self.tell(&self.watchers_of(&nickname.key()), numeric, target, delivery);
    }

    fn tell(
        &self,
        watchers: &[Arc<Session>],
        numeric: Numeric,
        target: &str,
        delivery: &mut Delivery,
    ) {
        let mut line = String::new();
        for watcher in watchers {
            let Some(user) = watcher.user() else { continue };
            let nickname = user.nickname();
            let speaker = Speaker {
                name: self.name(),
                client: nickname.as_str(),
                bytes_max: self.line_bytes_max(),
            };
            line.clear();
            write_numeric(
                LineWriter::new(&mut line),
                &speaker,
                numeric,
                std::iter::empty(),
                Some(target),
            );
            delivery.append(&watcher.outbound, line.as_bytes(), false);
        }
    }
}
