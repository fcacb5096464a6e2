//! What a MODE of a channel asks for, decided change by change.

use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::Arc;

use chat_protocol::mode::ModeChange as Asked;
use chat_protocol::numeric::{
    ERR_BANLISTFULL, ERR_INVALIDKEY, ERR_INVALIDMODEPARAM, ERR_NEEDMOREPARAMS, ERR_NOSUCHNICK,
    ERR_USERNOTINCHANNEL,
};
use chat_protocol::{Membership, Numeric};

use crate::server::{KEY_CHARS_MAX, MODES_MAX};
use crate::state::access;
use crate::state::list_mask::ListMask;
use crate::state::room::{Room, RoomState};
use crate::state::room_flood;
use crate::state::room_modes::{Flag, List, ModeChange, RoomModes};
use crate::state::user::User;

use super::context::not_on_channel;
use super::{Outcome, Reply};

/// The most bytes of a mask.
const MASK_BYTES_MAX: usize = 120;

/// An argument, and the user of that nickname if there is one.
pub(super) type Named<'a> = (&'a str, Option<Arc<User>>);

/// A change, or nothing where it would change nothing.
type Decision = Result<Option<ModeChange>, Reply>;

/// One MODE command being decided on. What the user may do is what it might before the command;
/// what there is to change is what the command's earlier changes left.
pub(super) struct Asking<'a> {
    room: &'a Room,
    state: &'a RoomState,
    user: &'a User,
    named: &'a [Named<'a>],
    entries_max: usize,
    modes: RoomModes,
    changes: Vec<ModeChange>,
    /// Changes with an argument; more than [`MODES_MAX`] are left out.
    with_argument: usize,
}

impl<'a> Asking<'a> {
    pub(super) fn new(
        room: &'a Room,
        state: &'a RoomState,
        user: &'a User,
        named: &'a [Named<'a>],
        entries_max: usize,
    ) -> Self {
        Self {
            room,
            state,
            user,
            named,
            entries_max,
            modes: state.settings.modes.clone(),
            changes: vec![],
            with_argument: 0,
        }
    }

    /// Adds a change if it is allowed and changes something.
    pub(super) fn decide(&mut self, asked: Asked<'_>) -> Outcome {
        if self.state.member(self.user).is_none() {
            return Err(not_on_channel(self.room));
        }
        let list = List::from_mode(asked.mode);
        let change = match (Membership::from_mode(asked.mode), list, asked.arg) {
            (Some(status), _, Some(nickname)) => self.status(status, asked.adding, nickname)?,
            (Some(_), _, None) => return Err(needs_argument()),
            (_, Some(list), Some(mask)) => self.list(list, asked.adding, mask)?,
            _ => self.setting(asked)?,
        };
        let Some(change) = change else { return Ok(()) };
        if asked.arg.is_some() {
            if self.with_argument == MODES_MAX {
                return Ok(());
            }
            self.with_argument += 1;
        }
        self.modes.change(&change);
        self.changes.push(change);
        Ok(())
    }

    /// The changes in their order.
    pub(super) fn into_changes(self) -> Vec<ModeChange> {
        self.changes
    }

    fn status(&self, status: Membership, adding: bool, nickname: &str) -> Decision {
        let named = self.named.iter().find(|(arg, _)| *arg == nickname);
        let target = named.and_then(|(_, user)| user.as_ref());
        // Who may do nothing here learns nothing about who is online.
        if target.is_none_or(|target| target.id != self.user.id) {
            self.allowed(access::change_modes(self.state, self.user))?;
        }
        let target = target.ok_or_else(|| Reply::numeric(ERR_NOSUCHNICK).param(nickname))?;
        self.allowed(access::change_status(self.state, self.user, target, status, adding))?;
        let Some(member) = self.state.member(target) else {
            let reply = Reply::numeric(ERR_USERNOTINCHANNEL).param(nickname);
            return Err(reply.param(self.room.name.as_str()));
        };
        let last = self.changes.iter().rev().find_map(|change| match change {
            ModeChange::Status { status: same, adding, user, .. } => {
                (*same == status && *user == target.id).then_some(*adding)
            }
            _ => None,
        });
        let nickname = target.nickname().as_str().to_owned();
        let change = ModeChange::Status { status, adding, user: target.id, nickname };
        Ok((last.unwrap_or(member.status.contains(status)) != adding).then_some(change))
    }

    fn list(&self, list: List, adding: bool, mask: &str) -> Decision {
        self.allowed(access::change_modes(self.state, self.user))?;
        if mask.len() > MASK_BYTES_MAX
            || mask.starts_with(':')
            || mask.contains(' ')
            || mask.is_empty()
        {
            let text = "A mask has 1 to 120 bytes, no space and no colon first";
            return Err(self.invalid(list.mode(), mask, text));
        }
        let text = "~t:MINUTES: before a mask needs a number from 1, and ~a: an account";
        let parsed = ListMask::parse(mask);
        let mask = parsed.ok_or_else(|| self.invalid(list.mode(), mask, text))?;
        let last = self.changes.iter().rev().find_map(|change| match change {
            ModeChange::List { list: same, adding, mask: other } => {
                (*same == list && *other == mask).then_some(*adding)
            }
            _ => None,
        });
        let is_listed = || self.state.settings.list(list).iter().any(|entry| entry.mask == mask);
        if last.unwrap_or_else(is_listed) == adding {
            return Ok(None);
        }
        if adding && self.entries() >= self.entries_max {
            let full = Reply::numeric(ERR_BANLISTFULL).param(self.room.name.as_str());
            return Err(full.param(mask.as_str()));
        }
        Ok(Some(ModeChange::List { list, adding, mask }))
    }

    /// Entries of all lists after the changes so far.
    fn entries(&self) -> usize {
        let count = |adding: bool| {
            let is_counted = |change: &&ModeChange| matches!(change, ModeChange::List { adding: a, .. } if *a == adding);
            self.changes.iter().filter(is_counted).count()
        };
        let lists = [List::Ban, List::Except, List::Invex];
        let before: usize = lists.map(|list| self.state.settings.list(list).len()).iter().sum();
        (before + count(true)).saturating_sub(count(false))
    }

    fn setting(&self, asked: Asked<'_>) -> Decision {
        self.allowed(access::change_modes(self.state, self.user))?;
        let modes = &self.modes;
        match (asked.mode, asked.adding) {
            ('k', true) => {
                let key = asked.arg.ok_or_else(needs_argument)?;
                if !is_key(key) {
                    return Err(Reply::numeric(ERR_INVALIDKEY).param(self.room.name.as_str()));
                }
                let is_new = modes.key.as_deref() != Some(key);
                Ok(is_new.then(|| ModeChange::Key(Some(key.to_owned()))))
            }
            ('k', false) => Ok(modes.key.is_some().then_some(ModeChange::Key(None))),
            ('l', true) => {
                let expected = "A limit is a number of at least 1";
                let limit = Some(self.parsed::<NonZeroU32>('l', asked.arg, expected)?.get());
                Ok((modes.limit != limit).then_some(ModeChange::Limit(limit)))
            }
            ('l', false) => Ok(modes.limit.is_some().then_some(ModeChange::Limit(None))),
            ('f', true) => {
                let flood = Some(self.parsed('f', asked.arg, room_flood::EXPECTED)?);
                Ok((modes.line_flood != flood).then_some(ModeChange::LineFlood(flood)))
            }
            ('f', false) => Ok(modes.line_flood.map(|_| ModeChange::LineFlood(None))),
            ('j', true) => {
                let flood = Some(self.parsed('j', asked.arg, room_flood::EXPECTED)?);
                Ok((modes.join_flood != flood).then_some(ModeChange::JoinFlood(flood)))
            }
            ('j', false) => Ok(modes.join_flood.map(|_| ModeChange::JoinFlood(None))),
            (mode, on) => {
                let flag =
                    Flag::from_mode(mode).expect("arity() knows it, and it is none of the others");
                Ok((modes.has(flag) != on).then_some(ModeChange::Flag { flag, on }))
            }
        }
    }

    /// The argument of a mode that is set, which has to be what is expected.
    fn parsed<T: FromStr>(
        &self,
        mode: char,
        arg: Option<&str>,
        expected: &str,
    ) -> Result<T, Reply> {
        let arg = arg.ok_or_else(needs_argument)?;
        arg.parse().map_err(|_| self.invalid(mode, arg, expected))
    }

    fn allowed(&self, decision: Result<(), Numeric>) -> Outcome {
        decision.map_err(|numeric| Reply::numeric(numeric).param(self.room.name.as_str()))
    }

    fn invalid(&self, mode: char, arg: &str, text: &str) -> Reply {
        let reply = Reply::numeric(ERR_INVALIDMODEPARAM).param(self.room.name.as_str());
        reply.param(mode).param(arg).fill(&[text])
    }
}

fn needs_argument() -> Reply {
    Reply::numeric(ERR_NEEDMOREPARAMS).param("MODE")
}

fn is_key(key: &str) -> bool {
    (1..=KEY_CHARS_MAX).contains(&key.chars().count())
        && !key.contains([' ', ',', ':'])
        && !key.contains(char::is_control)
}
