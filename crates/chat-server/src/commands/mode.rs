//! MODE. Modern IRC, "MODE message".

use chat_protocol::{ChannelName, Message};

use super::{Context, Outcome, mode_room, mode_user};

pub(super) fn mode(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let target = message.params[0];
    let (modes, args) = match message.params.get(1..) {
        Some([modes, args @ ..]) => (Some(*modes), args),
        _ => (None, &[][..]),
    };
    if ChannelName::is_channel(target) {
        mode_room::mode(cx, target, modes, args)
    } else {
        mode_user::mode(cx, target, modes)
    }
}
