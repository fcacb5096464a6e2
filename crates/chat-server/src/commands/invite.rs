//! INVITE. Modern IRC, "INVITE message"; IRCv3, "invite-notify".

use chat_protocol::Message;
use chat_protocol::numeric::{
    ERR_NEEDMOREPARAMS, ERR_TARGETTOOFAST, ERR_USERONCHANNEL, RPL_AWAY, RPL_ENDOFINVITELIST,
    RPL_INVITELIST, RPL_INVITING,
};

use crate::state::access;
use crate::state::event::EventKind;
use crate::state::paces::Action;

use super::context::not_on_channel;
use super::{Context, Outcome, Reply};

pub(super) fn invite(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let [nickname, name, ..] = *message.params else {
        if !message.params.is_empty() {
            return Err(Reply::numeric(ERR_NEEDMOREPARAMS).param("INVITE"));
        }
        list(cx);
        return Ok(());
    };
    let target = cx.find_user(nickname)?;
    let room = cx.find_visible_room(name)?;
    let (user, name) = (cx.user(), room.name.as_str());
    let (nickname, session) = (target.nickname(), cx.client.session.clone());
    let events = cx.server.submit(&room, cx.origin(&user), cx.delivery, |state| {
        if state.member(&user).is_none() {
            return Err(not_on_channel(&room));
        }
        access::invite(state, &user).map_err(|numeric| Reply::numeric(numeric).param(name))?;
        if state.member(&target).is_some() {
            return Err(Reply::numeric(ERR_USERONCHANNEL).param(nickname.as_str()).param(name));
        }
        cx.server.keep_pace(&user, &session, Action::Invite).map_err(|why| {
            let reply = Reply::numeric(ERR_TARGETTOOFAST).param(nickname.as_str());
            reply.fill(&[&why.seconds()])
        })?;
        let opens = access::open_by_invitation(state, &user);
        let nickname = nickname.as_str().to_owned();
        Ok(vec![EventKind::Invited { room: name.into(), user: target.id, nickname, opens }])
    })?;
    cx.numeric(RPL_INVITING, &[nickname.as_str(), name]);
    target.invited_to(&room);
    for event in &events {
        cx.server.show_to_users([&target], event, cx.origin(&user), cx.delivery);
    }
    let away = target.profile().away.clone();
    if let Some(away) = away {
        cx.reply(&Reply::numeric(RPL_AWAY).param(nickname.as_str()).text(&*away));
    }
    Ok(())
}

fn list(cx: &mut Context<'_>) {
    let user = cx.user();
    for room in user.invitations() {
        if room.state().invited.contains(&user.id) {
            cx.numeric(RPL_INVITELIST, &[room.name.as_str()]);
        }
    }
    cx.numeric(RPL_ENDOFINVITELIST, &[]);
}
