//! How far users have read.

use std::sync::Arc;

use chat_protocol::{Capability, LineWriter};
use chat_store::{AccountName, EntryId, StoreError, TargetKey};

use crate::outbound::Delivery;
use crate::state::session::Session;
use crate::state::user::User;

use super::{Server, room_key};

impl Server {
    /// How far a user has read a room, or what somebody said to it. Without an account that lasts
    /// as long as the user is here.
    pub(crate) fn read_marker(
        &self,
        user: &User,
        target: &str,
    ) -> Result<Option<EntryId>, StoreError> {
        let key = self.marker_key(user, target);
        match self.marking_account(user) {
            Some((store, account)) => store.read_marker(&account, &key),
            None => Ok(user.read_marker(key.as_str()).map(EntryId)),
        }
    }

    /// Moves a marker forward, never back; says where it is now.
    pub(crate) fn move_read_marker(
        &self,
        user: &User,
        target: &str,
        read: EntryId,
    ) -> Result<EntryId, StoreError> {
        let key = self.marker_key(user, target);
        match self.marking_account(user) {
            Some((store, account)) => store.move_read_marker(&account, &key, read),
            None => Ok(EntryId(user.move_read_marker(key.as_str(), read.0))),
        }
    }

    /// Tells the user's other sessions that want to know.
    pub(crate) fn show_read_marker(
        &self,
        user: &User,
        session: &Session,
        target: &str,
        time: &str,
        delivery: &mut Delivery,
    ) {
        let mut line = String::new();
        let mut writer = LineWriter::new(&mut line);
        writer.source(self.name()).command("MARKREAD").param(target).param(time).end();
        let sessions = user.sessions();
        let others = sessions.iter().filter(|other| other.id != session.id);
        for other in others.filter(|other| other.has(Capability::ReadMarker)) {
            delivery.append(&other.outbound, line.as_bytes(), false);
        }
    }

    fn marking_account(&self, user: &User) -> Option<(&Arc<dyn chat_store::Store>, AccountName)> {
        let account = user.profile().account.as_deref().map(AccountName::new)?;
        Some((&self.store, account))
    }

    fn marker_key(&self, user: &User, target: &str) -> TargetKey {
        if let Some(room) = self.room(target) {
            return room_key(&room);
        }
        let other = self.user(target).map(|other| other.party());
        TargetKey::direct(&user.party(), &other.unwrap_or_else(|| AccountName::new(target)))
    }
}
