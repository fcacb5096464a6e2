//! SETNAME. IRCv3, "setname".

use chat_protocol::Message;

use crate::state::event::EventKind;

use super::{Context, Outcome, Reply};

pub(super) fn setname(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let realname = message.params[0];
    let bytes_max = cx.server.config().limits.realname_bytes_max;
    if realname.trim().is_empty() || realname.len() > bytes_max {
        let text = format!("A realname has 1 to {bytes_max} bytes");
        return Err(Reply::fail("SETNAME", "INVALID_REALNAME", text));
    }
    let (user, realname) = (cx.user(), std::sync::Arc::<str>::from(realname));
    let event = EventKind::RealnameChanged { realname: realname.clone() };
    cx.server.change_profile(cx.origin(&user), event, cx.delivery, |profile| {
        profile.realname = realname;
    });
    Ok(())
}
