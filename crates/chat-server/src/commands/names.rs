//! NAMES. Modern IRC, "NAMES message".

use chat_protocol::numeric::{RPL_ENDOFNAMES, RPL_NAMREPLY};
use chat_protocol::{Capability, Message};

use crate::state::room::{Member, Room, RoomState};
use crate::state::room_modes::Flag;

use super::{Context, Outcome, Reply};

/// The most bytes of names in one line, so that the line stays below 512.
const NAMES_BYTES_MAX: usize = 300;

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
    let mut line = String::new();
    for member in state.members.values() {
        let Some(name) = shown(member, is_member, all_prefixes, with_host) else { continue };
        if !line.is_empty() && line.len() + 1 + name.len() > NAMES_BYTES_MAX {
            send(cx, room, symbol, &std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&name);
    }
    if !line.is_empty() {
        send(cx, room, symbol, &line);
    }
}

fn send(cx: &mut Context<'_>, room: &Room, symbol: &str, names: &str) {
    cx.reply(&Reply::numeric(RPL_NAMREPLY).param(symbol).param(room.name.as_str()).text(names));
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
