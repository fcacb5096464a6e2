//! Who may read what was said before.

use std::sync::Arc;

use chat_protocol::ChannelName;
use chat_store::{AccountName, EntryId, Page, Store, TargetKey};

use crate::state::access;
use crate::state::event::EventId;
use crate::state::room::{Room, RoomState};
use crate::state::user::User;
use crate::state::visible::Visible;

use super::Server;

/// A history that somebody may read, from where on, and as whom.
pub(crate) struct Readable {
    pub(crate) key: TargetKey,
    /// What the target is called now.
    pub(crate) name: String,
    /// Only what comes after this.
    pub(crate) after: EntryId,
    /// What is for a higher rank only stays hidden.
    pub(crate) rank: u8,
}

impl Readable {
    /// The newest messages up to one.
    pub(crate) fn latest(&self, upto: EventId, limit: usize) -> Page {
        Page {
            target: self.key.clone(),
            after: self.after,
            before: EntryId(upto.0 + 1),
            newest: true,
            limit,
            with_events: false,
            rank: self.rank,
        }
    }
}

impl Server {
    /// The store, if anything has a history.
    pub(crate) fn history(&self) -> Option<&Arc<dyn Store>> {
        Some(&self.store).filter(|_| self.config().history.enabled)
    }

    /// The history of a room or of a conversation, if the user may read it. All that the user has
    /// seen is in it.
    pub(crate) fn readable(&self, user: &Arc<User>, target: &str) -> Option<Readable> {
        self.history()?;
        self.sequencer.wait();
        match self.room(target) {
            Some(room) => self.readable_room(user, &room),
            None if ChannelName::is_channel(target) => None,
            None => self.readable_conversation(user, target),
        }
    }

    /// Members read their room's history, and who has a standing role in it, as far back as the room
    /// or the configuration lets them.
    pub(crate) fn readable_room(&self, user: &Arc<User>, room: &Arc<Room>) -> Option<Readable> {
        let state = room.state();
        if !state.has_history || !access::read(&state, user, self.now()) {
            return None;
        }
        let registration = state.settings.registration.as_ref();
        let (account, created) = {
            let profile = user.profile();
            (profile.account_name(), profile.account_created)
        };
        let role = registration.zip(account);
        let role_since = role.as_ref().and_then(|(room, account)| room.role_since(account));
        let role = role.as_ref().and_then(|(room, account)| room.status_of(account));
        let member = state.member(user);
        let since = [member.map(|member| member.since), role_since].into_iter().flatten().min()?;
        let status = member.map_or(role, |member| member.status.highest());
        Some(Readable {
            key: room_key(room),
            name: room.name.as_str().to_owned(),
            after: self.visible_after(&state, since, created),
            rank: status.map_or(0, |status| status as u8 + 1),
        })
    }

    /// What the user's account and somebody else have said to each other. Who has no account is
    /// found as long as it is here.
    fn readable_conversation(&self, user: &Arc<User>, target: &str) -> Option<Readable> {
        user.profile().account.as_ref()?;
        let other = self.user(target);
        let party = other.map_or_else(|| AccountName::new(target), |other| other.party());
        let key = TargetKey::direct(&user.party(), &party);
        Some(Readable { key, name: target.to_owned(), after: EntryId(0), rank: 0 })
    }

    /// `since`: when who asks joined or was given a role. `registered`: since when it has an account.
    fn visible_after(&self, state: &RoomState, since: EventId, registered: Option<u64>) -> EntryId {
        let wanted = state.settings.registration.as_ref().and_then(|it| it.visible);
        // Rooms that are not registered come and go: who makes one anew has no part in what was
        // said in one of the same name.
        let created = EntryId(state.settings.created.0.saturating_sub(1));
        created.max(match wanted.unwrap_or(self.config().history.visible) {
            Visible::All => EntryId(0),
            Visible::SinceJoin => EntryId(since.0),
            Visible::SinceRegistration => EntryId(registered.unwrap_or(since.0)),
        })
    }
}

/// What a room's entries are filed under.
pub(crate) fn room_key(room: &Room) -> TargetKey {
    TargetKey::room(room.name.key().as_str())
}
