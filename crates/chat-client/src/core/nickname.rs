//! The user's nickname: another one where it is taken, and back to it when it is free.

use std::mem;

use chat_protocol::numeric::{self as n, Numeric};
use chat_protocol::{Message, casemapping};
use jiff::{SignedDuration, Timestamp};

use super::sentences::sentence;
use super::{Client, Phase};

/// How many names with underscores are tried.
const UNDERSCORES_MAX: usize = 5;
/// How often it is tried to have the nickname back.
const RETRY: SignedDuration = SignedDuration::from_secs(15);

/// The nickname that the user had before the connection was lost, and somebody else has now: most
/// often the user's own old connection.
#[derive(Debug)]
pub(super) struct Wanted {
    nickname: String,
    tried: Timestamp,
    is_asked: bool,
}

impl Client {
    /// A nickname was refused. Once registered the user keeps the old one.
    pub(super) fn nickname_refused(&mut self, numeric: Numeric, message: &Message<'_>) {
        let why = sentence(message.command, &message.params);
        if self.phase == Phase::Registered {
            let asked = self.wanted.as_mut().map(|wanted| mem::take(&mut wanted.is_asked));
            if asked != Some(true) {
                self.problem(why);
            }
            return;
        }
        let is_returning = self.is_returning();
        let may_append =
            numeric == n::ERR_NICKNAMEINUSE && (self.config.append_underscore || is_returning);
        let too_many = self.negotiation.underscores == UNDERSCORES_MAX;
        if is_returning && (!may_append || too_many) {
            self.close(&why);
            return;
        }
        if !may_append || too_many {
            self.problem(why);
            self.negotiation.is_nickname_refused = true;
            self.registration_goes_on();
            return;
        }
        if is_returning && self.wanted.is_none() {
            let nickname = self.nickname.clone();
            self.wanted = Some(Wanted { nickname, tried: self.now, is_asked: false });
        }
        self.negotiation.underscores += 1;
        let nickname = format!("{}_", self.nickname);
        self.problem(format!("{why} Trying {nickname}."));
        self.retry_nickname(&nickname);
    }

    pub(super) fn retry_nickname(&mut self, nickname: &str) {
        self.negotiation.is_nickname_refused = false;
        self.registration_goes_on();
        nickname.clone_into(&mut self.nickname);
        self.send("NICK", &[nickname], None);
    }

    /// The next connection starts with the nickname that is wanted.
    pub(super) fn nickname_interrupted(&mut self) {
        if let Some(wanted) = self.wanted.take() {
            self.nickname = wanted.nickname;
        }
    }

    /// The user has another nickname now.
    pub(super) fn nickname_changed(&mut self, new: &str) {
        new.clone_into(&mut self.nickname);
        self.wanted = None;
    }

    /// Somebody has a nickname no longer: it may be the one that is wanted.
    pub(super) fn nickname_given_up(&mut self, nickname: &str) {
        let wanted = self.wanted.as_mut();
        if let Some(wanted) = wanted.filter(|it| casemapping::eq(&it.nickname, nickname)) {
            wanted.tried = Timestamp::MIN;
        }
    }

    /// Tries now and then to have the nickname back.
    pub(super) fn want_nickname(&mut self) {
        let now = self.now;
        let Some(wanted) = self.wanted.as_mut().filter(|_| self.phase == Phase::Registered) else {
            return;
        };
        if now.duration_since(wanted.tried) >= RETRY {
            (wanted.tried, wanted.is_asked) = (now, true);
            let nickname = wanted.nickname.clone();
            self.send("NICK", &[&nickname], None);
        }
    }
}
