//! DLINE and UNDLINE: bans by address, as ratbox and ergo know them.

use chat_protocol::Message;
use chat_store::BanKind;

use crate::state::ban_mask::BanMask;

use super::banning::Bans;
use super::{Context, Outcome};

static DLINES: Bans = Bans {
    set: "DLINE",
    lift: "UNDLINE",
    parse: BanMask::of_address,
    lists: |kind| kind == BanKind::Address,
};

/// `DLINE [duration] address|network [reason]`
pub(super) fn dline(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    DLINES.set(cx, message)
}

/// `UNDLINE address|network`
pub(super) fn undline(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    DLINES.lift(cx, message)
}
