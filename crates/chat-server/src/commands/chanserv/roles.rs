//! OP, HALFOP, VOICE and their opposites: the statuses of who is there.

use std::sync::Arc;

use chat_protocol::Membership;

use crate::state::event::EventKind;
use crate::state::registration::Standing;
use crate::state::room::{Room, RoomState};
use crate::state::room_modes::ModeChange;
use crate::state::user::User;

use super::{Answer, Context, authorized, find, registration, standing, submit};

pub(super) fn op(cx: &mut Context<'_>, params: &[&str]) -> Answer {
    each(cx, params, Membership::Op, true)
}

pub(super) fn deop(cx: &mut Context<'_>, params: &[&str]) -> Answer {
    each(cx, params, Membership::Op, false)
}

pub(super) fn halfop(cx: &mut Context<'_>, params: &[&str]) -> Answer {
    each(cx, params, Membership::HalfOp, true)
}

pub(super) fn dehalfop(cx: &mut Context<'_>, params: &[&str]) -> Answer {
    each(cx, params, Membership::HalfOp, false)
}

pub(super) fn voice(cx: &mut Context<'_>, params: &[&str]) -> Answer {
    each(cx, params, Membership::Voice, true)
}

pub(super) fn devoice(cx: &mut Context<'_>, params: &[&str]) -> Answer {
    each(cx, params, Membership::Voice, false)
}

/// `[#room, nickname...]`; without a nickname, oneself.
fn each(cx: &mut Context<'_>, params: &[&str], status: Membership, adding: bool) -> Answer {
    let room = find(cx, params[0])?;
    let targets_max = cx.server.config().limits.targets_max;
    if params.len() - 1 > targets_max {
        return Err(format!("At most {targets_max} nicknames at a time"));
    }
    let own = cx.client_name();
    let nicknames = if params.len() > 1 { &params[1..] } else { &[own.as_str()][..] };
    for nickname in nicknames {
        let target = cx.server.user(nickname).ok_or_else(|| not_there(&room, nickname))?;
        submit(cx, &room, |state, user| change(&room, state, user, &target, status, adding))?;
    }
    Ok(())
}

fn change(
    room: &Room,
    state: &RoomState,
    user: &User,
    target: &Arc<User>,
    status: Membership,
    adding: bool,
) -> Result<Vec<EventKind>, String> {
    // Voice is given by half-operators, the rest by operators; one's own status is given up freely.
    let needed = match status {
        Membership::Voice => Membership::HalfOp,
        higher => higher.max(Membership::Op),
    };
    registration(room, state)?;
    let is_own = user.id == target.id;
    let own = match is_own && !adding {
        true => Standing::Oper,
        false if is_own => authorized(room, state, user, Standing::Role(status))?,
        false => authorized(room, state, user, Standing::Role(needed))?,
    };
    let nickname = target.nickname().to_string();
    let Some(member) = state.member(target) else { return Err(not_there(room, &nickname)) };
    let theirs = Standing::Role(member.status.highest().unwrap_or(Membership::Voice));
    let is_higher = !is_own && (theirs > own || standing_of(state, target) > own);
    if !adding && is_higher {
        return Err(format!("{nickname} is more in {} than you", room.name));
    }
    if member.status.contains(status) == adding {
        return Ok(Vec::new());
    }
    let changes = vec![ModeChange::Status { status, adding, user: target.id, nickname }];
    Ok(vec![EventKind::ModesChanged { room: room.name.as_str().into(), changes }])
}

fn standing_of(state: &RoomState, target: &User) -> Standing {
    standing(state, target).min(Standing::Founder)
}

fn not_there(room: &Room, nickname: &str) -> String {
    format!("{nickname} is not in {}", room.name)
}
