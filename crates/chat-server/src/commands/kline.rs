//! KLINE and UNKLINE: bans by mask and by account, as ratbox, ergo and UnrealIRCd know them.

use chat_protocol::Message;
use chat_store::BanKind;

use crate::state::ban_mask::BanMask;

use super::banning::Bans;
use super::{Context, Outcome};

static KLINES: Bans = Bans {
    set: "KLINE",
    lift: "UNKLINE",
    parse: BanMask::of_client,
    lists: |kind| kind != BanKind::Address,
};

/// `KLINE [duration] mask|~a:account [reason]`
pub(super) fn kline(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    KLINES.set(cx, message)
}

/// `UNKLINE mask|~a:account`
pub(super) fn unkline(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    KLINES.lift(cx, message)
}
