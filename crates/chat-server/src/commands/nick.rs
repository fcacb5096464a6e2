//! NICK. Modern IRC, "NICK message".

use chat_protocol::numeric::{
    ERR_ERRONEUSNICKNAME, ERR_NICKNAMEINUSE, ERR_NICKTOOFAST, ERR_NONICKCHANGE, ERR_NONICKNAMEGIVEN,
};
use chat_protocol::{Message, Nickname};
use chat_store::AccountName;

use crate::accounts::name::is_service;
use crate::server::accounts::NicknameRefused;

use crate::state::paces::Action;
use crate::state::user::User;

use super::{Context, Outcome, Reply, registration};

pub(super) fn nick(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let text = *message
        .params
        .first()
        .filter(|text| !text.is_empty())
        .ok_or_else(|| Reply::numeric(ERR_NONICKNAMEGIVEN))?;
    let nickname =
        Nickname::parse(text, cx.server.config().limits.nickname_chars_max).map_err(|error| {
            Reply::numeric(ERR_ERRONEUSNICKNAME).param(text).fill(&[&error.to_string()])
        })?;
    if cx.is_registered() {
        return rename(cx, text, &nickname);
    }
    choose(cx, text, nickname)?;
    registration::try_complete(cx)
}

#[inline(never)]
fn rename(cx: &mut Context<'_>, text: &str, nickname: &Nickname) -> Outcome {
    check_accounts(cx, nickname)?;
    if let Some(why) = cx.server.refusal_of_nickname(&cx.client.session, nickname) {
        return Err(Reply::numeric(ERR_NONICKCHANGE)
            .param(text)
            .fill(&[&format!("banned: {why}")]));
    }
    let user = cx.user();
    if user.nickname().as_str() != nickname.as_str() {
        let paced = cx.server.keep_pace(&user, &cx.client.session, Action::ChangeNickname);
        paced.map_err(|why| Reply::numeric(ERR_NICKTOOFAST).param(text).fill(&[&why.seconds()]))?;
    }
    let origin = cx.origin(&user);
    cx.server.rename(nickname, origin, cx.delivery).map_err(|_| in_use(text))
}

/// Notes the nickname of who has not registered yet.
#[inline(never)]
fn choose(cx: &mut Context<'_>, text: &str, nickname: Nickname) -> Outcome {
    if cx.server.user(text).is_some_and(|user| !may_join(cx, &user)) {
        cx.client.registration.refused = Some(nickname);
        return Err(in_use(text));
    }
    if is_service(text) {
        return Err(service(text));
    }
    cx.client.registration.nickname = Some(nickname);
    Ok(())
}

fn in_use(nickname: &str) -> Reply {
    Reply::numeric(ERR_NICKNAMEINUSE).param(nickname)
}

/// Whether the client may come to share the user: it is logged in to its account, or can still
/// log in.
fn may_join(cx: &Context<'_>, user: &User) -> bool {
    let Some(account) = user.profile().account.as_deref().map(AccountName::new) else {
        return false;
    };
    cx.client.registration.negotiating || cx.client.session.is_logged_in_to(&account)
}

/// Refuses a nickname that belongs to an account the client is not logged in to, or to a service.
pub(super) fn check_accounts(cx: &Context<'_>, nickname: &Nickname) -> Outcome {
    let text = nickname.as_str();
    cx.server.check_nickname(&cx.client.session, nickname).map_err(|refused| match refused {
        NicknameRefused::Service => service(text),
        NicknameRefused::Account(why) => Reply::numeric(ERR_NICKNAMEINUSE).param(text).text(why),
    })
}

fn service(nickname: &str) -> Reply {
    let why = "it is the name of a service";
    Reply::numeric(ERR_ERRONEUSNICKNAME).param(nickname).fill(&[why])
}
