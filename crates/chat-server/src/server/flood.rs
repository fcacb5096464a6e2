//! Who says more in a room than that takes (mode `f`) is removed from it.

use std::sync::Arc;

use crate::outbound::Delivery;
use crate::state::event::EventKind;
use crate::state::list_mask::ListMask;
use crate::state::room::{Room, RoomState};
use crate::state::room_flood::{Answer, LineFlood};
use crate::state::room_modes::{List, ModeChange};
use crate::state::user::User;

use super::Server;
use super::history::Unstored;

/// How long a ban for it counts.
const BAN_MINUTES: u32 = 15;

impl Server {
    /// Kicks somebody, or bans and kicks it, if that is what the room has for who says too much.
    pub(crate) fn answer_flood(
        &self,
        room: &Arc<Room>,
        user: &Arc<User>,
        flood: LineFlood,
        delivery: &mut Delivery,
    ) {
        if flood.answer == Answer::Refuse {
            return;
        }
        let answered = self.submit(room, self.by_chanserv(None), delivery, |state| {
            if state.member(user).is_none() {
                return Ok(Vec::new());
            }
            let ban = (flood.answer == Answer::Ban).then(|| self.ban(state, user)).flatten();
            let banned = ban.map(|change| EventKind::ModesChanged {
                room: room.name.as_str().into(),
                changes: vec![change],
            });
            let kicked = EventKind::Kicked {
                room: room.name.as_str().into(),
                user: user.id,
                nickname: user.nickname().to_string(),
                reason: format!("Flood: {}", flood.why()),
            };
            Ok::<_, Unstored>(banned.into_iter().chain([kicked]).collect())
        });
        match answered {
            Ok(_) => self.remember_rooms(user),
            Err(why) => log::warn!("who floods {} stays there: {why}", room.name),
        }
    }

    /// A ban of somebody by its account, or else by its host, if the list has room for it.
    fn ban(&self, state: &RoomState, user: &User) -> Option<ModeChange> {
        let entries: usize = List::ALL.iter().map(|list| state.settings.list(*list).len()).sum();
        if entries >= self.config().limits.list_entries_max {
            return None;
        }
        let whom = {
            let profile = user.profile();
            match &profile.account {
                Some(account) => format!("~a:{account}"),
                None => format!("*!*@{}", profile.hostname),
            }
        };
        let mask = ListMask::parse(&format!("~t:{BAN_MINUTES}:{whom}"))?;
        Some(ModeChange::List { list: List::Ban, adding: true, mask })
    }
}
