//! TOPIC. Modern IRC, "TOPIC message".

use chat_protocol::Message;
use chat_protocol::numeric::{RPL_NOTOPIC, RPL_TOPIC, RPL_TOPICWHOTIME};

use crate::state::access;
use crate::state::event::EventKind;
use crate::state::room::{Room, RoomState};

use super::context::{cut, not_on_channel};
use super::{Context, Outcome, Reply};

pub(super) fn topic(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let room = cx.find_visible_room(message.params[0])?;
    let user = cx.user();
    let Some(text) = message.params.get(1) else {
        let state = room.state();
        if state.topic.is_none() {
            cx.numeric(RPL_NOTOPIC, &[room.name.as_str()]);
        }
        show(cx, &room, &state);
        return Ok(());
    };
    let text = cut(text, cx.server.config.limits.topic_bytes_max).to_owned();
    cx.server.submit(&room, cx.origin(&user), cx.delivery, |state| {
        if state.member(&user).is_none() {
            return Err(not_on_channel(&room));
        }
        access::set_topic(state, &user)
            .map_err(|numeric| Reply::numeric(numeric).param(room.name.as_str()))?;
        Ok(vec![EventKind::TopicSet { room: room.name.as_str().into(), text }])
    })
}

/// The topic, and who set it when; nothing if there is none.
pub(super) fn show(cx: &mut Context<'_>, room: &Room, state: &RoomState) {
    let Some(topic) = &state.topic else { return };
    let name = room.name.as_str();
    cx.reply(&Reply::numeric(RPL_TOPIC).param(name).text(&*topic.text));
    cx.numeric(RPL_TOPICWHOTIME, &[name, &topic.setter, &topic.set_at.to_string()]);
}
