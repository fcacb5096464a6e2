//! PASS. Modern IRC, "PASS message".

use chat_protocol::Message;
use chat_protocol::numeric::ERR_ALREADYREGISTERED;

use super::{Context, Outcome, Reply};

pub(super) fn pass(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    if cx.is_registered() {
        return Err(Reply::numeric(ERR_ALREADYREGISTERED));
    }
    cx.client.registration.password = Some(message.params[0].to_owned());
    Ok(())
}
