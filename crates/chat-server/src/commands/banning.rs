//! What KLINE and DLINE have in common: bans are set, lifted and listed.

use chat_protocol::numeric::{RPL_ENDOFSTATS, RPL_STATSDLINE, RPL_STATSKLINE};
use chat_protocol::{Message, Numeric};
use chat_store::{Ban, BanKind, StoreError};

use crate::accounts::duration;
use crate::render::ban_text;
use crate::state::ban_mask::BanMask;
use crate::state::privilege::Privilege;

use super::context::cut;
use super::{Context, Outcome, Reply};

/// The most bans that operators set here; the command line can set more.
const BANS_MAX: usize = 20_000;

/// One kind of ban, and the commands that are about it.
pub(super) struct Bans {
    pub(super) set: &'static str,
    pub(super) lift: &'static str,
    pub(super) parse: fn(&str) -> Result<BanMask, &'static str>,
    /// Those that are listed.
    pub(super) lists: fn(BanKind) -> bool,
}

impl Bans {
    /// `[duration] mask [reason]`, or with the duration behind the mask; nothing lists the bans.
    pub(super) fn set(&self, cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
        cx.requires(Privilege::Ban)?;
        let Some((first, rest)) = message.params.split_first() else {
            self.list(cx);
            return Ok(());
        };
        let (lasts, text, words) = match (duration_of(first), rest) {
            (Some(lasts), [mask, words @ ..]) => (Some(lasts), *mask, words),
            (Some(_), []) => {
                return Err(self.invalid(first, "it is a duration, and no mask follows"));
            }
            // InspIRCd's order.
            (None, [word, words @ ..]) if duration_of(word).is_some() => {
                (duration_of(word), *first, words)
            }
            (None, words) => (None, *first, words),
        };
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(self.invalid(text, "a duration has a unit, as in 30m, 12h or 7d"));
        }
        let mask = (self.parse)(text).map_err(|why| self.invalid(text, why))?;
        if cx.server.would_ban(&mask, &cx.user()) {
            return Err(self.invalid(text, "it means you yourself"));
        }
        if cx.server.bans().len() >= BANS_MAX {
            let why = format!("There are {BANS_MAX} bans already");
            return Err(Reply::fail(self.set, "TOO_MANY_BANS", why));
        }
        let reason = words.join(" ");
        let reason = if reason.is_empty() { "No reason given" } else { &reason };
        let reason = cut(reason, cx.server.config().limits.reason_bytes_max).to_owned();
        let created = cx.server.now_micros();
        let micros = lasts.map(|lasts| u64::try_from(lasts.as_micros()).unwrap_or(u64::MAX));
        let until = micros.map(|micros| created.saturating_add(micros));
        let detail = lasts.map(|it| format!("for {}", duration::shown(it))).unwrap_or_default();
        let entry = cx.audit_entry(self.set).on(&mask.shown()).with(&detail).because(&reason);
        let (kind, mask, by) = (mask.kind(), mask.shown(), cx.client_name());
        let ban = Ban { kind, mask, by, reason, created, until };
        let ended = cx.server.set_ban(&ban, &entry, cx.delivery);
        let ended = ended.map_err(|error| unavailable(self.set, &error))?;
        log::info!("{} banned {:?}: {:?}", entry.actor, ban.mask, ban.reason);
        let text = format!("Banned {} {detail}", ban.mask);
        self.say(cx, &format!("{}; disconnected: {ended}", text.trim_end()));
        Ok(())
    }

    pub(super) fn lift(&self, cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
        cx.requires(Privilege::Ban)?;
        let text = message.params[0];
        let mask = (self.parse)(text).map_err(|why| invalid(self.lift, text, why))?;
        let shown = mask.shown();
        let entry = cx.audit_entry(self.lift).on(&shown);
        cx.server.lift_ban(mask.kind(), &shown, &entry).map_err(|error| match error {
            StoreError::Missing => {
                Reply::fail(self.lift, "NO_SUCH_BAN", "There is no such ban").param(&shown)
            }
            error => unavailable(self.lift, &error),
        })?;
        log::info!("{} lifted the ban of {shown:?}", entry.actor);
        self.say(cx, &format!("{shown} is no longer banned"));
        Ok(())
    }

    fn list(&self, cx: &mut Context<'_>) {
        let (bans, now) = (cx.server.bans(), cx.server.now_micros());
        for ban in bans.active(now).filter(|ban| (self.lists)(ban.kind)) {
            cx.numeric_text(self.numeric(), &[&self.set[..1], &ban.mask], &ban_text(ban));
            if !cx.has_room() {
                break;
            }
        }
        cx.numeric(RPL_ENDOFSTATS, &[&self.set[..1]]);
    }

    fn numeric(&self) -> Numeric {
        if (self.lists)(BanKind::Address) { RPL_STATSDLINE } else { RPL_STATSKLINE }
    }

    fn say(&self, cx: &mut Context<'_>, text: &str) {
        let nickname = cx.client_name();
        cx.send("NOTICE", &[&nickname, text]);
    }

    fn invalid(&self, text: &str, why: &'static str) -> Reply {
        invalid(self.set, text, why)
    }
}

fn invalid(command: &'static str, text: &str, why: &str) -> Reply {
    Reply::fail(command, "INVALID_MASK", format!("This can't be banned: {why}")).param(text)
}

fn unavailable(command: &'static str, error: &StoreError) -> Reply {
    log::error!("a ban could not be stored: {error}");
    Reply::fail(command, crate::server::UNSTORED, format!("Not done: {error}"))
}

/// With a unit: what a number alone means, no two servers agree upon.
fn duration_of(word: &str) -> Option<std::time::Duration> {
    duration::parse(word).filter(|_| word.ends_with(|last: char| last.is_ascii_alphabetic()))
}
