//! Which users and rooms there are.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use chat_protocol::{ChannelName, NickKey, Nickname, casemapping};
use chat_store::AccountName;

use crate::lock::lock;
use crate::outbound::Delivery;
use crate::state::room::Room;
use crate::state::session::{Session, SessionId};
use crate::state::settings::Settings;
use crate::state::user::{Profile, User};
use crate::state::whowas::Departed;

use super::Server;

/// The nickname belongs to somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NicknameInUse;

/// Why a new user can't be taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    Nickname,
    /// Its account has a user here, which it is to join.
    Account,
}

impl Server {
    pub(crate) fn user(&self, nickname: &str) -> Option<Arc<User>> {
        let key = casemapping::folded(nickname);
        lock(&self.users).get(&*key).cloned()
    }

    pub(crate) fn users(&self) -> Vec<Arc<User>> {
        lock(&self.users).values().cloned().collect()
    }

    pub(crate) fn user_count(&self) -> usize {
        lock(&self.users).len()
    }

    /// Looks at the users while nobody comes, goes or takes another nickname.
    pub(crate) fn with_users<T>(&self, look: impl FnOnce(&HashMap<NickKey, Arc<User>>) -> T) -> T {
        look(&lock(&self.users))
    }

    /// Gives a nickname to a new user. Watchers are told before anybody else can take it.
    pub(super) fn claim(&self, user: &Arc<User>, delivery: &mut Delivery) -> Result<(), Taken> {
        let account = user.profile().account_name();
        let mut users = lock(&self.users);
        if account.is_some_and(|account| self.user_of_account(&account).is_some()) {
            return Err(Taken::Account);
        }
        let Entry::Vacant(free) = users.entry(user.key()) else { return Err(Taken::Nickname) };
        free.insert(user.clone());
        self.represent(user);
        self.counters.users_are(users.len());
        self.tell_online(user, delivery);
        Ok(())
    }

    /// Gives a user another nickname, or the same in another case. Says what it was until then, if it
    /// is another to the letter and the user has not left.
    pub(super) fn reclaim(
        &self,
        nickname: &Nickname,
        user: &Arc<User>,
        delivery: &mut Delivery,
    ) -> Result<Option<Profile>, NicknameInUse> {
        let mut users = lock(&self.users);
        // Another of its sessions, or the owner of its nickname, may have renamed it just now.
        let before = user.profile().clone();
        if !is_here(&users, user) || before.nickname.as_str() == nickname.as_str() {
            return Ok(None);
        }
        if users.get(&nickname.key()).is_some_and(|owner| owner.id != user.id) {
            return Err(NicknameInUse);
        }
        users.remove(&before.nickname.key());
        users.insert(nickname.key(), user.clone());
        user.profile().rename(nickname.clone());
        if before.nickname != *nickname {
            self.tell_offline(&before.nickname, delivery);
            self.tell_online(user, delivery);
        }
        Ok(Some(before))
    }

    pub(super) fn release(&self, user: &User, delivery: &mut Delivery) {
        let mut users = lock(&self.users);
        if is_here(&users, user) {
            let nickname = user.nickname();
            users.remove(&nickname.key());
            let account = user.profile().account.as_deref().map(AccountName::new);
            if let Some(account) = account {
                self.represents_no_account(user, &account);
            }
            self.tell_offline(&nickname, delivery);
        }
    }

    /// The user of an account that is here.
    pub(crate) fn user_of_account(&self, account: &AccountName) -> Option<Arc<User>> {
        lock(&self.by_account).get(account.key()).cloned()
    }

    /// Lets sessions join this user that log in to its account, unless the account has a user here
    /// already. One that has left represents nobody.
    pub(crate) fn represents_account(&self, user: &Arc<User>) {
        let users = lock(&self.users);
        if is_here(&users, user) {
            self.represent(user);
        }
    }

    /// The users are locked.
    fn represent(&self, user: &Arc<User>) {
        let account = user.profile().account.as_deref().map(AccountName::new);
        if let Some(account) = account {
            lock(&self.by_account).entry(account.key().to_owned()).or_insert_with(|| user.clone());
        }
    }

    /// Undoes [`Server::represents_account`].
    pub(crate) fn represents_no_account(&self, user: &User, account: &AccountName) {
        let mut by_account = lock(&self.by_account);
        if by_account.get(account.key()).is_some_and(|owner| owner.id == user.id) {
            by_account.remove(account.key());
        }
    }

    pub(crate) fn room(&self, name: &str) -> Option<Arc<Room>> {
        let key = casemapping::folded(name);
        lock(&self.rooms).get(&*key).cloned()
    }

    pub(crate) fn rooms(&self) -> Vec<Arc<Room>> {
        lock(&self.rooms).values().cloned().collect()
    }

    pub(crate) fn room_count(&self) -> usize {
        lock(&self.rooms).len()
    }

    /// The room of this name, made if there is none.
    pub(crate) fn room_or_new(&self, name: &ChannelName) -> Arc<Room> {
        let key = name.key();
        let mut rooms = lock(&self.rooms);
        if let Some(room) = rooms.get(&key) {
            return room.clone();
        }
        let room = self.new_room(name);
        rooms.insert(key, room.clone());
        room
    }

    #[inline(never)]
    fn new_room(&self, name: &ChannelName) -> Arc<Room> {
        let now = self.next_event();
        let settings = Box::new(Settings::new(now, None));
        Room::new(name.clone(), settings, self.history().is_some(), now)
    }

    /// Keeps the name of `heir`, which `room` is about to become, from everybody else; `false` if it
    /// is another room's.
    pub(super) fn reserve(&self, room: &Arc<Room>, heir: &Arc<Room>) -> bool {
        match lock(&self.rooms).entry(heir.name.key()) {
            Entry::Vacant(free) => {
                free.insert(heir.clone());
                true
            }
            Entry::Occupied(taken) => Arc::ptr_eq(taken.get(), room),
        }
    }

    /// Puts the room that another has become in its place. Neither lock is held.
    pub(super) fn replace_room(&self, room: &Arc<Room>, heir: &Arc<Room>) {
        let mut rooms = lock(&self.rooms);
        if rooms.get(&room.name.key()).is_some_and(|listed| Arc::ptr_eq(listed, room)) {
            rooms.remove(&room.name.key());
        }
        rooms.insert(heir.name.key(), heir.clone());
    }

    /// Takes a closed room out of the directory. Its lock is not held.
    pub(super) fn remove_room(&self, room: &Arc<Room>) {
        let mut rooms = lock(&self.rooms);
        if rooms.get(&room.name.key()).is_some_and(|listed| Arc::ptr_eq(listed, room)) {
            rooms.remove(&room.name.key());
        }
    }

    pub(crate) fn watch(&self, key: NickKey, session: &Arc<Session>) {
        lock(&self.watchers).add(key, session);
    }

    pub(crate) fn unwatch(&self, key: &NickKey, session: SessionId) {
        lock(&self.watchers).remove(key, session);
    }

    pub(super) fn watchers_of(&self, key: &NickKey) -> Vec<Arc<Session>> {
        lock(&self.watchers).of(key)
    }

    pub(crate) fn whowas(&self, nickname: &str, count: Option<usize>) -> Vec<Departed> {
        lock(&self.whowas).of(&NickKey::of(nickname), count)
    }

    pub(super) fn remember(&self, profile: &Profile) {
        let entries_max = self.config().limits.whowas_entries_max;
        lock(&self.whowas).add(profile, self.now(), entries_max);
    }

    /// Forgets those that are more than are remembered.
    pub(super) fn forget_departed(&self, entries_max: usize) {
        lock(&self.whowas).keep(entries_max);
    }
}

fn is_here(users: &HashMap<NickKey, Arc<User>>, user: &User) -> bool {
    users.get(&user.key()).is_some_and(|listed| listed.id == user.id)
}
