//! NAMES. Modern IRC, "NAMES message".

use chat_protocol::Message;
use chat_protocol::numeric::{RPL_ENDOFNAMES, RPL_NAMREPLY};

use crate::render::member_name;
use crate::state::room::{Room, RoomState};
use crate::state::room_modes::Flag;

use super::{Context, Outcome};

pub(super) fn names(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let Some(list) = message.params.first() else {
        cx.numeric(RPL_ENDOFNAMES, &["*"]);
        return Ok(());
    };
    for name in cx.targets(list)? {
        if let Ok(room) = cx.find_visible_room(name) {
            let state = room.state();
            show_members(cx, &room, &state);
        }
    }
    cx.numeric(RPL_ENDOFNAMES, &[list]);
    Ok(())
}

/// The names of one room, as JOIN shows them.
pub(super) fn show(cx: &mut Context<'_>, room: &Room, state: &RoomState) {
    show_members(cx, room, state);
    cx.numeric(RPL_ENDOFNAMES, &[room.name.as_str()]);
}

/// The room is locked until they are on their way, so that nobody's coming or
/// going is seen on the wrong side of them.
fn show_members(cx: &mut Context<'_>, room: &Room, state: &RoomState) {
    let symbol = if state.settings.modes.has(Flag::Secret) { "@" } else { "=" };
    let is_member = state.member(&cx.user()).is_some();
    let capabilities = cx.client.session.capabilities();
    let members = state.members.values();
    let names = members.filter_map(|member| member_name(member, is_member, capabilities));
    cx.numeric_list(RPL_NAMREPLY, &[symbol, room.name.as_str()], ' ', names);
}
