//! USER. Modern IRC, "USER message".

use chat_protocol::Message;
use chat_protocol::numeric::{ERR_ALREADYREGISTERED, ERR_INVALIDUSERNAME, ERR_NEEDMOREPARAMS};

use super::context::cut;
use super::{Context, Outcome, Reply, registration};

/// The most bytes of a username, the `~` not counted.
const USERNAME_BYTES_MAX: usize = 20;

pub(super) fn user(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    if cx.is_registered() || cx.client.registration.user.is_some() {
        return Err(Reply::numeric(ERR_ALREADYREGISTERED));
    }
    let (username, realname) = (message.params[0], message.params[3]);
    if username.is_empty() || realname.is_empty() {
        return Err(Reply::numeric(ERR_NEEDMOREPARAMS).param("USER"));
    }
    let is_shown = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let shown: String = username.chars().filter(is_shown).collect();
    if shown.is_empty() {
        return Err(Reply::numeric(ERR_INVALIDUSERNAME));
    }
    // The tilde says that nobody has checked the name.
    let username = format!("~{}", cut(&shown, USERNAME_BYTES_MAX));
    let user = (username, cut(realname, cx.server.config().limits.realname_bytes_max).to_owned());
    cx.client.registration.user = Some(user);
    registration::try_complete(cx)
}
