//! WHO and WHOX. Modern IRC, "WHO message"; IRCv3, "WHOX".

use std::sync::Arc;

use chat_protocol::numeric::{RPL_ENDOFWHO, RPL_WHOREPLY, RPL_WHOSPCRPL};
use chat_protocol::{Capability, ChannelName, Mask, MembershipSet, Message};

use crate::state::access;
use crate::state::privilege::Privilege;
use crate::state::room::Room;
use crate::state::user::{Profile, User};

use super::{Context, Outcome, Reply};

#[expect(clippy::unnecessary_wraps, reason = "every command returns an outcome")]
pub(super) fn who(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let mask = message.params.first().copied().unwrap_or_default();
    let question = Question::parse(message.params.get(1).copied().unwrap_or_default());
    if ChannelName::is_channel(mask) {
        if let Ok(room) = cx.find_visible_room(mask) {
            members(cx, &room, &question);
        }
    } else {
        users(cx, mask, &question);
    }
    cx.numeric(RPL_ENDOFWHO, &[if mask.is_empty() { "*" } else { mask }]);
    Ok(())
}

fn members(cx: &mut Context<'_>, room: &Arc<Room>, question: &Question) {
    let viewer = cx.user();
    let state = room.state();
    let is_member = state.member(&viewer).is_some();
    let members: Vec<(Arc<User>, MembershipSet)> =
        state.members.values().map(|member| (member.user.clone(), member.status)).collect();
    drop(state);
    for (user, status) in members {
        let profile = user.profile().clone();
        let is_shown = is_member || !profile.modes.invisible;
        if is_shown && (profile.modes.oper || !question.opers_only) {
            answer(cx, question, &user, &profile, Some((room, status)));
        }
        if !cx.has_room() {
            return;
        }
    }
}

fn users(cx: &mut Context<'_>, mask: &str, question: &Question) {
    let viewer = cx.user();
    let exact = cx.server.user(mask);
    let is_exact = exact.is_some();
    let candidates = match exact {
        Some(user) => vec![user],
        None => cx.server.users(),
    };
    let mask = if mask.is_empty() || mask == "0" { Mask::new("*") } else { Mask::new(mask) };
    let means_all = mask.matches(cx.server.name());
    let sees_addresses = viewer.profile().may(Privilege::SeeAddresses);
    for user in candidates {
        let profile = user.profile().clone();
        let parts =
            [profile.nickname.as_str(), &profile.username, &profile.hostname, &profile.realname];
        let is_from = || user.sessions().iter().any(|it| mask.matches(&it.address()));
        let matches = is_exact
            || means_all
            || parts.into_iter().any(|part| mask.matches(part))
            || (sees_addresses && is_from());
        if !matches || (question.opers_only && !profile.modes.oper) {
            continue;
        }
        if is_exact || !profile.modes.invisible || viewer.shares_room_with(&user) {
            let shared = visible_room(&user, &viewer);
            let shared = shared.as_ref().map(|(room, status)| (room, *status));
            answer(cx, question, &user, &profile, shared);
        }
        if !cx.has_room() {
            return;
        }
    }
}

/// A room of the user that the viewer may see.
fn visible_room(user: &User, viewer: &User) -> Option<(Arc<Room>, MembershipSet)> {
    let is_hidden = user.profile().modes.invisible && user.id != viewer.id;
    user.rooms().into_iter().find_map(|room| {
        let state = room.state();
        let may_see = access::see(&state, viewer) && (!is_hidden || state.member(viewer).is_some());
        let status = may_see.then(|| state.status(user));
        drop(state);
        status.map(|status| (room, status))
    })
}

/// What is asked: `[o][%fields[,token]]`.
#[derive(Debug, Default, PartialEq, Eq)]
struct Question {
    opers_only: bool,
    /// The letters of WHOX; `None` for a plain WHO.
    fields: Option<String>,
    token: String,
}

/// The fields of WHOX in the order in which they are answered.
const FIELDS: &str = "tcuihsnfdlaor";
/// The most characters of a token.
const TOKEN_CHARS_MAX: usize = 3;

impl Question {
    fn parse(text: &str) -> Self {
        let (flags, whox) = match text.split_once('%') {
            Some((flags, whox)) => (flags, Some(whox)),
            None => (text, None),
        };
        let (fields, token) = whox.map_or((None, ""), |whox| {
            let (fields, token) = whox.split_once(',').unwrap_or((whox, ""));
            (Some(fields.to_owned()), token)
        });
        let is_token = token.chars().count() <= TOKEN_CHARS_MAX && !token.contains(' ');
        let token = if is_token && !token.is_empty() { token } else { "0" };
        Self { opers_only: flags.contains('o'), fields, token: token.to_owned() }
    }
}

fn answer(
    cx: &mut Context<'_>,
    question: &Question,
    user: &User,
    profile: &Profile,
    shared: Option<(&Arc<Room>, MembershipSet)>,
) {
    let room = shared.map_or("*", |(room, _)| room.name.as_str());
    let flags = flags(profile, shared.map(|(_, status)| status), cx.has(Capability::MultiPrefix));
    let server = cx.server.name().to_owned();
    let Some(fields) = &question.fields else {
        let reply = Reply::numeric(RPL_WHOREPLY)
            .param(room)
            .param(&*profile.username)
            .param(&*profile.hostname);
        let reply = reply.param(server).param(profile.nickname.as_str()).param(flags);
        return cx.reply(&reply.text(format!("0 {}", profile.realname)));
    };
    let idle = cx.server.now().saturating_sub(profile.last_active).to_string();
    let may_see_address =
        user.id == cx.user().id || cx.user().profile().may(Privilege::SeeAddresses);
    let address = user.sessions().first().map(|session| session.address());
    let mut reply = Reply::numeric(RPL_WHOSPCRPL);
    for field in FIELDS.chars().filter(|field| fields.contains(*field)) {
        reply = match field {
            't' => reply.param(&*question.token),
            'c' => reply.param(room),
            'u' => reply.param(&*profile.username),
            'i' => reply.param(
                address.clone().filter(|_| may_see_address).unwrap_or("255.255.255.255".to_owned()),
            ),
            'h' => reply.param(&*profile.hostname),
            's' => reply.param(&*server),
            'n' => reply.param(profile.nickname.as_str()),
            'f' => reply.param(&*flags),
            'd' => reply.param("0"),
            'l' => reply.param(&*idle),
            'a' => reply.param(profile.account.as_deref().unwrap_or("0")),
            'o' => reply.param("n/a"),
            _ => reply.text(&*profile.realname),
        };
    }
    cx.reply(&reply);
}

/// `H` here or `G` gone, `*` for an IRC operator, `B` for a bot, then the room's prefixes.
fn flags(profile: &Profile, status: Option<MembershipSet>, all_prefixes: bool) -> String {
    let mut flags = String::from(if profile.away.is_some() { 'G' } else { 'H' });
    if profile.modes.oper {
        flags.push('*');
    }
    if profile.modes.bot {
        flags.push('B');
    }
    flags.extend(status.into_iter().flat_map(|status| status.prefixes(all_prefixes)));
    flags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_read() {
        assert_eq!(Question::parse(""), Question { token: "0".into(), ..Question::default() });
        let whox = Question::parse("o%tcn,42");
        assert!(whox.opers_only);
        assert_eq!((whox.fields.as_deref(), whox.token.as_str()), (Some("tcn"), "42"));
        assert_eq!(Question::parse("%t,12345").token, "0");
    }
}
