//! A user: what others see, whatever it is connected with.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, Weak};

use chat_protocol::{ChannelKey, NickKey, Nickname};
use chat_store::AccountName;

use crate::lock::lock;

use super::event::{Event, EventId, EventKind, Message, Missed};
use super::list_mask::Subject;
use super::paces::Paces;
use super::privilege::{OperRole, Privilege};
use super::room::Room;
use super::session::{Login, Session};
use super::user_modes::UserModes;

/// Names a user while the server runs, through changes of its nickname.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct UserId(pub(crate) u64);

pub(crate) struct User {
    pub(crate) id: UserId,
    pub(crate) signed_on: EventId,
    /// What its conversations are filed under while it has no account: no other user ever has it.
    guest: AccountName,
    profile: Mutex<Profile>,
    rooms: Mutex<BTreeMap<ChannelKey, Arc<Room>>>,
    invitations: Mutex<BTreeMap<ChannelKey, Weak<Room>>>,
    sessions: Mutex<Sessions>,
    read_markers: Mutex<BTreeMap<String, u64>>,
    /// None before it has done something that has a pace.
    paces: OnceLock<Box<Mutex<Paces>>>,
}

/// What a user is connected with.
struct Sessions {
    list: Arc<[Arc<Session>]>,
    /// The user has left, or is about to: no session joins it any more.
    gone: bool,
    /// The newest stored message to it, or of it to another user, that its sessions have been shown; at
    /// first, when it came.
    heard: EventId,
    /// What that was when the last session left; until the next has been told what it missed.
    absent_after: Option<EventId>,
}

/// What is left of a user when a session is taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remains {
    /// Other sessions.
    Sessions,
    /// No session, but it stays.
    AlwaysOn,
    /// Nothing: it leaves.
    Nothing,
}

/// Whether a session has joined a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attached {
    /// It has, and what was said to the user, and by it to others, while it had none is this.
    Done(Option<Missed>),
    /// The user has as many as it may have.
    Full,
    /// The user is leaving.
    Gone,
}

/// How one of the two of a conversation is shown.
pub(crate) fn shown_party(key: &str) -> &str {
    let guest = key.strip_prefix('~').and_then(|guest| guest.split_once('~'));
    guest.map_or(key, |(nickname, _)| nickname)
}

/// Read markers kept of a user without an account.
const READ_MARKERS_MAX: usize = 1000;

/// What can change about a user.
#[derive(Clone)]
pub(crate) struct Profile {
    pub(crate) nickname: Nickname,
    pub(crate) username: Arc<str>,
    pub(crate) hostname: Arc<str>,
    pub(crate) realname: Arc<str>,
    pub(crate) account: Option<Arc<str>>,
    /// When the account was made, in microseconds since the Unix epoch.
    pub(crate) account_created: Option<u64>,
    pub(crate) away: Option<Arc<str>>,
    /// Stays with no session.
    pub(crate) always_on: bool,
    /// Shown as away because it has no session; since then.
    pub(crate) absent_since: Option<EventId>,
    pub(crate) modes: UserModes,
    /// What it is as an IRC operator, which it is as long as its modes say so.
    role: Option<Arc<OperRole>>,
    /// By which of the configured operators it has become one; none if its account made it one.
    oper_name: Option<Arc<str>>,
    /// Seconds since the Unix epoch of the last message it sent.
    pub(crate) last_active: u64,
    source: Arc<str>,
}

impl Profile {
    pub(crate) fn new(
        nickname: Nickname,
        username: &str,
        hostname: &str,
        realname: &str,
        now: u64,
    ) -> Self {
        Self {
            source: source(&nickname, username, hostname),
            nickname,
            username: username.into(),
            hostname: hostname.into(),
            realname: realname.into(),
            account: None,
            account_created: None,
            away: None,
            always_on: false,
            absent_since: None,
            modes: UserModes::default(),
            role: None,
            oper_name: None,
            last_active: now,
        }
    }

    /// `nickname!username@hostname`.
    pub(crate) fn source(&self) -> &Arc<str> {
        &self.source
    }

    /// An event that a user of this profile is the source of.
    pub(crate) fn event(&self, id: EventId, kind: EventKind) -> Event {
        let (source, account) = (self.source.clone(), self.account.clone());
        Event { id, source, account, is_bot: self.modes.bot, kind }
    }

    /// Something that its user says, who is not idle then.
    pub(crate) fn says(&mut self, id: EventId, message: Message) -> Event {
        self.last_active = id.seconds();
        self.event(id, EventKind::Message(message))
    }

    /// The user as masks are matched against it.
    pub(crate) fn subject(&self) -> Subject {
        Subject::new(&self.source, self.account.as_deref())
    }

    /// What it is as an IRC operator, if it is one.
    pub(crate) fn role(&self) -> Option<&Arc<OperRole>> {
        self.role.as_ref().filter(|_| self.modes.oper)
    }

    /// Makes it an IRC operator, or no longer; says whether it was one.
    pub(crate) fn set_role(&mut self, role: Option<Arc<OperRole>>) -> bool {
        let was_oper = std::mem::replace(&mut self.modes.oper, role.is_some());
        self.role = role;
        self.oper_name = None;
        was_oper
    }

    /// Makes it one of the configured operators; says whether it was an operator.
    pub(crate) fn become_oper(&mut self, name: &str, role: Arc<OperRole>) -> bool {
        let was_oper = self.set_role(Some(role));
        self.oper_name = Some(name.into());
        was_oper
    }

    /// Which of the configured operators it is, if it is one of them.
    pub(crate) fn oper_name(&self) -> Option<&Arc<str>> {
        self.oper_name.as_ref().filter(|_| self.modes.oper)
    }

    /// Whether it is an IRC operator with this privilege.
    pub(crate) fn may(&self, privilege: Privilege) -> bool {
        self.role().is_some_and(|role| role.privileges.contains(privilege))
    }

    /// The account it is logged in to.
    pub(crate) fn account_name(&self) -> Option<AccountName> {
        self.account.as_deref().map(AccountName::new)
    }

    /// Takes over what comes with an account, or gives it up.
    pub(crate) fn log_in(&mut self, login: Option<&Login>, always_on_default: bool) {
        self.account = login.map(|login| login.account.as_str().into());
        self.account_created = login.map(|login| login.created);
        self.always_on = login.is_some_and(|login| login.always_on.unwrap_or(always_on_default));
    }

    pub(crate) fn rename(&mut self, nickname: Nickname) {
        self.source = source(&nickname, &self.username, &self.hostname);
        self.nickname = nickname;
    }
}

/// What stands for the account of who has none.
#[inline(never)]
fn guest(nickname: &Nickname, signed_on: EventId) -> AccountName {
    AccountName::new(&format!("~{nickname}~{}", signed_on.0))
}

fn source(nickname: &Nickname, username: &str, hostname: &str) -> Arc<str> {
    format!("{nickname}!{username}@{hostname}").into()
}

impl Sessions {
    fn new(first: Option<Arc<Session>>, signed_on: EventId) -> Self {
        let absent_after = first.is_none().then_some(signed_on);
        Self { list: first.into_iter().collect(), gone: false, heard: signed_on, absent_after }
    }
}

impl User {
    /// Without a session, it is one that stays while nobody is connected.
    pub(crate) fn new(
        id: UserId,
        signed_on: EventId,
        profile: Profile,
        session: Option<Arc<Session>>,
    ) -> Arc<Self> {
        let guest = guest(&profile.nickname, signed_on);
        let sessions = Sessions::new(session, signed_on);
        Self::made(id, signed_on, guest, profile, sessions)
    }

    // Where it is put together, a user is on the stack: nothing else happens above that.
    #[inline(never)]
    fn made(
        id: UserId,
        signed_on: EventId,
        guest: AccountName,
        profile: Profile,
        sessions: Sessions,
    ) -> Arc<Self> {
        Arc::new(Self {
            id,
            signed_on,
            guest,
            profile: Mutex::new(profile),
            rooms: Mutex::default(),
            invitations: Mutex::default(),
            sessions: Mutex::new(sessions),
            read_markers: Mutex::default(),
            paces: OnceLock::new(),
        })
    }

    /// The profile, locked. Taken after a room's lock, never before one.
    pub(crate) fn profile(&self) -> MutexGuard<'_, Profile> {
        lock(&self.profile)
    }

    /// How fast it does things, locked; with nothing else of a user.
    pub(crate) fn paces(&self) -> MutexGuard<'_, Paces> {
        lock(self.paces.get_or_init(Box::default))
    }

    /// What it is connected with.
    pub(crate) fn sessions(&self) -> Arc<[Arc<Session>]> {
        lock(&self.sessions).list.clone()
    }

    /// The sessions that a stored message is shown to. None of them gets it as something missed.
    pub(crate) fn sessions_hearing(&self, message: EventId) -> Arc<[Arc<Session>]> {
        let mut sessions = lock(&self.sessions);
        sessions.heard = message;
        sessions.list.clone()
    }

    /// Connects it with one session more, if it has fewer than `sessions_max`.
    pub(crate) fn attach(&self, session: &Arc<Session>, sessions_max: usize) -> Attached {
        let mut sessions = lock(&self.sessions);
        if sessions.gone {
            return Attached::Gone;
        }
        if sessions.list.len() >= sessions_max {
            return Attached::Full;
        }
        sessions.list = sessions.list.iter().chain([session]).cloned().collect();
        let upto = sessions.heard;
        Attached::Done(sessions.absent_after.take().map(|after| Missed { after, upto }))
    }

    /// Takes a closed session away; says what is left.
    pub(crate) fn detach(&self, session: &Session) -> Remains {
        let stays = self.profile().always_on;
        let mut sessions = lock(&self.sessions);
        sessions.list =
            sessions.list.iter().filter(|other| other.id != session.id).cloned().collect();
        match sessions.list.is_empty() {
            false => Remains::Sessions,
            true if stays => {
                sessions.absent_after = Some(sessions.heard);
                Remains::AlwaysOn
            }
            true => {
                sessions.gone = true;
                Remains::Nothing
            }
        }
    }

    /// From now on no session joins it; `false` if it has one, or is leaving already.
    pub(crate) fn dismiss(&self) -> bool {
        let mut sessions = lock(&self.sessions);
        let leaves = sessions.list.is_empty() && !sessions.gone;
        sessions.gone |= leaves;
        leaves
    }

    /// What its conversations are filed under: its account, if it has one.
    pub(crate) fn party(&self) -> AccountName {
        let account = self.profile().account.as_deref().map(AccountName::new);
        account.unwrap_or_else(|| self.guest.clone())
    }

    pub(crate) fn nickname(&self) -> Nickname {
        self.profile().nickname.clone()
    }

    pub(crate) fn key(&self) -> NickKey {
        self.profile().nickname.key()
    }

    /// An event that this user is the source of.
    pub(crate) fn event(&self, id: EventId, kind: EventKind) -> Event {
        self.profile().event(id, kind)
    }

    /// The rooms it is in.
    pub(crate) fn rooms(&self) -> Vec<Arc<Room>> {
        lock(&self.rooms).values().cloned().collect()
    }

    pub(crate) fn room_count(&self) -> usize {
        lock(&self.rooms).len()
    }

    /// Remembers what the room's members say. The room is locked meanwhile.
    pub(crate) fn entered(&self, room: &Arc<Room>) {
        lock(&self.rooms).insert(room.name.key(), room.clone());
    }

    /// Undoes [`User::entered`].
    pub(crate) fn left(&self, room: &Room) {
        lock(&self.rooms).remove(&room.name.key());
    }

    /// Remembers where it may have been invited to; the rooms know whether it still is.
    pub(crate) fn invited_to(&self, room: &Arc<Room>) {
        let mut invitations = lock(&self.invitations);
        invitations.retain(|_, room| room.strong_count() > 0);
        invitations.insert(room.name.key(), Arc::downgrade(room));
    }

    pub(crate) fn invitations(&self) -> Vec<Arc<Room>> {
        lock(&self.invitations).values().filter_map(Weak::upgrade).collect()
    }

    /// How far it has read a target, in microseconds since the Unix epoch.
    pub(crate) fn read_marker(&self, target: &str) -> Option<u64> {
        lock(&self.read_markers).get(target).copied()
    }

    /// Moves a marker forward, never back; says where it is now. Past a bound, no more are kept.
    pub(crate) fn move_read_marker(&self, target: &str, read: u64) -> u64 {
        let mut markers = lock(&self.read_markers);
        if markers.len() >= READ_MARKERS_MAX && !markers.contains_key(target) {
            return read;
        }
        let marker = markers.entry(target.to_owned()).or_insert(read);
        *marker = read.max(*marker);
        *marker
    }

    pub(crate) fn shares_room_with(&self, other: &Self) -> bool {
        if self.id == other.id {
            return true;
        }
        // The rooms of two users are never locked at once.
        let rooms = lock(&self.rooms).clone();
        lock(&other.rooms).keys().any(|key| rooms.contains_key(key))
    }
}
