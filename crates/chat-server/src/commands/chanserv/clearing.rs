//! CLEAR.

use std::sync::Arc;

use chat_protocol::Membership;

use crate::commands::context::cut;
use crate::commands::mode_room::lines;
use crate::state::event::EventKind;
use crate::state::registration::{RegistrationChange, Standing};
use crate::state::room::{Member, Room, RoomState};
use crate::state::room_modes::{List, ModeChange};
use crate::state::user::User;

use super::{Answer, Context, OWNER, authorized, change, find, say, standing, submit};

/// `CLEAR #room USERS [reason]`, `CLEAR #room BANS`, `CLEAR #room ACCESS`
pub(super) fn clear(cx: &mut Context<'_>, params: &[&str]) -> Answer {
    let room = find(cx, params[0])?;
    match params[1].to_ascii_uppercase().as_str() {
        "USERS" => users(cx, &room, &params[2..].join(" ")),
        "BANS" => bans(cx, &room),
        "ACCESS" => {
            change(cx, &room, Standing::Founder, RegistrationChange::AccessCleared)?;
            say(cx, &format!("No account has a standing role in {} any more", room.name));
            Ok(())
        }
        _ => Err("Say CLEAR #room USERS, BANS or ACCESS".to_owned()),
    }
}

/// Everybody but who asks for it and who is more.
fn users(cx: &mut Context<'_>, room: &Arc<Room>, reason: &str) -> Answer {
    let reason = cut(reason, cx.server.config().limits.reason_bytes_max);
    let reason = if reason.is_empty() { "Cleared" } else { reason }.to_owned();
    let mut targets = Vec::new();
    submit(cx, room, |state, user| {
        let own = authorized(room, state, user, OWNER)?;
        let others = state.members.values().filter(|it| is_below(state, user, it, own));
        targets.extend(others.clone().map(|member| member.user.clone()));
        let kick = |member: &Member| EventKind::Kicked {
            room: room.name.as_str().into(),
            user: member.user.id,
            nickname: member.user.nickname().to_string(),
            reason: reason.clone(),
        };
        Ok(others.map(kick).collect())
    })?;
    targets.iter().for_each(|target| cx.server.remember_rooms(target));
    say(cx, &format!("Removed from {}: {}", room.name, targets.len()));
    Ok(())
}

fn is_below(state: &RoomState, user: &User, member: &Member, own: Standing) -> bool {
    member.user.id != user.id && standing(state, &member.user) <= own
}

fn bans(cx: &mut Context<'_>, room: &Arc<Room>) -> Answer {
    let chanserv = cx.server.by_chanserv(None).user.profile().source().len();
    let around = chanserv + room.name.as_str().len() + ": MODE  \r\n".len();
    let bytes_max = cx.server.line_bytes_max().saturating_sub(around);
    let mut removed = 0;
    submit(cx, room, |state, user| {
        authorized(room, state, user, Standing::Role(Membership::Op))?;
        let entries = state.settings.list(List::Ban).iter();
        let remove = |mask| ModeChange::List { list: List::Ban, adding: false, mask };
        let changes: Vec<_> = entries.map(|entry| remove(entry.mask.clone())).collect();
        removed = changes.len();
        let name: Arc<str> = room.name.as_str().into();
        let event = |changes| EventKind::ModesChanged { room: name.clone(), changes };
        Ok(lines(changes, bytes_max).into_iter().map(event).collect())
    })?;
    say(cx, &format!("Bans removed from {}: {removed}", room.name));
    Ok(())
}
