//! A room: its settings and its members. Changed by events only.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard};

use chat_protocol::{ChannelName, MembershipSet};
use indexmap::IndexMap;

use crate::lock::lock;

use super::event::{Event, EventId, EventKind, Missed};
use super::hearers::Hearers;
use super::room_flood::Recent;
use super::room_modes::ModeChange;
use super::session::Session;
use super::settings::Settings;
use super::traffic::Traffic;
use super::user::{User, UserId};

/// What IRC calls a channel, as the server keeps it.
pub(crate) struct Room {
    pub(crate) name: ChannelName,
    state: Mutex<RoomState>,
    traffic: Traffic,
}

pub(crate) struct RoomState {
    /// What lasts if the room is registered. In a place of its own: a JOIN moves a new room about on its
    /// stack.
    pub(crate) settings: Box<Settings>,
    pub(crate) members: IndexMap<UserId, Member, IdHasher>,
    /// The connections of the members.
    pub(crate) hearers: Hearers,
    pub(crate) invited: HashSet<UserId>,
    /// Has been taken out of the directory: nobody joins it any more.
    pub(crate) closed: bool,
    /// The room that has become of it, under another name.
    pub(crate) moved_to: Option<Arc<Room>>,
    /// What is said here is stored before it is seen.
    pub(crate) has_history: bool,
    /// Rooms have a history that do not say otherwise.
    keeps_history: bool,
    /// There may be something in its history.
    pub(crate) has_spoken: bool,
    /// The newest stored message that the members have been shown, or when the room was made here.
    pub(crate) heard: EventId,
    pub(crate) recent: Recent,
}

/// Nobody but the server chooses ids, so nobody can choose them badly.
type IdHasher = foldhash::fast::RandomState;

pub(crate) struct Member {
    pub(crate) user: Arc<User>,
    pub(crate) sessions: Arc<[Arc<Session>]>,
    pub(crate) status: MembershipSet,
    /// When it came.
    pub(crate) since: EventId,
    /// Set while it has no session, and until the next has been told what it missed: the newest message
    /// it has been shown.
    absent_after: Option<EventId>,
}

impl Room {
    /// A room that nobody is in. `keeps_history`: rooms have one that do not say otherwise.
    pub(crate) fn new(
        name: ChannelName,
        settings: Box<Settings>,
        keeps_history: bool,
        now: EventId,
    ) -> Arc<Self> {
        let state = RoomState::new(settings, keeps_history, now);
        Arc::new(Self { name, state: Mutex::new(state), traffic: Traffic::default() })
    }

    /// A room that another is about to become: until [`Room::change_is_over`] nothing happens in it.
    pub(crate) fn reserved(name: ChannelName, now: EventId) -> Arc<Self> {
        let room = Self::new(name, Box::new(Settings::new(now, None)), false, now);
        room.traffic.change_is_coming();
        room
    }

    /// The state, locked. Never while a user, a session or another room is locked.
    pub(crate) fn state(&self) -> MutexGuard<'_, RoomState> {
        lock(&self.state)
    }

    /// The state, locked when nobody is changing it: for who has something to say.
    pub(crate) fn state_for_messages(&self) -> MutexGuard<'_, RoomState> {
        self.traffic.lock_for_messages(|| self.state())
    }

    /// The state, locked when everything said before has been seen: for who changes it.
    pub(crate) fn state_for_change(&self) -> MutexGuard<'_, RoomState> {
        self.traffic.lock_for_change(|| self.state())
    }

    /// Messages are on their way, until [`Room::messages_have_come`]. The room is locked.
    pub(crate) fn messages_are_coming(&self) {
        self.traffic.messages_are_coming();
    }

    /// What was announced has been seen, or refused.
    pub(crate) fn messages_have_come(&self) {
        self.traffic.messages_have_come();
    }

    /// Until what is returned is dropped, nothing else happens in the room, which is locked.
    pub(crate) fn change_is_coming(&self) -> Changing<'_> {
        self.traffic.change_is_coming();
        Changing(self)
    }

    /// A room that was [`Room::reserved`] is one from now on.
    pub(crate) fn change_is_over(&self) {
        self.traffic.change_is_over();
    }
}

/// A change that is being stored.
pub(crate) struct Changing<'r>(&'r Room);

impl Drop for Changing<'_> {
    fn drop(&mut self) {
        self.0.change_is_over();
    }
}

impl RoomState {
    fn new(settings: Box<Settings>, keeps_history: bool, now: EventId) -> Self {
        let mut state = Self {
            has_spoken: settings.registration.is_some(),
            settings,
            members: IndexMap::default(),
            hearers: Hearers::default(),
            invited: HashSet::new(),
            closed: false,
            moved_to: None,
            has_history: keeps_history,
            keeps_history,
            heard: now,
            recent: Recent::default(),
        };
        state.settings_changed();
        state
    }

    /// From now on rooms that do not say otherwise have a history, or have none.
    pub(crate) fn keep_history(&mut self, keeps_history: bool) {
        self.keeps_history = keeps_history;
        self.settings_changed();
    }

    fn settings_changed(&mut self) {
        let registration = self.settings.registration.as_ref();
        let wanted = registration.and_then(|registration| registration.history);
        self.has_history = self.keeps_history && wanted.unwrap_or(true);
    }

    pub(crate) fn member(&self, user: &User) -> Option<&Member> {
        self.members.get(&user.id)
    }

    /// Takes over what a member is connected with now; says whether it is a member.
    pub(crate) fn refresh_sessions(&mut self, user: &User) -> bool {
        let Some(member) = self.members.get_mut(&user.id) else { return false };
        let sessions = user.sessions();
        if Arc::ptr_eq(&sessions, &member.sessions) {
            return true;
        }
        let had_sessions = !member.sessions.is_empty();
        member.sessions = sessions;
        self.hearers.replace(member);
        if had_sessions && member.sessions.is_empty() {
            member.absent_after = Some(self.heard);
        }
        true
    }

    /// What a member has missed that has sessions again; once.
    pub(crate) fn take_missed(&mut self, user: &User) -> Option<Missed> {
        let after = self.members.get_mut(&user.id)?.absent_after.take()?;
        Some(Missed { after, upto: self.heard })
    }

    /// The statuses of a user; none if it is no member.
    pub(crate) fn status(&self, user: &User) -> MembershipSet {
        self.member(user).map(|member| member.status).unwrap_or_default()
    }

    /// Whether nothing keeps the room: it has no member and is not registered.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.members.is_empty() && self.settings.registration.is_none()
    }

    /// Makes the room what the event says. `actor` is the user whom the event's source names.
    pub(crate) fn apply(&mut self, event: &Event, actor: &Arc<User>) {
        match &event.kind {
            EventKind::Joined { status, .. } => {
                let (user, sessions) = (actor.clone(), actor.sessions());
                let absent_after = sessions.is_empty().then_some(event.id);
                let (status, since) = (*status, event.id);
                let member = Member { user, sessions, status, since, absent_after };
                self.hearers.replace(&member);
                self.members.insert(actor.id, member);
                self.invited.remove(&actor.id);
            }
            EventKind::Parted { .. } | EventKind::Quit { .. } => self.remove(actor.id),
            EventKind::Kicked { user, .. } => self.remove(*user),
            EventKind::TopicSet { .. } => self.settings.apply(event),
            EventKind::ModesChanged { changes, .. } => {
                self.settings.apply(event);
                changes.iter().for_each(|change| self.change_status(change));
                if changes.iter().any(|change| matches!(change, ModeChange::LineFlood(_))) {
                    self.recent.forget_lines();
                }
            }
            EventKind::RegistrationChanged(_) => {
                self.settings.apply(event);
                self.settings_changed();
            }
            EventKind::Invited { user, opens, .. } => {
                if *opens {
                    self.invited.insert(*user);
                }
            }
            EventKind::Message(_)
            | EventKind::Renamed { .. }
            | EventKind::Redacted { .. }
            | EventKind::NickChanged { .. }
            | EventKind::AwayChanged { .. }
            | EventKind::RealnameChanged { .. }
            | EventKind::AccountChanged { .. }
            | EventKind::Wallops { .. } => {}
        }
    }

    /// Closes the room and gives all that it is away, to the one that it becomes.
    pub(crate) fn hand_over(&mut self, heir: &Arc<Room>) -> Self {
        let settings = Box::new(Settings::new(self.settings.created, None));
        let empty = Self::new(settings, self.keeps_history, self.heard);
        let inherited = std::mem::replace(self, empty);
        self.closed = true;
        self.moved_to = Some(heir.clone());
        inherited
    }

    /// Becomes what another room was.
    pub(crate) fn inherit(&mut self, inherited: Self) {
        self.settings = inherited.settings;
        self.members = inherited.members;
        self.hearers = inherited.hearers;
        self.invited = inherited.invited;
        self.has_history = inherited.has_history;
        self.keeps_history = inherited.keeps_history;
        self.has_spoken = inherited.has_spoken;
        self.heard = inherited.heard;
    }

    /// An invited user is gone.
    pub(crate) fn forget_invited(&mut self, user: UserId) {
        self.invited.remove(&user);
    }

    fn remove(&mut self, user: UserId) {
        self.members.shift_remove(&user);
        self.hearers.remove(user);
        self.invited.remove(&user);
        let registration = self.settings.registration.as_ref();
        if self.members.is_empty() && registration.is_some_and(|it| !it.keeps_topic) {
            self.settings.topic = None;
        }
    }

    fn change_status(&mut self, change: &ModeChange) {
        let ModeChange::Status { status, adding, user, .. } = change else { return };
        if let Some(member) = self.members.get_mut(user) {
            member.status.set(*status, *adding);
            self.hearers.change_status(*user, member.status);
        }
    }
}
