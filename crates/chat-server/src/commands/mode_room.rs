//! MODE of a channel. Modern IRC, "Channel mode".

use std::sync::Arc;

use chat_protocol::mode::{self, ModeChange as Asked};
use chat_protocol::numeric::{
    ERR_CHANOPRIVSNEEDED, ERR_UNKNOWNMODE, RPL_BANLIST, RPL_CHANNELMODEIS, RPL_CREATIONTIME,
    RPL_ENDOFBANLIST, RPL_ENDOFEXCEPTLIST, RPL_ENDOFINVEXLIST, RPL_EXCEPTLIST, RPL_INVEXLIST,
};

use crate::state::access;
use crate::state::event::EventKind;
use crate::state::room::Room;
use crate::state::room_modes::{List, ModeChange, arity};

use super::mode_asking::{Asking, Named};
use super::{Context, Outcome, Reply};

pub(super) fn mode(
    cx: &mut Context<'_>,
    name: &str,
    modes: Option<&str>,
    args: &[&str],
) -> Outcome {
    let room = cx.find_visible_room(name)?;
    let Some(modes) = modes else {
        show(cx, &room);
        return Ok(());
    };
    let user = cx.user();
    let around = ": MODE  \r\n".len() + user.profile().source().len() + room.name.as_str().len();
    let bytes_max = cx.server.line_bytes_max().saturating_sub(around);
    cx.server.expire_lists(&room, Some(cx.client.session.id), cx.delivery);
    let mut refusals = Vec::new();
    let mut lists = Vec::new();
    // Users are looked up before the room is locked: the directory comes first.
    let named: Vec<Named<'_>> = args.iter().map(|arg| (*arg, cx.server.user(arg))).collect();
    cx.server.submit(&room, cx.origin(&user), cx.delivery, |state| {
        let entries_max = cx.server.config().limits.list_entries_max;
        let mut asking = Asking::new(&room, state, &user, &named, entries_max);
        for asked in mode::parse(modes, args, arity) {
            let decided = match asked {
                Ok(Asked { mode, arg: None, .. }) if List::from_mode(mode).is_some() => {
                    lists.extend(List::from_mode(mode).filter(|list| !lists.contains(list)));
                    Ok(())
                }
                Ok(asked) => asking.decide(asked),
                Err(unknown) => Err(Reply::numeric(ERR_UNKNOWNMODE).param(unknown.0)),
            };
            // One refusal of a kind is enough.
            refusals.extend(decided.err().filter(|refusal| !refusals.contains(refusal)));
        }
        let name: Arc<str> = room.name.as_str().into();
        let event = |changes| EventKind::ModesChanged { room: name.clone(), changes };
        Ok::<_, Reply>(lines(asking.into_changes(), bytes_max).into_iter().map(event).collect())
    })?;
    refusals.iter().for_each(|refusal| cx.reply(refusal));
    lists.into_iter().for_each(|list| show_list(cx, &room, list));
    Ok(())
}

/// Changes in groups that each fit one MODE line, in which they may take so many bytes.
pub(super) fn lines(changes: Vec<ModeChange>, bytes_max: usize) -> Vec<Vec<ModeChange>> {
    let mut lines: Vec<Vec<ModeChange>> = Vec::new();
    let mut bytes = 0;
    for change in changes {
        let (modes, args) = ModeChange::wire(std::slice::from_ref(&change));
        let more = modes.len() + args.iter().map(|arg| arg.len() + 1).sum::<usize>();
        match lines.last_mut().filter(|_| bytes + more <= bytes_max) {
            Some(line) => {
                bytes += more;
                line.push(change);
            }
            None => {
                bytes = more;
                lines.push(vec![change]);
            }
        }
    }
    lines
}

fn show(cx: &mut Context<'_>, room: &Room) {
    let state = room.state();
    let with_key = state.member(&cx.user()).is_some();
    let ((modes, args), created) =
        (state.settings.modes.wire(with_key), state.settings.created.seconds().to_string());
    drop(state);
    let name = room.name.as_str();
    let params: Vec<&str> =
        [name, &modes].into_iter().chain(args.iter().map(String::as_str)).collect();
    cx.numeric(RPL_CHANNELMODEIS, &params);
    cx.numeric(RPL_CREATIONTIME, &[name, &created]);
}

/// Bans are shown to everyone who may see the room, the other lists to half-operators and above.
fn show_list(cx: &mut Context<'_>, room: &Room, list: List) {
    let (entry_numeric, end_numeric) = match list {
        List::Ban => (RPL_BANLIST, RPL_ENDOFBANLIST),
        List::Except => (RPL_EXCEPTLIST, RPL_ENDOFEXCEPTLIST),
        List::Invex => (RPL_INVEXLIST, RPL_ENDOFINVEXLIST),
    };
    let name = room.name.as_str();
    let state = room.state();
    let is_allowed = list == List::Ban || access::change_modes(&state, &cx.user()).is_ok();
    let entries = if is_allowed { state.settings.list(list).to_vec() } else { Vec::new() };
    drop(state);
    if !is_allowed {
        return cx.numeric(ERR_CHANOPRIVSNEEDED, &[name]);
    }
    for entry in entries {
        cx.numeric(
            entry_numeric,
            &[name, entry.mask.as_str(), &entry.setter, &entry.set_at.to_string()],
        );
    }
    cx.numeric(end_numeric, &[name]);
}
