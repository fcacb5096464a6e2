//! Who may do what in a room. Every question about permission is answered here.
//!
//! A room that belongs to the server has no operator of its own: IRC operators in it are.

use chat_protocol::Membership;
use chat_protocol::numeric::{
    ERR_BADCHANNELKEY, ERR_BANNEDFROMCHAN, ERR_CHANNELISFULL, ERR_CHANOPRIVSNEEDED,
    ERR_INVITEONLYCHAN, Numeric,
};

use super::event::Verb;
use super::list_mask::Deed;
use super::room::RoomState;
use super::room_modes::{Flag, List};
use super::user::User;

/// Whether a user may join, with the key it gave.
///
/// An invitation opens a room that is invite-only, full, locked by a key or closed by a ban.
pub(crate) fn join(room: &RoomState, user: &User, key: Option<&str>) -> Result<(), Numeric> {
    if room.invited.contains(&user.id) {
        return Ok(());
    }
    let source = user.profile().folded_source();
    if is_banned(room, Deed::Join, &source) {
        return Err(ERR_BANNEDFROMCHAN);
    }
    if room.modes.has(Flag::InviteOnly) && !room.listed(List::Invex, Deed::Join, &source) {
        return Err(ERR_INVITEONLYCHAN);
    }
    if room.modes.key.is_some() && room.modes.key.as_deref() != key {
        return Err(ERR_BADCHANNELKEY);
    }
    if room.modes.limit.is_some_and(|limit| room.members.len() >= limit as usize) {
        return Err(ERR_CHANNELISFULL);
    }
    Ok(())
}

/// Whether a user may send this to the room; if not, why.
pub(crate) fn speak(
    room: &RoomState,
    user: &User,
    verb: Verb,
    text: &str,
) -> Result<(), &'static str> {
    let member = room.member(user);
    if member.is_none() && room.modes.has(Flag::NoExternal) {
        return Err("+n: you are not in it");
    }
    if room.modes.has(Flag::NoCtcp) && verb != Verb::Tagmsg && is_ctcp_but_action(text) {
        return Err("+C: it takes no CTCP");
    }
    if rank(room, user) >= Some(Membership::Voice) {
        return Ok(());
    }
    if room.modes.has(Flag::Moderated) {
        return Err("+m: you have no voice");
    }
    if !room.list(List::Ban).is_empty()
        && is_banned(room, Deed::Speak, &user.profile().folded_source())
    {
        return Err("+b: you are banned");
    }
    Ok(())
}

/// Whether a user may change the topic.
pub(crate) fn set_topic(room: &RoomState, user: &User) -> Result<(), Numeric> {
    let allowed =
        !room.modes.has(Flag::ProtectedTopic) || rank(room, user) >= Some(Membership::HalfOp);
    if allowed { Ok(()) } else { Err(ERR_CHANOPRIVSNEEDED) }
}

/// Whether a user may invite others.
pub(crate) fn invite(room: &RoomState, user: &User) -> Result<(), Numeric> {
    let allowed = !room.modes.has(Flag::InviteOnly) || rank(room, user) >= Some(Membership::HalfOp);
    if allowed { Ok(()) } else { Err(ERR_CHANOPRIVSNEEDED) }
}

/// Whether an invitation by this user opens a room that is closed to the invited.
pub(crate) fn open_by_invitation(room: &RoomState, user: &User) -> bool {
    rank(room, user) >= Some(Membership::HalfOp)
}

/// Whether a user may remove another: half-operators and above, and nobody of a higher status.
pub(crate) fn kick(room: &RoomState, user: &User, target: &User) -> Result<(), Numeric> {
    let own = rank(room, user);
    let allowed = own >= Some(Membership::HalfOp) && own >= room.status(target).highest();
    if allowed { Ok(()) } else { Err(ERR_CHANOPRIVSNEEDED) }
}

/// Whether a user may take away what others have said.
pub(crate) fn redact(room: &RoomState, user: &User) -> Result<(), Numeric> {
    change_modes(room, user)
}

/// Whether a user may change flags, key, limit and lists.
pub(crate) fn change_modes(room: &RoomState, user: &User) -> Result<(), Numeric> {
    if rank(room, user) >= Some(Membership::HalfOp) { Ok(()) } else { Err(ERR_CHANOPRIVSNEEDED) }
}

/// Whether a user may give or take a status: one's own status is always given up freely; voice is
/// given by half-operators, the others by who has the same or a higher status, operator at least.
/// Nothing is taken from who has a higher status.
pub(crate) fn change_status(
    room: &RoomState,
    user: &User,
    target: &User,
    status: Membership,
    adding: bool,
) -> Result<(), Numeric> {
    if user.id == target.id && !adding {
        return Ok(());
    }
    let needed = match status {
        Membership::Voice => Membership::HalfOp,
        Membership::HalfOp | Membership::Op => Membership::Op,
        higher => higher,
    };
    let outranked = !adding && room.status(target).highest() > rank(room, user);
    if rank(room, user) >= Some(needed) && !outranked { Ok(()) } else { Err(ERR_CHANOPRIVSNEEDED) }
}

/// Whether a user may know that the room exists, and who is in it.
pub(crate) fn see(room: &RoomState, user: &User) -> bool {
    !room.modes.has(Flag::Secret) || room.member(user).is_some()
}

/// The highest status a user acts with.
fn rank(room: &RoomState, user: &User) -> Option<Membership> {
    let status = room.status(user).highest();
    let governs = room.permanent && room.member(user).is_some() && user.profile().modes.oper;
    if governs { Some(Membership::Founder) } else { status }
}

fn is_banned(room: &RoomState, deed: Deed, folded_source: &str) -> bool {
    room.listed(List::Ban, deed, folded_source) && !room.listed(List::Except, deed, folded_source)
}

fn is_ctcp_but_action(text: &str) -> bool {
    text.strip_prefix('\u{1}').is_some_and(|ctcp| {
        ctcp.split([' ', '\u{1}']).next().is_none_or(|verb| !verb.eq_ignore_ascii_case("ACTION"))
    })
}
