//! NAMES. Modern IRC, "NAMES message".

use chat_protocol::numeric::{RPL_ENDOFNAMES, RPL_NAMREPLY};
use chat_protocol::{Capability, Message};

use crate::state::room::{Member, Room, RoomState};
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
    let symbol = if state.modes.has(Flag::Secret) { "@" } else { "=" };
    let is_member = state.member(&cx.user()).is_some();
    let (all_prefixes, with_host) =
        (cx.has(Capability::MultiPrefix), cx.has(Capability::UserhostInNames));
    let members = state.members.values();
    let names = members.filter_map(|member| shown(member, is_member, all_prefixes, with_host));
    cx.numeric_list(RPL_NAMREPLY, &[symbol, room.name.as_str()], ' ', names);
}

fn shown(member: &Member, to_member: bool, all_prefixes: bool, with_host: bool) -> Option<String> {
    let profile = member.user.profile();
    if profile.modes.invisible && !to_member {
        return None;
    }
    let mut name: String = member.status.prefixes(all_prefixes).collect();
    name.push_str(if with_host { profile.source() } else { profile.nickname.as_str() });
    Some(name)
}
