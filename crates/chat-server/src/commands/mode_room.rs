//! MODE of a channel. Modern IRC, "Channel mode".

use std::sync::Arc;

use chat_protocol::mode::{self, ModeChange as Asked};
use chat_protocol::numeric::{
    ERR_BANLISTFULL, ERR_INVALIDKEY, ERR_INVALIDMODEPARAM, ERR_NEEDMOREPARAMS, ERR_UNKNOWNMODE,
    ERR_USERNOTINCHANNEL, RPL_BANLIST, RPL_CHANNELMODEIS, RPL_CREATIONTIME, RPL_ENDOFBANLIST,
    RPL_ENDOFEXCEPTLIST, RPL_ENDOFINVEXLIST, RPL_EXCEPTLIST, RPL_INVEXLIST,
};
use chat_protocol::{Mask, Membership, Numeric};

use crate::server::{KEY_CHARS_MAX, MODES_MAX};
use crate::state::access;
use crate::state::event::EventKind;
use crate::state::room::{Room, RoomState};
use crate::state::room_modes::{Flag, List, ModeChange, arity};
use crate::state::user::User;

use super::context::not_on_channel;
use super::{Context, Outcome, Reply};

/// The most bytes of a mask.
const MASK_BYTES_MAX: usize = 120;
/// The most bytes of the arguments in one MODE line, so that it stays below 512.
const ARGS_BYTES_MAX: usize = 200;

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
    let mut refusals = Vec::new();
    let mut lists = Vec::new();
    // Users are looked up before the room is locked: the directory comes first.
    let named: Vec<Option<Arc<User>>> = args.iter().map(|arg| cx.server.user(arg)).collect();
    cx.server.submit(&room, cx.origin(&user), cx.delivery, |state| {
        let entries_max = cx.server.config.limits.list_entries_max;
        let mut asking = Asking {
            room: &room,
            state,
            user: &user,
            args,
            named: &named,
            entries_max,
            changes: vec![],
        };
        for asked in mode::parse(modes, args, arity) {
            let decided = match asked {
                Ok(Asked { mode, arg: None, .. }) if List::from_mode(mode).is_some() => {
                    lists.extend(List::from_mode(mode));
                    Ok(())
                }
                Ok(asked) => asking.decide(asked),
                Err(unknown) => Err(Reply::numeric(ERR_UNKNOWNMODE).param(unknown.0)),
            };
            refusals.extend(decided.err());
        }
        let room: Arc<str> = room.name.as_str().into();
        let lines = lines(asking.changes);
        Ok::<_, Reply>(
            lines
                .into_iter()
                .map(|changes| EventKind::ModesChanged { room: room.clone(), changes })
                .collect(),
        )
    })?;
    // One refusal of a kind is enough.
    refusals.dedup();
    refusals.iter().for_each(|refusal| cx.reply(refusal));
    lists.into_iter().for_each(|list| show_list(cx, &room, list));
    Ok(())
}

/// One MODE command being decided on.
struct Asking<'a> {
    room: &'a Room,
    state: &'a RoomState,
    user: &'a User,
    args: &'a [&'a str],
    named: &'a [Option<Arc<User>>],
    entries_max: usize,
    changes: Vec<ModeChange>,
}

impl Asking<'_> {
    fn decide(&mut self, asked: Asked<'_>) -> Outcome {
        if self.state.member(self.user).is_none() {
            return Err(not_on_channel(self.room));
        }
        let change =
            match (Membership::from_mode(asked.mode), List::from_mode(asked.mode), asked.arg) {
                (Some(status), _, Some(nickname)) => self.status(status, asked.adding, nickname)?,
                (Some(_), _, None) => return Err(Reply::numeric(ERR_NEEDMOREPARAMS).param("MODE")),
                (_, Some(list), Some(mask)) => self.list(list, asked.adding, mask)?,
                _ => self.setting(asked)?,
            };
        if let Some(change) = change.filter(|_| self.changes.len() < MODES_MAX) {
            self.changes.push(change);
        }
        Ok(())
    }

    fn status(
        &self,
        status: Membership,
        adding: bool,
        nickname: &str,
    ) -> Result<Option<ModeChange>, Reply> {
        let at = self.args.iter().position(|arg| *arg == nickname);
        let target = at.and_then(|at| self.named[at].as_ref());
        // Who may do nothing here learns nothing about who is online.
        let is_own = target.is_some_and(|target| target.id == self.user.id);
        if !is_own {
            self.allowed(access::change_modes(self.state, self.user))?;
        }
        let target = target.ok_or_else(|| {
            Reply::numeric(chat_protocol::numeric::ERR_NOSUCHNICK).param(nickname)
        })?;
        self.allowed(access::change_status(self.state, self.user, target, status, adding))?;
        let Some(member) = self.state.member(target) else {
            return Err(Reply::numeric(ERR_USERNOTINCHANNEL)
                .param(nickname)
                .param(self.room.name.as_str()));
        };
        let nickname = target.nickname().as_str().to_owned();
        let change = ModeChange::Status { status, adding, user: target.id, nickname };
        Ok((member.status.contains(status) != adding).then_some(change))
    }

    fn list(&self, list: List, adding: bool, mask: &str) -> Result<Option<ModeChange>, Reply> {
        self.allowed(access::change_modes(self.state, self.user))?;
        if mask.len() > MASK_BYTES_MAX || mask.contains(' ') || mask.is_empty() {
            return Err(self.invalid(list.mode(), mask, "A mask has 1 to 120 bytes and no space"));
        }
        let mask = Mask::of_source(mask);
        let is_listed = self.state.list(list).iter().any(|entry| entry.mask == mask);
        if is_listed == adding {
            return Ok(None);
        }
        let entries: usize = [List::Ban, List::Except, List::Invex]
            .map(|list| self.state.list(list).len())
            .iter()
            .sum();
        if adding && entries + self.changes.len() >= self.entries_max {
            let full = Reply::numeric(ERR_BANLISTFULL).param(self.room.name.as_str());
            return Err(full.param(mask.as_str()));
        }
        Ok(Some(ModeChange::List { list, adding, mask }))
    }

    fn setting(&self, asked: Asked<'_>) -> Result<Option<ModeChange>, Reply> {
        self.allowed(access::change_modes(self.state, self.user))?;
        let modes = &self.state.modes;
        match (asked.mode, asked.adding) {
            ('k', true) => {
                let key =
                    asked.arg.ok_or_else(|| Reply::numeric(ERR_NEEDMOREPARAMS).param("MODE"))?;
                let is_key = (1..=KEY_CHARS_MAX).contains(&key.chars().count())
                    && !key.contains([' ', ',', ':'])
                    && !key.contains(char::is_control);
                if !is_key {
                    return Err(Reply::numeric(ERR_INVALIDKEY).param(self.room.name.as_str()));
                }
                Ok((modes.key.as_deref() != Some(key))
                    .then(|| ModeChange::Key(Some(key.to_owned()))))
            }
            ('k', false) => Ok(modes.key.is_some().then_some(ModeChange::Key(None))),
            ('l', true) => {
                let arg =
                    asked.arg.ok_or_else(|| Reply::numeric(ERR_NEEDMOREPARAMS).param("MODE"))?;
                let limit = arg.parse().ok().filter(|&limit: &u32| limit > 0);
                let limit = limit
                    .ok_or_else(|| self.invalid('l', arg, "A limit is a number of at least 1"))?;
                Ok((modes.limit != Some(limit)).then_some(ModeChange::Limit(Some(limit))))
            }
            ('l', false) => Ok(modes.limit.is_some().then_some(ModeChange::Limit(None))),
            (mode, on) => {
                let flag = Flag::from_mode(mode)
                    .expect("arity() knows this mode, and it is none of the others");
                Ok((modes.has(flag) != on).then_some(ModeChange::Flag { flag, on }))
            }
        }
    }

    fn allowed(&self, decision: Result<(), Numeric>) -> Outcome {
        decision.map_err(|numeric| Reply::numeric(numeric).param(self.room.name.as_str()))
    }

    fn invalid(&self, mode: char, arg: &str, text: &str) -> Reply {
        Reply::numeric(ERR_INVALIDMODEPARAM)
            .param(self.room.name.as_str())
            .param(mode)
            .param(arg)
            .fill(&[text])
    }
}

/// Changes in groups that each fit one MODE line.
fn lines(changes: Vec<ModeChange>) -> Vec<Vec<ModeChange>> {
    let mut lines: Vec<Vec<ModeChange>> = Vec::new();
    let mut bytes = 0;
    for change in changes {
        let more: usize =
            ModeChange::wire(std::slice::from_ref(&change)).1.iter().map(|arg| arg.len() + 1).sum();
        match lines.last_mut().filter(|_| bytes + more <= ARGS_BYTES_MAX) {
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
    let ((modes, args), created) = (state.modes.wire(with_key), state.created.to_string());
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
    let entries = if is_allowed { state.list(list).to_vec() } else { Vec::new() };
    drop(state);
    if !is_allowed {
        return cx.numeric(chat_protocol::numeric::ERR_CHANOPRIVSNEEDED, &[name]);
    }
    for entry in entries {
        cx.numeric(
            entry_numeric,
            &[name, entry.mask.as_str(), &entry.setter, &entry.set_at.to_string()],
        );
    }
    cx.numeric(end_numeric, &[name]);
}
