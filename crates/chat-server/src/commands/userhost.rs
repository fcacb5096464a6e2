//! USERHOST. Modern IRC, "USERHOST message".

use chat_protocol::Message;
use chat_protocol::numeric::RPL_USERHOST;

use crate::state::user::Profile;

use super::{Context, Outcome, Reply};

/// The most users of one question.
const USERS_MAX: usize = 5;

#[expect(clippy::unnecessary_wraps, reason = "every command returns an outcome")]
pub(super) fn userhost(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let asked = message.params.iter().take(USERS_MAX);
    let found: Vec<String> = asked
        .filter_map(|nickname| cx.server.user(nickname))
        .map(|user| shown(&user.profile()))
        .collect();
    cx.reply(&Reply::numeric(RPL_USERHOST).text(found.join(" ")));
    Ok(())
}

/// `nickname[*]=(+|-)username@hostname`: `*` for an IRC operator, `-` for one who is away.
fn shown(profile: &Profile) -> String {
    let oper = if profile.modes.oper { "*" } else { "" };
    let here = if profile.away.is_some() { '-' } else { '+' };
    format!("{}{oper}={here}{}@{}", profile.nickname, profile.username, profile.hostname)
}
