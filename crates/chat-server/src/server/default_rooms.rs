//! The rooms that always exist, when others are configured than before.

use std::sync::Arc;

use chat_protocol::{ChannelName, Membership};

use crate::outbound::Delivery;
use crate::state::event::EventKind;
use crate::state::registration::RegistrationChange;
use crate::state::room::{Room, RoomState};
use crate::state::room_modes::ModeChange;

use super::Server;
use super::history::Unstored;

/// Why a room did not become the server's own, or stayed it.
enum Refusal {
    /// Another of its name is about to be there.
    Gone,
    Unstored(Unstored),
}

impl From<Unstored> for Refusal {
    fn from(why: Unstored) -> Self {
        Self::Unstored(why)
    }
}

impl Server {
    /// Makes the rooms that are configured now and were not before, and lets those go that are
    /// configured no longer.
    pub(super) fn follow_default_rooms(
        &self,
        before: &[ChannelName],
        remarks: &mut Vec<String>,
        delivery: &mut Delivery,
    ) {
        let after = self.config().rooms.default.clone();
        let refused = |name: &ChannelName, why: Unstored| format!("{name} stays as it is: {why}");
        for name in after.iter().filter(|name| !before.contains(name)) {
            match self.make_own(name, delivery) {
                Ok(true) => log::info!("{name} is now the server's own"),
                Ok(false) => remarks.push(format!("{name} stays its founder's")),
                Err(why) => remarks.push(refused(name, why)),
            }
        }
        for room in before.iter().filter(|name| !after.contains(name)) {
            let Some(room) = self.room(room.as_str()) else { continue };
            match self.let_go_of(&room, delivery) {
                Ok(()) => log::info!("{} is no longer the server's own", room.name),
                Err(why) => remarks.push(refused(&room.name, why)),
            }
        }
    }

    /// `false` if it is somebody's. Nobody has a status in it any more.
    fn make_own(&self, name: &ChannelName, delivery: &mut Delivery) -> Result<bool, Unstored> {
        loop {
            let room = self.room_or_new(name);
            let mut is_own = true;
            let made = self.submit(&room, self.by_chanserv(None), delivery, |state| {
                if state.closed {
                    return Err(Refusal::Gone);
                }
                is_own = state.settings.registration.is_none() || state.settings.is_servers_own();
                let is_new = state.settings.registration.is_none();
                Ok(if is_new { becoming_own(&room, state) } else { Vec::new() })
            });
            match made {
                Ok(_) => return Ok(is_own),
                Err(Refusal::Gone) => std::thread::yield_now(),
                Err(Refusal::Unstored(why)) => return Err(why),
            }
        }
    }

    fn let_go_of(&self, room: &Arc<Room>, delivery: &mut Delivery) -> Result<(), Unstored> {
        let dropped = self.submit(room, self.by_chanserv(None), delivery, |state| {
            let dropped = EventKind::RegistrationChanged(RegistrationChange::Dropped);
            let is_own = state.settings.is_servers_own();
            Ok::<_, Unstored>(is_own.then_some(dropped).into_iter().collect())
        });
        dropped.map(drop)
    }
}

fn becoming_own(room: &Room, state: &RoomState) -> Vec<EventKind> {
    let registered = RegistrationChange::Registered { founder: None };
    let statuses = state.members.values().flat_map(|member| {
        let held = Membership::ALL.into_iter().filter(|status| member.status.contains(*status));
        held.map(|status| {
            let (user, nickname) = (member.user.id, member.user.nickname().to_string());
            let change = ModeChange::Status { status, adding: false, user, nickname };
            EventKind::ModesChanged { room: room.name.as_str().into(), changes: vec![change] }
        })
    });
    let registered = EventKind::RegistrationChanged(registered);
    std::iter::once(registered).chain(statuses).collect()
}
