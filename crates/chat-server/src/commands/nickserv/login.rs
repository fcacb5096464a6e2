//! IDENTIFY and LOGOUT.

use crate::accounts::name::given;
use crate::commands::login;
use crate::state::session::Farewell;

use super::{Answer, Context, say};

pub(super) fn identify(cx: &mut Context<'_>, params: &[&str]) -> Answer {
    let own = cx.client_name();
    let (name, password) = match *params {
        [name, password, ..] => (name, password),
        [password] => (own.as_str(), password),
        [] => return Ok(()),
    };
    log_in(cx, name, password)?;
    say(cx, "You are logged in");
    Ok(())
}

/// Logs in by password.
pub(super) fn log_in(cx: &mut Context<'_>, name: &str, password: &str) -> Answer {
    // Others do not wait for the hashing.
    cx.delivery.flush(|| true);
    let session = cx.client.session.clone();
    let checked = cx.server.check_password(&session, &given(name), password);
    let account = checked.map_err(|error| error.text())?;
    login::log_in(cx, &account, false);
    Ok(())
}

pub(super) fn logout(cx: &mut Context<'_>, _: &[&str]) -> Answer {
    if cx.server.config().accounts.required {
        cx.client.session.close(Farewell::new("You have logged out"));
        return Ok(());
    }
    login::log_out(cx);
    say(cx, "You are logged out");
    Ok(())
}
