//! Users that come, change and go, and who is told.

use chat_protocol::numeric::{RPL_MONOFFLINE, RPL_MONONLINE};
use chat_protocol::{LineWriter, Nickname, Numeric};

use crate::outbound::Delivery;
use crate::render::{Speaker, write_numeric};
use crate::state::event::EventKind;
use crate::state::user::{Profile, User};

use super::directory::NicknameInUse;
use super::{Origin, Server};

impl Server {
    /// Gives a user another nickname. Nothing happens if it is the same to the letter.
    pub(crate) fn rename(
        &self,
        nickname: &Nickname,
        origin: Origin<'_>,
        delivery: &mut Delivery,
    ) -> Result<(), NicknameInUse> {
        let Some(before) = self.reclaim(nickname, origin.user, delivery)? else { return Ok(()) };
        let kind = EventKind::NickChanged { nickname: nickname.as_str().to_owned() };
        let event = before.event(self.next_event(), kind);
        self.announce(&event, origin, delivery);
        if before.nickname != *nickname {
            self.remember(&before);
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

    /// Tells who watches the user's nickname. The users are locked, so that these lines are in the
    /// order of what they tell.
    pub(super) fn tell_online(&self, user: &User, delivery: &mut Delivery) {
        let (nickname, source) = {
            let profile = user.profile();
            (profile.nickname.clone(), profile.source().clone())
        };
        self.tell(&nickname, RPL_MONONLINE, &source, delivery);
    }

    /// Like [`Server::tell_online`], for a nickname that nobody has any more.
    pub(super) fn tell_offline(&self, nickname: &Nickname, delivery: &mut Delivery) {
        self.tell(nickname, RPL_MONOFFLINE, nickname.as_str(), delivery);
    }

    fn tell(&self, nickname: &Nickname, numeric: Numeric, target: &str, delivery: &mut Delivery) {
        let mut line = String::new();
        for watcher in self.watchers_of(&nickname.key()) {
            let Some(user) = watcher.user() else { continue };
            let client = user.nickname();
            let speaker = Speaker {
                name: self.name(),
                client: client.as_str(),
                bytes_max: self.line_bytes_max(),
            };
            line.clear();
            let writer = LineWriter::new(&mut line);
            write_numeric(writer, &speaker, numeric, std::iter::empty(), Some(target));
            delivery.append(&watcher.outbound, line.as_bytes(), false);
        }
    }
}
