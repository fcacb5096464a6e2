//! REGISTER and DROP.

use crate::accounts::secret;
use crate::commands::login;
use crate::config::Registration;
use crate::server::accounts::{RegisterError, Registering};
use crate::state::session::Farewell;

use super::{Answer, Context, not_stored, own_account, say};

/// Stands for no e-mail address.
const NONE: &str = "*";

/// `REGISTER password [email] [code]`. A second word without `@` is the code.
pub(super) fn register(cx: &mut Context<'_>, params: &[&str]) -> Answer {
    if let Ok(account) = own_account(cx) {
        return Err(format!("You are logged in to {account}"));
    }
    let by_invitation = cx.server.config().accounts.registration == Registration::Invitation;
    let (email, code) = match *params {
        [_, code] if by_invitation && code != NONE && !code.contains('@') => (None, Some(code)),
        [_, email, code, ..] => (Some(email), Some(code)),
        [_, email] => (Some(email), None),
        _ => (None, None),
    };
    if by_invitation && code.is_none() {
        return Err("Accounts are by invitation: REGISTER password [email] code".to_owned());
    }
    let code = code.filter(|_| by_invitation);
    let (name, email) = (cx.client_name(), email.filter(|email| *email != NONE));
    let asked = Registering { name: &name, password: params[0], email };
    // Others do not wait for the hashing.
    cx.delivery.flush(|| true);
    let bytes_min = cx.server.config().accounts.password_bytes_min;
    let text = |error: RegisterError| error.text(bytes_min);
    let account = cx.server.prepare_account(&cx.client.session, asked).map_err(text)?;
    cx.server.store_account(&account, code, None).map_err(text)?;
    say(cx, &format!("The account {} is registered", account.name));
    login::log_in(cx, &account, false);
    Ok(())
}

/// `DROP`, then `DROP code`.
pub(super) fn drop_account(cx: &mut Context<'_>, params: &[&str]) -> Answer {
    let account = own_account(cx)?;
    let Some(given) = params.first() else {
        let code = secret::word::<8>();
        say(cx, &format!("This deletes the account {account} for good. To do it: DROP {code}"));
        cx.client.unfinished.drop = Some(Box::new((account, code)));
        return Ok(());
    };
    let expected = cx.client.unfinished.drop.take();
    if expected.is_none_or(|expected| *expected != (account.clone(), (*given).to_owned())) {
        return Err("This is not the code. DROP alone says a new one.".to_owned());
    }
    let entry = cx.audit_entry("NickServ DROP").on(account.as_str());
    cx.server.store.drop_account(&account, Some(&entry)).map_err(|error| not_stored(&error))?;
    cx.server.forget_account(&account, cx.delivery);
    log::info!("The account {:?} was dropped by its owner", account.as_str());
    say(cx, &format!("The account {account} is deleted"));
    let by = cx.client.session.id;
    for session in cx.server.sessions_of(&account) {
        cx.server.log_out(&session, Some(by), cx.delivery);
        if cx.server.config().accounts.required {
            session.end(Farewell::new("Your account is gone"));
        }
    }
    if let Some(user) = cx.server.user_of_account(&account) {
        cx.server.let_go(&user, "Its account is gone", cx.delivery);
    }
    Ok(())
}
