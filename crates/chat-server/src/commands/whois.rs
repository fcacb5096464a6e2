//! WHOIS. Modern IRC, "WHOIS message".

use chat_protocol::numeric::{
    ERR_NONICKNAMEGIVEN, ERR_NOSUCHNICK, RPL_AWAY, RPL_ENDOFWHOIS, RPL_WHOISACCOUNT,
    RPL_WHOISACTUALLY, RPL_WHOISBOT, RPL_WHOISCERTFP, RPL_WHOISCHANNELS, RPL_WHOISIDLE,
    RPL_WHOISMODES, RPL_WHOISOPERATOR, RPL_WHOISSECURE, RPL_WHOISSERVER, RPL_WHOISUSER,
};
use chat_protocol::{Capability, Message};

use crate::accounts::name::{CHANSERV, NICKSERV};
use crate::state::access;
use crate::state::privilege::Privilege;
use crate::state::user::User;

use super::{Context, Outcome, Reply};

pub(super) fn whois(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let nickname = match *message.params {
        [] => return Err(Reply::numeric(ERR_NONICKNAMEGIVEN)),
        [nickname] => nickname,
        [server, nickname, ..] => {
            cx.for_this_server(Some(&server))?;
            nickname
        }
    };
    if nickname.is_empty() {
        return Err(Reply::numeric(ERR_NONICKNAMEGIVEN));
    }
    match cx.server.user(nickname) {
        Some(target) => show(cx, &target),
        None if nickname.eq_ignore_ascii_case(NICKSERV) => {
            show_service(cx, NICKSERV, "Accounts. NS HELP says how.");
        }
        None if nickname.eq_ignore_ascii_case(CHANSERV) => {
            show_service(cx, CHANSERV, "Rooms that last. CS HELP says how.");
        }
        None => cx.numeric(ERR_NOSUCHNICK, &[nickname]),
    }
    cx.numeric(RPL_ENDOFWHOIS, &[nickname]);
    Ok(())
}

fn show_service(cx: &mut Context<'_>, name: &'static str, about: &str) {
    let server = cx.server.clone();
    let user = Reply::numeric(RPL_WHOISUSER).param(name).param(name).param(server.name());
    cx.reply(&user.param("*").text(about));
    let network = &*server.config().server.network;
    cx.reply(&Reply::numeric(RPL_WHOISSERVER).param(name).param(server.name()).text(network));
    cx.numeric(RPL_WHOISBOT, &[name]);
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
            .text(&*server.config().server.network),
    );
    if let Some(away) = &profile.away {
        cx.reply(&Reply::numeric(RPL_AWAY).param(nick).text(&**away));
    }
    if let Some(role) = profile.role() {
        cx.reply(&Reply::numeric(RPL_WHOISOPERATOR).param(nick).text(&*role.whois));
    }
    if profile.modes.bot {
        cx.numeric(RPL_WHOISBOT, &[nick]);
    }
    if let Some(account) = &profile.account {
        cx.numeric(RPL_WHOISACCOUNT, &[nick, account]);
    }
    let sessions = target.sessions();
    if !sessions.is_empty() && sessions.iter().all(|session| session.is_secure()) {
        cx.numeric(RPL_WHOISSECURE, &[nick]);
    }
    let sees_addresses = viewer.profile().may(Privilege::SeeAddresses);
    if sees_addresses || viewer.id == target.id {
        for session in sessions.iter() {
            cx.numeric(RPL_WHOISACTUALLY, &[nick, &session.address()]);
            if let Some(certificate) = session.certificate() {
                cx.reply(&Reply::numeric(RPL_WHOISCERTFP).param(nick).fill(&[certificate]));
            }
        }
        cx.reply(&Reply::numeric(RPL_WHOISMODES).param(nick).fill(&[&profile.modes.wire()]));
    }
    let idle = server.now().saturating_sub(profile.last_active).to_string();
    cx.numeric(RPL_WHOISIDLE, &[nick, &idle, &target.signed_on.seconds().to_string()]);
}

/// The rooms of a user that the viewer may see.
fn show_rooms(cx: &mut Context<'_>, target: &User, nick: &str) {
    let (viewer, all_prefixes) = (cx.user(), cx.has(Capability::MultiPrefix));
    let is_hidden = target.profile().modes.invisible && !viewer.shares_room_with(target);
    let mut names: Vec<String> = Vec::new();
    for room in target.rooms() {
        let state = room.state();
        let shares = state.member(&viewer).is_some();
        if (is_hidden && !shares) || !access::see(&state, &viewer) {
            continue;
        }
        let prefixes = state.status(target).prefixes(all_prefixes);
        names.push(prefixes.chain(room.name.as_str().chars()).collect());
    }
    cx.numeric_list(RPL_WHOISCHANNELS, &[nick], ' ', names);
}
