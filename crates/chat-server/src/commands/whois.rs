//! WHOIS. Modern IRC, "WHOIS message".

use chat_protocol::numeric::{
    ERR_NONICKNAMEGIVEN, ERR_NOSUCHNICK, ERR_NOSUCHSERVER, RPL_AWAY, RPL_ENDOFWHOIS,
    RPL_WHOISACCOUNT, RPL_WHOISACTUALLY, RPL_WHOISBOT, RPL_WHOISCHANNELS, RPL_WHOISIDLE,
    RPL_WHOISMODES, RPL_WHOISOPERATOR, RPL_WHOISSERVER, RPL_WHOISUSER,
};
use chat_protocol::{Capability, Mask, Message};

use crate::state::access;
use crate::state::user::User;

use super::{Context, Outcome, Reply};

/// The most bytes of rooms in one line, so that it stays below 512.
const ROOMS_BYTES_MAX: usize = 300;

pub(super) fn whois(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let nickname = match *message.params {
        [] => return Err(Reply::numeric(ERR_NONICKNAMEGIVEN)),
        [nickname] => nickname,
        [server, nickname, ..] => {
            let is_this =
                Mask::new(server).matches(cx.server.name()) || cx.server.user(server).is_some();
            if !is_this {
                return Err(Reply::numeric(ERR_NOSUCHSERVER).param(server));
            }
            nickname
        }
    };
    if nickname.is_empty() {
        return Err(Reply::numeric(ERR_NONICKNAMEGIVEN));
    }
    match cx.server.user(nickname) {
        Some(target) => show(cx, &target),
        None => cx.numeric(ERR_NOSUCHNICK, &[nickname]),
    }
    cx.numeric(RPL_ENDOFWHOIS, &[nickname]);
    Ok(())
}

fn show(cx: &mut Context<'_>, target: &User) {
    let (server, viewer) = (cx.server.clone(), cx.user());
    let profile = target.profile().clone();
    let nick = profile.nickname.as_str();
    let user = Reply::numeric(RPL_WHOISUSER)
        .param(nick)
        .param(&*profile.username)
        .param(&*profile.hostname);
    cx.reply(&user.param("*").text(&*profile.realname));
    show_rooms(cx, target, nick);
    cx.reply(
        &Reply::numeric(RPL_WHOISSERVER)
            .param(nick)
            .param(server.name())
            .text(&*server.config.server.network),
    );
    if let Some(away) = &profile.away {
        cx.reply(&Reply::numeric(RPL_AWAY).param(nick).text(&**away));
    }
    if profile.modes.oper {
        cx.numeric(RPL_WHOISOPERATOR, &[nick]);
    }
    if profile.modes.bot {
        cx.numeric(RPL_WHOISBOT, &[nick]);
    }
    if let Some(account) = &profile.account {
        cx.numeric(RPL_WHOISACCOUNT, &[nick, account]);
    }
    let is_oper = viewer.profile().modes.oper;
    if is_oper || viewer.id == target.id {
        let sessions = target.sessions();
        let addresses: Vec<String> =
            sessions.iter().map(|session| session.peer.ip().to_string()).collect();
        for address in addresses {
            cx.numeric(RPL_WHOISACTUALLY, &[nick, &shown_address(&address)]);
        }
        cx.reply(&Reply::numeric(RPL_WHOISMODES).param(nick).fill(&[&profile.modes.wire()]));
    }
    let idle = server.now().saturating_sub(profile.last_active).to_string();
    cx.numeric(RPL_WHOISIDLE, &[nick, &idle, &target.signed_on.to_string()]);
}

/// The rooms of a user that the viewer may see.
fn show_rooms(cx: &mut Context<'_>, target: &User, nick: &str) {
    let (viewer, all_prefixes) = (cx.user(), cx.has(Capability::MultiPrefix));
    let is_hidden = target.profile().modes.invisible && !viewer.shares_room_with(target);
    let mut line = String::new();
    for room in target.rooms() {
        let state = room.state();
        let shares = state.member(&viewer).is_some();
        if (is_hidden && !shares) || !access::see(&state, &viewer) {
            continue;
        }
        let name = state
            .status(target)
            .prefixes(all_prefixes)
            .chain(room.name.as_str().chars())
            .collect::<String>();
        drop(state);
        if !line.is_empty() && line.len() + 1 + name.len() > ROOMS_BYTES_MAX {
            cx.reply(
                &Reply::numeric(RPL_WHOISCHANNELS).param(nick).text(std::mem::take(&mut line)),
            );
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&name);
    }
    if !line.is_empty() {
        cx.reply(&Reply::numeric(RPL_WHOISCHANNELS).param(nick).text(line));
    }
}

/// An address as a parameter: one that starts with a colon gets a zero before it.
fn shown_address(address: &str) -> String {
    if address.starts_with(':') { format!("0{address}") } else { address.to_owned() }
}
