//! RENAME. IRCv3, "channel-rename".

use chat_protocol::{ChannelName, Message};

use crate::state::access;
use crate::state::room::{Room, RoomState};

use super::context::{cut, not_on_channel};
use super::{Context, Outcome, Reply};

pub(super) fn rename(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let (from, to) = (message.params[0], message.params[1]);
    let room = cx.find_visible_room(from)?;
    let user = cx.user();
    let reason = message.params.get(2).copied().unwrap_or_default();
    let reason = cut(reason, cx.server.config().limits.reason_bytes_max);
    let refused = |why: String| {
        Reply::fail("RENAME", "CANNOT_RENAME", why).param(room.name.as_str()).param(to)
    };
    let allow = |state: &RoomState| {
        if state.closed || state.member(&user).is_none() {
            return Err(not_on_channel(&room));
        }
        let allowed = access::rename(state, &user);
        allowed.map_err(|numeric| Reply::numeric(numeric).param(room.name.as_str()))?;
        if state.settings.is_servers_own() && cx.server.config().rooms.default.contains(&room.name)
        {
            return Err(refused("The name of this room is configured".to_owned()));
        }
        Ok(())
    };
    allow(&room.state())?;
    let name = ChannelName::parse(to, cx.server.config().limits.channel_chars_max)
        .map_err(|error| refused(format!("It can't be called this: {error}")))?;
    if name.as_str() == room.name.as_str() {
        return Err(refused("It is called this already".to_owned()));
    }
    let in_use = || in_use(&room, &name);
    let origin = cx.origin(&user);
    cx.server.rename_room(&room, (&name, reason), origin, cx.delivery, allow, in_use)
}

fn in_use(room: &Room, name: &ChannelName) -> Reply {
    let why = "There is a room of this name already";
    let reply = Reply::fail("RENAME", "CHANNEL_NAME_IN_USE", why);
    reply.param(room.name.as_str()).param(name.as_str())
}
