//! WHOWAS. Modern IRC, "WHOWAS message".

use chat_protocol::Message;
use chat_protocol::numeric::{
    ERR_NEEDMOREPARAMS, ERR_NONICKNAMEGIVEN, ERR_WASNOSUCHNICK, RPL_ENDOFWHOWAS, RPL_WHOISSERVER,
    RPL_WHOWASUSER,
};

use crate::render;
use crate::state::event::EventId;

use super::{Context, Outcome, Reply};

pub(super) fn whowas(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let nickname = match message.params.first() {
        Some(nickname) if !nickname.is_empty() => *nickname,
        Some(_) => return Err(Reply::numeric(ERR_NEEDMOREPARAMS).param("WHOWAS")),
        None => return Err(Reply::numeric(ERR_NONICKNAMEGIVEN)),
    };
    // A count that is no positive number means all.
    let count = message
        .params
        .get(1)
        .and_then(|count| count.parse().ok())
        .filter(|&count: &usize| count > 0);
    let departed = cx.server.whowas(nickname, count);
    if departed.is_empty() {
        cx.numeric(ERR_WASNOSUCHNICK, &[nickname]);
    }
    let server = cx.server.name().to_owned();
    for user in departed {
        let shown = user.nickname.as_str();
        let reply = Reply::numeric(RPL_WHOWASUSER)
            .param(shown)
            .param(&*user.username)
            .param(&*user.hostname);
        cx.reply(&reply.param("*").text(&*user.realname));
        let left = render::time(EventId(user.left_at * 1_000_000));
        cx.reply(&Reply::numeric(RPL_WHOISSERVER).param(shown).param(&*server).text(left));
        if !cx.has_room() {
            break;
        }
    }
    cx.numeric(RPL_ENDOFWHOWAS, &[nickname]);
    Ok(())
}
