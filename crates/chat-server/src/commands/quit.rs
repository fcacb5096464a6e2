//! QUIT. Modern IRC, "QUIT message".

use chat_protocol::Message;

use crate::state::session::Farewell;

use super::context::cut;
use super::{Context, Outcome};

#[expect(clippy::unnecessary_wraps, reason = "every command returns an outcome")]
pub(super) fn quit(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let reason = message.params.first().copied().unwrap_or_default();
    let reason = cut(reason, cx.server.config().limits.reason_bytes_max);
    // The prefix tells what a user says from what the server says, "Ping timeout" for example.
    let quit = if reason.is_empty() { "Client quit".to_owned() } else { format!("Quit: {reason}") };
    cx.client.session.close(Farewell::new(&quit));
    Ok(())
}
