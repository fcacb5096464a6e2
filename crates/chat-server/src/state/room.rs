//! A room: its members, modes, lists and topic. Changed by events only.

use std::collections::HashSet;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use chat_protocol::{ChannelName, MembershipSet};
use indexmap::IndexMap;

use crate::lock::lock;

use super::event::{Event, EventId, EventKind};
use super::list_mask::{Deed, ListMask};
use super::room_modes::{List, ModeChange, RoomModes};
use super::session::Session;
use super::traffic::Traffic;
use super::user::{User, UserId};

/// What IRC calls a channel, as the server keeps it.
pub(crate) struct Room {
    pub(crate) name: ChannelName,
    state: Mutex<RoomState>,
    /// Told when somebody who waits for the room may go on.
    calmer: Condvar,
}

pub(crate) struct RoomState {
    /// Seconds since the Unix epoch.
    pub(crate) created: u64,
    pub(crate) members: IndexMap<UserId, Member>,
    pub(crate) topic: Option<Topic>,
    /// When the topic was last set or removed, if ever, in seconds since the Unix epoch.
    pub(crate) topic_changed: Option<u64>,
    pub(crate) modes: RoomModes,
    pub(crate) invited: HashSet<UserId>,
    /// Stays when the last member leaves.
    pub(crate) permanent: bool,
    /// Has been taken out of the directory: nobody joins it any more.
    pub(crate) closed: bool,
    /// What is said here is stored before it is seen.
    pub(crate) has_history: bool,
    pub(crate) traffic: Traffic,
    bans: Vec<ListEntry>,
    excepts: Vec<ListEntry>,
    invexes: Vec<ListEntry>,
}

pub(crate) struct Member {
    pub(crate) user: Arc<User>,
    pub(crate) sessions: Arc<[Arc<Session>]>,
    pub(crate) status: MembershipSet,
    /// When it came.
    pub(crate) since: EventId,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Topic {
    pub(crate) text: String,
    /// The source of who set it.
    pub(crate) setter: Arc<str>,
    /// Seconds since the Unix epoch.
    pub(crate) set_at: u64,
}

/// A mask in one of the room's lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListEntry {
    pub(crate) mask: ListMask,
    pub(crate) setter: Arc<str>,
    /// Seconds since the Unix epoch.
    pub(crate) set_at: u64,
}

impl Room {
    pub(crate) fn new(
        name: ChannelName,
        now: u64,
        permanent: bool,
        has_history: bool,
    ) -> Arc<Self> {
        let state = RoomState::new(now, permanent, has_history);
        Arc::new(Self { name, state: Mutex::new(state), calmer: Condvar::new() })
    }

    /// The state, locked. Never while a user, a session or another room is locked.
    pub(crate) fn state(&self) -> MutexGuard<'_, RoomState> {
        lock(&self.state)
    }

    /// The state, locked when nobody is changing it: for who has something to say.
    pub(crate) fn state_for_messages(&self) -> MutexGuard<'_, RoomState> {
        self.wait_while(self.state(), |state| state.traffic.holds_messages_back())
    }

    /// The state, locked when everything said before has been seen: for who changes it.
    pub(crate) fn state_for_change(&self) -> MutexGuard<'_, RoomState> {
        let mut state = self.state();
        if state.traffic.holds_changes_back() {
            state.traffic.change_waits();
            state = self.wait_while(state, |state| state.traffic.holds_changes_back());
            if state.traffic.change_waits_no_longer() {
                self.calmer.notify_all();
            }
        }
        state
    }

    /// A change that was announced to [`RoomState::traffic`] is over.
    pub(crate) fn change_is_over(&self, state: &mut RoomState) {
        state.traffic.change_is_over();
        self.calmer.notify_all();
    }

    /// What was announced to [`RoomState::traffic`] has been seen, or refused.
    pub(crate) fn messages_have_come(&self) {
        if self.state().traffic.messages_have_come() {
            self.calmer.notify_all();
        }
    }

    fn wait_while<'a>(
        &self,
        state: MutexGuard<'a, RoomState>,
        condition: impl Fn(&RoomState) -> bool,
    ) -> MutexGuard<'a, RoomState> {
        if !condition(&state) {
            return state;
        }
        let waited = self.calmer.wait_while(state, |state| condition(state));
        waited.unwrap_or_else(PoisonError::into_inner)
    }
}

impl RoomState {
    fn new(created: u64, permanent: bool, has_history: bool) -> Self {
        Self {
            created,
            members: IndexMap::new(),
            topic: None,
            topic_changed: None,
            modes: RoomModes::of_new_room(),
            invited: HashSet::new(),
            permanent,
            closed: false,
            has_history,
            traffic: Traffic::default(),
            bans: Vec::new(),
            excepts: Vec::new(),
            invexes: Vec::new(),
        }
    }

    pub(crate) fn member(&self, user: &User) -> Option<&Member> {
        self.members.get(&user.id)
    }

    /// Takes over what a member is connected with now; says whether it is a member.
    pub(crate) fn refresh_sessions(&mut self, user: &User) -> bool {
        let member = self.members.get_mut(&user.id);
        member.map(|member| member.sessions = user.sessions()).is_some()
    }

    /// The statuses of a user; none if it is no member.
    pub(crate) fn status(&self, user: &User) -> MembershipSet {
        self.member(user).map(|member| member.status).unwrap_or_default()
    }

    pub(crate) fn list(&self, list: List) -> &[ListEntry] {
        match list {
            List::Ban => &self.bans,
            List::Except => &self.excepts,
            List::Invex => &self.invexes,
        }
    }

    /// Whether some entry of a list means a user, by its folded source, when it does something.
    pub(crate) fn listed(&self, list: List, deed: Deed, folded_source: &str) -> bool {
        self.list(list).iter().any(|entry| entry.mask.matches(deed, folded_source))
    }

    /// Whether nothing keeps the room: no member, and nobody wants it to stay.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.members.is_empty() && !self.permanent
    }

    /// Makes the room what the event says. `actor` is the user whom the event's source names.
    pub(crate) fn apply(&mut self, event: &Event, actor: &Arc<User>) {
        match &event.kind {
            EventKind::Joined { status, .. } => {
                let (user, sessions) = (actor.clone(), actor.sessions());
                let member = Member { user, sessions, status: *status, since: event.id };
                self.members.insert(actor.id, member);
                self.invited.remove(&actor.id);
            }
            EventKind::Parted { .. } | EventKind::Quit { .. } => self.remove(actor.id),
            EventKind::Kicked { user, .. } => self.remove(*user),
            EventKind::TopicSet { text, .. } => {
                let (setter, set_at) = (event.source.clone(), event.id.seconds());
                self.topic_changed = Some(set_at);
                self.topic =
                    (!text.is_empty()).then(|| Topic { text: text.clone(), setter, set_at });
            }
            EventKind::ModesChanged { changes, .. } => {
                changes.iter().for_each(|change| self.change_mode(change, event));
            }
            EventKind::Invited { user, opens, .. } => {
                if *opens {
                    self.invited.insert(*user);
                }
            }
            EventKind::Message(_)
            | EventKind::Redacted { .. }
            | EventKind::NickChanged { .. }
            | EventKind::AwayChanged { .. }
            | EventKind::RealnameChanged { .. }
            | EventKind::AccountChanged { .. }
            | EventKind::Wallops { .. } => {}
        }
    }

    /// An invited user is gone.
    pub(crate) fn forget_invited(&mut self, user: UserId) {
        self.invited.remove(&user);
    }

    fn remove(&mut self, user: UserId) {
        self.members.shift_remove(&user);
        self.invited.remove(&user);
    }

    fn change_mode(&mut self, change: &ModeChange, event: &Event) {
        match change {
            ModeChange::Flag { .. } | ModeChange::Key(_) | ModeChange::Limit(_) => {
                self.modes.change(change);
            }
            ModeChange::Status { status, adding, user, .. } => {
                if let Some(member) = self.members.get_mut(user) {
                    member.status.set(*status, *adding);
                }
            }
            ModeChange::List { list, adding, mask } => {
                let entries = match list {
                    List::Ban => &mut self.bans,
                    List::Except => &mut self.excepts,
                    List::Invex => &mut self.invexes,
                };
                entries.retain(|entry| entry.mask != *mask);
                if *adding {
                    let (setter, set_at) = (event.source.clone(), event.id.seconds());
                    entries.push(ListEntry { mask: mask.clone(), setter, set_at });
                }
            }
        }
    }
}
