//! GHOST, RECLAIM and SESSIONS.

use std::sync::Arc;

use chat_protocol::Nickname;
use chat_store::AccountName;

use crate::accounts::name::given;
use crate::server::Origin;
use crate::state::session::Farewell;
use crate::state::user::User;

use super::{Answer, Context, login, own_account, say};

pub(super) fn ghost(cx: &mut Context<'_>, params: &[&str]) -> Answer {
    let nickname = params[0];
    let target = claim(cx, nickname, params.get(1).copied())?;
    let target = target.ok_or_else(|| format!("Nobody is called {nickname}"))?;
    note(cx, "NickServ GHOST", &target)?;
    disconnect(cx, &target);
    say(cx, &format!("{nickname} is disconnected"));
    Ok(())
}

/// `RECLAIM [nickname [password]]`: without a nickname, that of the account.
pub(super) fn reclaim(cx: &mut Context<'_>, params: &[&str]) -> Answer {
    let own = own_account(cx).map(|account| account.to_string());
    let nickname = match params.first() {
        Some(nickname) => (*nickname).to_owned(),
        None => own?,
    };
    let chars_max = cx.server.config().limits.nickname_chars_max;
    let wanted = Nickname::parse(&nickname, chars_max).map_err(|error| error.to_string())?;
    let holder = claim(cx, &nickname, params.get(1).copied())?;
    if let Some(why) = cx.server.refusal_of_nickname(&cx.client.session, &wanted) {
        return Err(format!("You can't be called so, it is banned: {why}"));
    }
    if !cx.client.session.is_logged_in_to(&AccountName::new(wanted.as_str())) {
        return Err("This is not the nickname of your account".to_owned());
    }
    if let Some(holder) = holder {
        note(cx, "NickServ RECLAIM", &holder)?;
        cx.server.rename_to_guest(Origin { user: &holder, session: None }, cx.delivery);
        if is_own(cx, &holder) {
            disconnect(cx, &holder);
        }
    }
    let user = cx.user();
    let taken = |_| "Somebody has taken it at this moment, try again".to_owned();
    cx.server.rename(&wanted, cx.origin(&user), cx.delivery).map_err(taken)?;
    say(cx, &format!("You are {wanted}"));
    Ok(())
}

/// Who has a nickname that the client owns, and is somebody else. A password logs in first.
fn claim(
    cx: &mut Context<'_>,
    nickname: &str,
    password: Option<&str>,
) -> Result<Option<Arc<User>>, String> {
    let account = given(nickname);
    let holder = cx.server.user(nickname);
    let owns = cx.client.session.is_logged_in_to(&account)
        || holder.as_ref().is_some_and(|holder| is_own(cx, holder));
    if !owns {
        let password =
            password.ok_or("This nickname is not yours. Log in to its account first.")?;
        login::log_in(cx, nickname, password)?;
    }
    if holder.as_ref().is_some_and(|holder| holder.id == cx.user().id) {
        return Err(format!("You are {nickname}"));
    }
    Ok(holder)
}

/// Whether a user is logged in to the client's account.
fn is_own(cx: &Context<'_>, user: &User) -> bool {
    let own = cx.client.session.login();
    own.is_some_and(|own| {
        user.sessions().iter().any(|session| session.is_logged_in_to(&own.account))
    })
}

/// Writes down what is done to somebody.
fn note(cx: &Context<'_>, action: &str, target: &User) -> Answer {
    let source = target.profile().source().clone();
    Ok(cx.server.audit(&cx.audit_entry(action).on(&source))?)
}

/// Ends a user; whoever logs in to its account joins the client from now on.
fn disconnect(cx: &mut Context<'_>, user: &Arc<User>) {
    let reason = format!("Disconnected by {}, whose nickname it is", cx.client_name());
    for session in user.sessions().iter() {
        session.end(Farewell::new(&reason));
    }
    cx.server.let_go(user, &reason, cx.delivery);
    if let Some(login) = cx.client.session.login() {
        cx.server.represents_no_account(user, &login.account);
        cx.server.represents_account(&cx.user());
    }
}

pub(super) fn sessions(cx: &mut Context<'_>, _: &[&str]) -> Answer {
    let mut sessions = cx.server.sessions_of(&own_account(cx)?);
    sessions.sort_by_key(|session| session.id);
    for session in sessions {
        let nickname = session.user().map(|user| user.nickname().to_string());
        let nickname = nickname.unwrap_or_else(|| "not registered yet".to_owned());
        let own = if session.id == cx.client.session.id { ", this one" } else { "" };
        say(cx, &format!("Session {}: {nickname} from {}{own}", session.id.0, session.address()));
        if !cx.has_room() {
            break;
        }
    }
    Ok(())
}
