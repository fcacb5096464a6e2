//! A room: its members, modes, lists and topic. Changed by events only.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard};

use chat_protocol::{ChannelName, MembershipSet};
use indexmap::IndexMap;

use crate::lock::lock;

use super::event::{Event, EventKind};
use super::list_mask::{Deed, ListMask};
use super::room_modes::{List, ModeChange, RoomModes};
use super::session::Session;
use super::user::{User, UserId};

/// What IRC calls a channel, as the server keeps it.
pub(crate) struct Room {
    pub(crate) name: ChannelName,
    state: Mutex<RoomState>,
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
    bans: Vec<ListEntry>,
    excepts: Vec<ListEntry>,
    invexes: Vec<ListEntry>,
}

pub(crate) struct Member {
    pub(crate) user: Arc<User>,
    pub(crate) sessions: Arc<[Arc<Session>]>,
    pub(crate) status: MembershipSet,
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
    pub(crate) fn new(name: ChannelName, now: u64, permanent: bool) -> Arc<Self> {
        Arc::new(Self { name, state: Mutex::new(RoomState::new(now, permanent)) })
    }

    /// The state, locked. Never while a user, a session or another room is locked.
    pub(crate) fn state(&self) -> MutexGuard<'_, RoomState> {
        lock(&self.state)
    }
}

impl RoomState {
    fn new(created: u64, permanent: bool) -> Self {
        Self {
            created,
            members: IndexMap::new(),
            topic: None,
            topic_changed: None,
            modes: RoomModes::of_new_room(),
            invited: HashSet::new(),
            permanent,
            closed: false,
            bans: Vec::new(),
            excepts: Vec::new(),
            invexes: Vec::new(),
        }
    }

    pub(crate) fn member(&self, user: &User) -> Option<&Member> {
        self.members.get(&user.id)
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
                let member =
                    Member { user: actor.clone(), sessions: actor.sessions(), status: *status };
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
