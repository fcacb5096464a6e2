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
        if state.settings.topic.is_none() {
            cx.numeric(RPL_NOTOPIC, &[room.name.as_str()]);
        }
        show(cx, &room, &state);
        return Ok(());
    };
    let text = cut(text, bytes_max(cx, &room)).to_owned();
    cx.server.submit(&room, cx.origin(&user), cx.delivery, |state| {
        if state.member(&user).is_none() {
            return Err(not_on_channel(&room));
        }
        access::set_topic(state, &user)
            .map_err(|numeric| Reply::numeric(numeric).param(room.name.as_str()))?;
        Ok(vec![EventKind::TopicSet { room: room.name.as_str().into(), text }])
    })?;
    Ok(())
}

/// What the announced length and the lines that show a topic leave room for.
fn bytes_max(cx: &Context<'_>, room: &Room) -> usize {
    let source = cx.user().profile().source().len();
    let numeric = cx.server.name().len() + cx.server.config().limits.nickname_chars_max * 3;
    let around = ": TOPIC  :\r\n".len() + room.name.as_str().len() + source.max(numeric);
    cx.server.config().limits.topic_bytes_max.min(cx.server.line_bytes_max().saturating_sub(around))
}

/// The topic, and who set it when; nothing if there is none.
pub(super) fn show(cx: &mut Context<'_>, room: &Room, state: &RoomState) {
    let Some(topic) = &state.settings.topic else { return };
    let name = room.name.as_str();
    cx.reply(&Reply::numeric(RPL_TOPIC).param(name).text(&*topic.text));
    cx.numeric(RPL_TOPICWHOTIME, &[name, &topic.setter, &topic.set_at.to_string()]);
}
