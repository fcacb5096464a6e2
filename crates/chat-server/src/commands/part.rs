//! PART. Modern IRC, "PART message".

use std::sync::Arc;

use chat_protocol::Message;

use crate::state::event::EventKind;
use crate::state::room::Room;

use super::context::{cut, not_on_channel};
use super::{Context, Outcome};

pub(super) fn part(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let reason = message.params.get(1).filter(|reason| !reason.is_empty());
    let reason = reason.map(|reason| cut(reason, cx.server.config().limits.reason_bytes_max));
    for name in message.params[0].split(',') {
        let left = cx.find_visible_room(name).and_then(|room| leave(cx, &room, reason));
        if let Err(reply) = left {
            cx.reply(&reply);
        }
    }
    Ok(())
}

/// JOIN 0.
pub(super) fn leave_all(cx: &mut Context<'_>) {
    for room in cx.user().rooms() {
        // Whoever was removed from the room just now has left it as well.
        let _ = leave(cx, &room, None);
    }
}

fn leave(cx: &mut Context<'_>, room: &Arc<Room>, reason: Option<&str>) -> Outcome {
    let user = cx.user();
    cx.server.submit(room, cx.origin(&user), cx.delivery, |state| {
        if state.member(&user).is_none() {
            return Err(not_on_channel(room));
        }
        Ok(vec![EventKind::Parted {
            room: room.name.as_str().into(),
            reason: reason.map(str::to_owned),
        }])
    })?;
    cx.server.remember_rooms(&user);
    Ok(())
}
