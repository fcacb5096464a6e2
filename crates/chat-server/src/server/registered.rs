//! Rooms that are there before anybody joins them: those that were stored, and the server's own.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use anyhow::Context as _;
use chat_protocol::{ChannelKey, Membership, Nickname};
use chat_store::{AccountName, Record, Store};

use crate::accounts::name::CHANSERV;
use crate::config::Config;
use crate::outbound::Delivery;
use crate::state::event::{EventId, EventKind};
use crate::state::registration::Registration;
use crate::state::room::{Room, RoomState};
use crate::state::room_modes::ModeChange;
use crate::state::session::SessionId;
use crate::state::settings::Settings;
use crate::state::user::{Profile, User, UserId};

use super::history::Unstored;
use super::{Origin, Server, room_record};

/// Reads back the rooms that last, and adds the configured ones. One that was the server's own and
/// is no longer configured is left out.
pub(super) fn rooms(
    config: &Config,
    store: &dyn Store,
    now: EventId,
) -> anyhow::Result<HashMap<ChannelKey, Arc<Room>>> {
    let keeps_history = config.history.enabled;
    let (mut rooms, mut new) = (HashMap::new(), Vec::new());
    for record in store.rooms().context("the stored rooms can't be read")? {
        let (name, mut settings) = room_record::read(&record)
            .map_err(|why| anyhow::anyhow!("the stored room {:?}: {why}", record.name))?;
        forget_gone_accounts(&mut settings, store)?;
        if settings.is_servers_own() && !config.rooms.default.contains(&name) {
            log::info!("{name} was the server's own and is no longer configured");
            continue;
        }
        rooms.insert(name.key(), Room::new(name, Box::new(settings), keeps_history, now));
    }
    for name in &config.rooms.default {
        if let Entry::Vacant(vacant) = rooms.entry(name.key()) {
            let settings = Settings::new(now, Some(Registration::new(None, now)));
            new.extend(room_record::write(name, &settings).map(Record::Room));
            vacant.insert(Room::new(name.clone(), Box::new(settings), keeps_history, now));
        }
    }
    // Since when they are there decides what of their history is theirs.
    store.commit(&new).context("the configured rooms can't be stored")?;
    Ok(rooms)
}

/// A user that is in no room and has no session.
pub(super) fn chanserv(server_name: &str, now: EventId) -> Arc<User> {
    let nickname = Nickname::parse(CHANSERV, usize::MAX).expect("its name is a nickname");
    let profile = Profile::new(nickname, CHANSERV, server_name, CHANSERV, now.seconds());
    User::new(UserId(0), now, profile, None)
}

impl Server {
    /// ChanServ, as who makes something happen; `session` is answered by it.
    pub(crate) fn by_chanserv(&self, session: Option<SessionId>) -> Origin<'_> {
        Origin { user: &self.chanserv, session }
    }

    /// The rooms that an account has founded.
    pub(crate) fn founded_by(&self, account: &AccountName) -> Vec<Arc<Room>> {
        let is_founder = |state: &RoomState| {
            let registration = state.settings.registration.as_ref();
            registration.is_some_and(|it| it.founder.as_ref() == Some(account))
        };
        self.rooms().into_iter().filter(|room| is_founder(&room.state())).collect()
    }

    /// What happens when a user enters a room: who makes one is its operator; in a registered one,
    /// roles go by the account.
    pub(crate) fn joined(&self, room: &Room, state: &RoomState, user: &User) -> EventKind {
        let giver = self.chanserv.profile().source().clone();
        let profile = user.profile();
        let (status, given_by) = match &state.settings.registration {
            None => (state.members.is_empty().then_some(Membership::Op), None),
            Some(registration) => {
                let account = profile.account_name();
                let status = account.and_then(|account| registration.status_of(&account));
                (status, status.map(|_| giver))
            }
        };
        EventKind::Joined {
            room: room.name.as_str().into(),
            realname: profile.realname.clone(),
            status: status.into_iter().collect(),
            given_by,
            away: profile.away.clone(),
        }
    }

    /// Takes away the entries of a room's lists whose time is over, if there are any.
    pub(crate) fn expire_lists(
        &self,
        room: &Arc<Room>,
        session: Option<SessionId>,
        delivery: &mut Delivery,
    ) {
        let now = self.now();
        if room.state().settings.expired(now).is_empty() {
            return;
        }
        let name: Arc<str> = room.name.as_str().into();
        let expired = self.submit(room, self.by_chanserv(session), delivery, |state| {
            let changes = state.settings.expired(now).into_iter();
            let event =
                |change| EventKind::ModesChanged { room: name.clone(), changes: vec![change] };
            Ok::<_, Unstored>(changes.map(event).collect())
        });
        if let Err(why) = expired {
            log::debug!("what is over in {name} stays listed, since it can't be stored: {why}");
        }
    }

    /// Gives a user the role of its account in one room, if it is there.
    pub(crate) fn grant_role(
        &self,
        room: &Arc<Room>,
        user: &Arc<User>,
        session: Option<SessionId>,
        delivery: &mut Delivery,
    ) {
        let granted = self.submit(room, self.by_chanserv(session), delivery, |state| {
            let change = missing_role(state, user);
            let room = room.name.as_str().into();
            let event = |change| EventKind::ModesChanged { room, changes: vec![change] };
            Ok::<_, Unstored>(change.map(event).into_iter().collect())
        });
        if let Err(why) = granted {
            log::debug!("a role in {} was not given: {why}", room.name);
        }
    }
}

fn missing_role(state: &RoomState, user: &User) -> Option<ModeChange> {
    let member = state.member(user)?;
    let (account, nickname) = {
        let profile = user.profile();
        (profile.account_name()?, profile.nickname.to_string())
    };
    let status = state.settings.registration.as_ref()?.status_of(&account)?;
    let is_missing = !member.status.contains(status);
    is_missing.then_some(ModeChange::Status { status, adding: true, user: user.id, nickname })
}

/// Who comes later and takes the name of an account that is gone has none of its roles.
fn forget_gone_accounts(settings: &mut Settings, store: &dyn Store) -> anyhow::Result<()> {
    let Some(registration) = &mut settings.registration else { return Ok(()) };
    let is_gone = |account: &AccountName| -> anyhow::Result<bool> {
        Ok(store.account(account).context("the accounts can't be read")?.is_none())
    };
    if registration.founder.as_ref().map(is_gone).transpose()? == Some(true) {
        registration.founder = None;
    }
    if registration.offered_to.as_ref().map(is_gone).transpose()? == Some(true) {
        registration.offered_to = None;
    }
    let mut gone = Vec::new();
    for access in registration.access.values() {
        if is_gone(&access.account)? {
            gone.push(access.account.key().to_owned());
        }
    }
    gone.iter().for_each(|key| {
        registration.access.remove(key);
    });
    Ok(())
}
