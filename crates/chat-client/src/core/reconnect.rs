//! What becomes of the conversation when a connection ends: whether there will be another, when, and
//! what is kept for it.

use std::mem;
use std::time::Duration;

use chat_protocol::isupport::Isupport;
use chat_protocol::{CapabilitySet, ChannelKey};
use jiff::Timestamp;

use super::backoff::Backoff;
use super::batch::Batches;
use super::event::{Attempt, Link};
use super::extensions::Extensions;
use super::for_good::is_for_good;
use super::registration::Negotiation;
use super::replies::Collected;
use super::{Client, Phase};

/// What outlasts a connection.
#[derive(Debug, Default)]
pub(super) struct Reconnect {
    backoff: Backoff,
    wait: Duration,
    connected: Timestamp,
    is_impatient: bool,
    /// The reason that was told last, once the waits do not grow any more.
    told: Option<String>,
    /// Whether the server has ever welcomed the user.
    was_welcomed: bool,
    /// Whether what greets the user is still to come, which it has seen before.
    pub(super) is_arriving: bool,
    /// Whether the server has said that it will not let the user in.
    is_refused: bool,
    /// Where TLS is spoken, if the server wants it.
    tls_port: Option<u16>,
    /// The rooms that were asked for when the connection ended.
    pub(super) asked: Vec<Joining>,
    /// The rooms that let nobody in when they were asked for, and when that was.
    pub(super) throttled: Vec<Joining>,
    pub(super) was_throttled: Timestamp,
}

/// A room whose answer is awaited.
#[derive(Debug, Clone)]
pub(super) struct Joining {
    pub(super) key: ChannelKey,
    pub(super) name: String,
    pub(super) password: Option<String>,
}

impl Reconnect {
    /// A room that is not to be asked for any more.
    pub(super) fn forget(&mut self, room: &str) {
        let key = ChannelKey::of(room);
        self.asked.retain(|it| it.key != key);
        self.throttled.retain(|it| it.key != key);
    }
}

impl Client {
    /// Whether a room will be asked for later.
    pub(super) fn is_put_off(&self, room: &str) -> bool {
        let key = ChannelKey::of(room);
        let Reconnect { asked, throttled, .. } = &self.reconnect;
        asked.iter().chain(throttled).any(|it| it.key == key)
    }

    /// How to connect the next time; `None` if there will be no next time, or there is a connection.
    pub(crate) fn attempt(&self) -> Option<Attempt> {
        let Reconnect { wait, tls_port, .. } = self.reconnect;
        (self.phase == Phase::Lost).then_some(Attempt { wait, tls_port })
    }

    /// Whether to wait no longer.
    pub(crate) fn is_attempt_due(&self) -> bool {
        self.phase != Phase::Lost || self.reconnect.is_impatient
    }

    /// Whether there is a connection, or one is being made for the first time.
    pub(crate) fn is_online(&self) -> bool {
        !matches!(self.phase, Phase::Lost | Phase::Closed(_))
    }

    /// Whether the user was there, is not now, and will be again.
    pub(crate) fn is_returning(&self) -> bool {
        let is_there = matches!(self.phase, Phase::Registered | Phase::Closed(_));
        self.reconnect.was_welcomed && !is_there
    }

    /// A connection is there.
    pub(super) fn connected(&mut self, link: Link) {
        if matches!(self.phase, Phase::Closed(_)) {
            return;
        }
        self.link = link;
        self.phase = Phase::Registering;
        self.reconnect.is_impatient = false;
        self.sts_duration = None;
        (self.reconnect.connected, self.heard) = (self.now, self.now);
        self.register();
    }

    /// When the connection was made.
    pub(super) fn connected_at(&self) -> Timestamp {
        self.reconnect.connected
    }

    /// The welcome. Says whether it is one after a connection was lost.
    pub(super) fn is_welcome_back(&mut self) -> bool {
        self.reconnect.told = None;
        mem::replace(&mut self.reconnect.was_welcomed, true)
    }

    /// The server does not let the user in, and will not the next time.
    pub(super) fn refused_for_good(&mut self) {
        self.reconnect.is_refused = true;
    }

    /// The user does not want to wait.
    pub(super) fn hurry(&mut self) {
        self.reconnect.is_impatient = true;
    }

    /// The connection is gone.
    pub(super) fn close(&mut self, reason: &str) {
        if !self.is_online() {
            return;
        }
        let said = self.server_error.take();
        let is_over = said.as_deref().is_some_and(is_for_good) || self.reconnect.is_refused;
        let reason = said.unwrap_or_else(|| reason.to_owned());
        let may_return = self.config.reconnects && self.reconnect.was_welcomed;
        if is_over || !may_return || self.is_leaving() {
            self.end(reason);
            return;
        }
        self.interrupt();
        self.reconnect.backoff.ended_after(self.now.duration_since(self.reconnect.connected));
        self.wait(&format!("connection lost: {reason}"));
        match self.delivery.doubtful() {
            0 => {}
            1 => self.tell("1 line is not confirmed: it will be sent again"),
            count => self.tell(format!("{count} lines are not confirmed: they will be sent again")),
        }
    }

    /// An attempt has failed.
    pub(super) fn not_connected(&mut self, reason: &str) {
        if self.phase != Phase::Lost {
            return;
        }
        self.reconnect.is_impatient = false;
        if self.config.reconnects && self.reconnect.was_welcomed {
            self.wait(reason);
        } else {
            self.end(reason.to_owned());
        }
    }

    /// It is over, whatever the reason.
    pub(super) fn end(&mut self, reason: String) {
        if matches!(self.phase, Phase::Closed(_)) {
            return;
        }
        self.catching_up().iter().for_each(|target| self.stop_catching_up(target));
        self.phase = Phase::Closed(reason);
        self.asking = None;
        self.report_lost();
    }

    /// The server is to be spoken with by TLS: nothing more is said as it is.
    pub(super) fn go_to_tls(&mut self, port: u16) {
        self.tell(format!("the server wants TLS: connecting again, to port {port}"));
        self.interrupt();
        self.reconnect.tls_port = Some(port);
        self.reconnect.wait = Duration::ZERO;
    }

    /// Says why there is no connection, and when there may be one. Once that is at most every
    /// minute, it is said again only if the reason is another.
    fn wait(&mut self, why: &str) {
        let is_highest = self.reconnect.backoff.is_highest();
        let wait = self.reconnect.backoff.wait((self.config.chance)());
        self.reconnect.wait = wait;
        if self.reconnect.told.as_deref() == Some(why) {
            return;
        }
        if is_highest {
            self.reconnect.told = Some(why.to_owned());
            self.problem(format!("{why}; trying again every minute, /reconnect tries now"));
            return;
        }
        let seconds = wait.as_secs_f64().ceil().max(1.0);
        self.problem(format!("{why}; trying again in {seconds:.0} s"));
    }

    /// Forgets what belongs to the connection. Messages that were not confirmed and can't be sent
    /// again are named at once.
    fn interrupt(&mut self) {
        self.phase = Phase::Lost;
        for sent in self.delivery.interrupted(self.author().as_deref()) {
            self.not_delivered(&sent);
        }
        self.reconnect.is_arriving = false;
        self.reconnect.throttled.clear();
        let asked = mem::take(&mut self.joining).into_iter();
        self.reconnect.asked.extend(asked.filter(|it| self.rooms.find(&it.name).is_none()));
        (self.account, self.userhost, self.asking, self.asked) = (None, None, None, None);
        self.capabilities = CapabilitySet::EMPTY;
        self.extensions = Extensions::default();
        self.negotiation = Negotiation::default();
        self.isupport = Isupport::new();
        self.batches = Batches::default();
        self.collected = Collected::default();
        self.searches = 0;
        self.server_error = None;
        for room in self.rooms.leaving() {
            self.left(&room);
        }
        self.rooms.interrupted();
        self.talks.interrupted();
        self.login_interrupted();
        self.nickname_interrupted();
    }
}
