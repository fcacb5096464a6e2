//! Who may do what in a room. Every question about permission is answered here.
//!
//! A room that belongs to the server has no operator of its own: IRC operators with the privilege
//! `rooms` who are in it are. Times are
//! in seconds since the Unix epoch.

use std::time::Instant;

use chat_protocol::Membership;
use chat_protocol::numeric::{
    ERR_BADCHANNELKEY, ERR_BANNEDFROMCHAN, ERR_CHANNELISFULL, ERR_CHANOPRIVSNEEDED,
    ERR_INVITEONLYCHAN, ERR_NEEDREGGEDNICK, ERR_THROTTLE, Numeric,
};

use super::event::Verb;
use super::list_mask::{Deed, Subject};
use super::privilege::Privilege;
use super::registration::Standing;
use super::room::{Member, RoomState};
use super::room_flood::LineFlood;
use super::room_modes::{Flag, List};
use super::user::User;

/// Whether a user may join, with the key it gave.
///
/// An invitation opens a room that is invite-only, full, locked by a key or closed by a ban; a
/// standing role opens one that is invite-only, full, locked or joined by too many at present (`at`), and
/// to its founder a room is open.
pub(crate) fn join(
    room: &RoomState,
    user: &User,
    key: Option<&str>,
    now: u64,
    at: Instant,
) -> Result<(), Numeric> {
    let (settings, standing) = (&room.settings, standing(room, user));
    if standing >= Standing::Founder {
        return Ok(());
    }
    let is_anonymous = user.profile().account.is_none();
    if settings.modes.has(Flag::RegisteredOnly) && is_anonymous {
        return Err(ERR_NEEDREGGEDNICK);
    }
    if room.invited.contains(&user.id) {
        return Ok(());
    }
    let subject = user.profile().subject();
    if is_banned(room, Deed::Join, &subject, now) {
        return Err(ERR_BANNEDFROMCHAN);
    }
    if standing > Standing::None {
        return Ok(());
    }
    let is_invited = settings.listed(List::Invex, Deed::Join, &subject, now);
    if settings.modes.has(Flag::InviteOnly) && !is_invited {
        return Err(ERR_INVITEONLYCHAN);
    }
    if settings.modes.key.is_some() && settings.modes.key.as_deref() != key {
        return Err(ERR_BADCHANNELKEY);
    }
    if settings.modes.limit.is_some_and(|limit| room.members.len() >= limit as usize) {
        return Err(ERR_CHANNELISFULL);
    }
    if let Some(joins) = settings.modes.join_flood {
        room.recent.join(joins, at).map_err(|_| ERR_THROTTLE)?;
    }
    Ok(())
}

/// Whether a user may send this to the room; if not, why.
pub(crate) fn speak(
    room: &RoomState,
    user: &User,
    verb: Verb,
    text: &str,
    now: u64,
) -> Result<(), &'static str> {
    let member = room.member(user);
    if member.is_none() && room.settings.modes.has(Flag::NoExternal) {
        return Err("+n: you are not in it");
    }
    if room.settings.modes.has(Flag::NoCtcp) && verb != Verb::Tagmsg && is_ctcp_but_action(text) {
        return Err("+C: it takes no CTCP");
    }
    if rank_of(room, user, member) >= Some(Membership::Voice) {
        return Ok(());
    }
    if room.settings.modes.has(Flag::Moderated) {
        return Err("+m: you have no voice");
    }
    if !room.settings.bans.is_empty()
        && is_banned(room, Deed::Speak, &user.profile().subject(), now)
    {
        return Err("+b: you are banned");
    }
    Ok(())
}

/// Counts a line that a user says; an error, and what becomes of it, if that is more than the room takes
/// of who is below a half-operator.
pub(crate) fn keep_pace(room: &mut RoomState, user: &User, now: Instant) -> Result<(), LineFlood> {
    let Some(flood) = room.settings.modes.line_flood else { return Ok(()) };
    if rank(room, user) >= Some(Membership::HalfOp) {
        return Ok(());
    }
    room.recent.say(user, flood.lines, now).map_err(|_| flood)
}

/// Whether a user may change the topic.
pub(crate) fn set_topic(room: &RoomState, user: &User) -> Result<(), Numeric> {
    let allowed = !room.settings.modes.has(Flag::ProtectedTopic)
        || rank(room, user) >= Some(Membership::HalfOp);
    if allowed { Ok(()) } else { Err(ERR_CHANOPRIVSNEEDED) }
}

/// Whether a user may invite others.
pub(crate) fn invite(room: &RoomState, user: &User) -> Result<(), Numeric> {
    let allowed =
        !room.settings.modes.has(Flag::InviteOnly) || rank(room, user) >= Some(Membership::HalfOp);
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

/// Whether a user may give the room another name: its founder, and where it has none, its operators.
pub(crate) fn rename(room: &RoomState, user: &User) -> Result<(), Numeric> {
    let is_founder = standing(room, user) >= Standing::Role(Membership::Founder);
    let is_free = room.settings.registration.is_none();
    let allowed = is_founder
        || user.profile().may(Privilege::Rooms)
        || (is_free && rank(room, user) >= Some(Membership::Op));
    if allowed { Ok(()) } else { Err(ERR_CHANOPRIVSNEEDED) }
}

/// Whether a user may know that the room exists, and who is in it.
pub(crate) fn see(room: &RoomState, user: &User) -> bool {
    !room.settings.modes.has(Flag::Secret) || room.member(user).is_some()
}

/// Whether a user may read what was said: members may, and who has a standing role, there or not,
/// unless a ban keeps it from joining.
pub(crate) fn read(room: &RoomState, user: &User, now: u64) -> bool {
    if room.member(user).is_some() {
        return true;
    }
    match standing(room, user) {
        Standing::None => false,
        Standing::Founder | Standing::Oper => true,
        Standing::Role(_) => !is_banned(room, Deed::Join, &user.profile().subject(), now),
    }
}

/// The highest status a user acts with.
fn rank(room: &RoomState, user: &User) -> Option<Membership> {
    rank_of(room, user, room.member(user))
}

fn rank_of(room: &RoomState, user: &User, member: Option<&Member>) -> Option<Membership> {
    if governs(room, user) {
        return Some(Membership::Founder);
    }
    member.and_then(|member| member.status.highest())
}

/// Whether a user governs a room of the server's own as an IRC operator who is in it.
pub(crate) fn governs(room: &RoomState, user: &User) -> bool {
    room.settings.is_servers_own()
        && room.member(user).is_some()
        && user.profile().may(Privilege::Rooms)
}

/// What a user's account is in a registered room, whether the user is there or not. IRC operators do
/// not count for more.
pub(crate) fn standing(room: &RoomState, user: &User) -> Standing {
    let Some(registration) = &room.settings.registration else { return Standing::None };
    let account = user.profile().account_name();
    account.map_or(Standing::None, |account| registration.standing(&account))
}

fn is_banned(room: &RoomState, deed: Deed, subject: &Subject, now: u64) -> bool {
    let listed = |list| room.settings.listed(list, deed, subject, now);
    listed(List::Ban) && !listed(List::Except)
}

fn is_ctcp_but_action(text: &str) -> bool {
    text.strip_prefix('\u{1}').is_some_and(|ctcp| {
        ctcp.split([' ', '\u{1}']).next().is_none_or(|verb| !verb.eq_ignore_ascii_case("ACTION"))
    })
}
