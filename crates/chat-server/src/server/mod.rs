//! What all connections share.

mod account_roles;
pub(crate) mod accounts;
mod admission;
mod always_on;
mod audit;
pub(crate) mod bans;
mod changes;
mod cloak;
mod counters;
mod default_rooms;
mod devices;
mod directory;
mod flood;
mod history;
mod live_config;
mod measure;
mod paces;
mod places;
mod presence;
mod read_markers;
mod reading;
mod redaction;
mod refusals;
mod registered;
mod reload;
mod rename;
mod retention;
mod room_record;
mod say;
mod submit;
mod supports;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Instant, SystemTime};

use anyhow::Context as _;
use chat_protocol::{ChannelKey, NickKey};
use chat_store::{EntryId, Store};

use crate::config::{Config, Source};
use crate::current::Current;
use crate::fault;
use crate::limits::addresses::Addresses;
use crate::limits::password::PasswordGate;
use crate::limits::refusal_log::RefusalLog;
use crate::metrics::Metrics;
use crate::render;
use crate::state::bans::Bans;
use crate::state::event::EventId;
use crate::state::monitor::Watchers;
use crate::state::room::Room;
use crate::state::session::{Session, SessionId};
use crate::state::user::{User, UserId};
use crate::state::whowas::WhoWas;
use crate::tls::Tls;

pub(crate) use accounts::Accounts;
pub(crate) use audit::AnswersFor;
use cloak::Cloak;
pub(crate) use counters::Counters;
pub(crate) use devices::{Registered, Unregistered};
pub(crate) use history::{Outstanding, Sequencer, Unstored};
use live_config::{ConfigGuard, LiveConfig};
use measure::Measured;
pub(crate) use paces::TooOften;
pub(crate) use places::Place;
use places::Places;
pub(crate) use reading::{Readable, room_key};
pub(crate) use retention::less;
pub(crate) use say::{Author, UNSTORED, is_lasting};
pub(crate) use submit::Origin;
pub(crate) use supports::{KEY_CHARS_MAX, MODES_MAX};

/// The name and version in VERSION, INFO and the greeting.
pub(crate) const VERSION: &str = concat!("chat-server-", env!("CARGO_PKG_VERSION"));

/// What a server starts with besides its configuration and its store.
pub(crate) struct Setup {
    /// Where the configuration is read again.
    pub(crate) source: Source,
    /// So many connections the system allows.
    pub(crate) connections_allowed: usize,
    /// The last that was stored before: what is stored comes after it.
    pub(crate) last_entry: Option<EntryId>,
    /// Of this server, and the same after a restart.
    pub(crate) secret: [u8; 32],
    /// Makes hosts of addresses; the same after a restart as well.
    pub(crate) cloak_secret: [u8; 32],
}

#[cfg(test)]
impl Setup {
    fn of_a_test() -> Self {
        Self {
            source: Source::default(),
            connections_allowed: 8,
            last_entry: None,
            secret: [0; 32],
            cloak_secret: [0; 32],
        }
    }
}

/// The server. Locks are taken in the order of the fields and then room, user, outbound; none is
/// held while another of the same kind is taken. See ARCHITECTURE.md.
pub(crate) struct Server {
    config: LiveConfig,
    source: Source,
    /// Whose turn it is to read the configuration again.
    reloading: Mutex<()>,
    /// What opens and closes where the server listens.
    entrances: OnceLock<reload::Follow>,
    connections_allowed: usize,
    /// The tokens of RPL_ISUPPORT, in groups that fit a line.
    isupport: Current<Vec<Vec<String>>>,
    /// Its own name, which it keeps as long as it runs.
    name: String,
    /// What lasts. Never called with anything locked.
    pub(crate) store: Arc<dyn Store>,
    pub(crate) accounts: Accounts,
    pub(crate) tls: Tls,
    cloak: Cloak,
    /// When it was started, as text.
    pub(crate) started: String,
    pub(crate) passwords: PasswordGate,
    /// Guessing at OPER does not keep others from registering.
    pub(crate) oper_passwords: PasswordGate,
    pub(crate) counters: Counters,
    bans: Current<Bans>,
    /// They have changed and could not be read.
    bans_unread: AtomicBool,
    pub(crate) metrics: Arc<Metrics>,
    measured: Measured,
    since: Instant,
    /// Stores what happens.
    pub(crate) sequencer: Sequencer,
    /// Who does things in rooms for the server. Nobody finds it by its nickname.
    chanserv: Arc<User>,
    rooms: Arc<Mutex<HashMap<ChannelKey, Arc<Room>>>>,
    users: Mutex<HashMap<NickKey, Arc<User>>>,
    /// Whom sessions join that log in to an account, by the account's folded name.
    by_account: Mutex<HashMap<String, Arc<User>>>,
    sessions: Mutex<HashMap<SessionId, Arc<Session>>>,
    /// Connections of every kind, those that have not said anything included.
    addresses: Arc<Addresses>,
    places: Arc<Places>,
    refusal_log: RefusalLog,
    watchers: Mutex<Watchers>,
    whowas: Mutex<WhoWas>,
    /// Nobody is let in any more.
    is_closing: AtomicBool,
    /// Somebody has chosen to keep less or more.
    retention_changed: AtomicBool,
    last_event: AtomicU64,
    last_id: AtomicU64,
}

impl Server {
    /// Fails if the rooms that last can't be read.
    pub(crate) fn new(
        config: Config,
        store: Arc<dyn Store>,
        setup: Setup,
    ) -> anyhow::Result<Arc<Self>> {
        let Setup { source, connections_allowed, last_entry, secret, cloak_secret } = setup;
        let started = EventId(micros_since_epoch());
        let metrics = Arc::<Metrics>::default();
        let sequencer = Sequencer::new(store.clone(), metrics.clone());
        let rooms = registered::rooms(&config, &*store, started)?;
        let tls = Tls::new(config.tls.files())?;
        let bans = Bans::new(store.bans().context("the bans can't be read")?);
        Ok(Arc::new(Self {
            chanserv: registered::chanserv(&config.server.name, started),
            source,
            reloading: Mutex::default(),
            entrances: OnceLock::new(),
            isupport: Current::new(supports::isupport(&config)),
            connections_allowed,
            whowas: Mutex::default(),
            accounts: Accounts::new(&config.accounts, config.throttle.prefixes(), secret),
            tls,
            cloak: Cloak::new(cloak_secret),
            name: config.server.name.clone(),
            config: LiveConfig::new(config),
            store,
            started: render::time(started),
            passwords: PasswordGate::default(),
            oper_passwords: PasswordGate::default(),
            counters: Counters::default(),
            bans: Current::new(bans),
            bans_unread: AtomicBool::new(false),
            metrics,
            measured: Measured::default(),
            since: Instant::now(),
            rooms: Arc::new(Mutex::new(rooms)),
            users: Mutex::default(),
            by_account: Mutex::default(),
            sessions: Mutex::default(),
            addresses: Arc::default(),
            places: Arc::default(),
            refusal_log: RefusalLog::default(),
            watchers: Mutex::default(),
            last_event: AtomicU64::new(last_entry.map_or(started.0, |last| last.0.max(started.0))),
            sequencer,
            is_closing: AtomicBool::new(false),
            retention_changed: AtomicBool::new(false),
            last_id: AtomicU64::new(0),
        }))
    }

    /// The configuration as it is at present.
    pub(crate) fn config(&self) -> ConfigGuard {
        self.config.load()
    }

    /// What it says it supports: the tokens of RPL_ISUPPORT, in groups that fit a line.
    pub(crate) fn isupport(&self) -> Arc<Vec<Vec<String>>> {
        self.isupport.load()
    }

    /// The server's name: the source of what it says itself.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The most bytes of a line without its tags, with its ending.
    pub(crate) fn line_bytes_max(&self) -> usize {
        self.config().limits.message_bytes_max
    }

    /// The name and time of the next event: the present, and later than every event before.
    pub(crate) fn next_event(&self) -> EventId {
        EventId(self.next_ids(1).start)
    }

    /// The names and times of so many events that happen together, like [`Server::next_event`].
    pub(crate) fn next_events(&self, count: usize) -> impl Iterator<Item = EventId> + use<> {
        self.next_ids(count as u64).map(EventId)
    }

    fn next_ids(&self, count: u64) -> Range<u64> {
        let now = micros_since_epoch();
        let later = |last: u64| Some(now.max(last + 1) + count - 1);
        let last = self.last_event.fetch_update(Ordering::Relaxed, Ordering::Relaxed, later);
        let first = now.max(last.unwrap_or_else(|last| last) + 1);
        first..first + count
    }

    /// Seconds since the Unix epoch.
    pub(crate) fn now(&self) -> u64 {
        micros_since_epoch() / 1_000_000
    }

    /// Microseconds since the Unix epoch.
    pub(crate) fn now_micros(&self) -> u64 {
        micros_since_epoch()
    }

    pub(crate) fn next_session_id(&self) -> SessionId {
        SessionId(self.next_id())
    }

    pub(crate) fn next_user_id(&self) -> UserId {
        UserId(self.next_id())
    }

    /// A name for a batch.
    pub(crate) fn next_batch(&self) -> String {
        self.next_id().to_string()
    }

    fn next_id(&self) -> u64 {
        self.last_id.fetch_add(1, Ordering::Relaxed) + 1
    }
}

fn micros_since_epoch() -> u64 {
    let elapsed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
    micros.saturating_add_signed(fault::clock_offset())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data;
    use chat_store::Durability;

    #[test]
    fn events_are_strictly_ordered() {
        let directory = tempfile::tempdir().unwrap();
        let store = data::open(directory.path(), Durability::default()).unwrap();
        let server = Server::new(Config::default(), store, Setup::of_a_test()).unwrap();
        let some = |count| std::iter::once(server.next_event()).chain(server.next_events(count));
        let ids: Vec<_> = (0..500).flat_map(|round| some(round % 5)).collect();
        assert_eq!(ids.len(), 1500);
        assert!(ids.is_sorted_by(|one, next| one < next));
    }
}
