//! INFO, PASSWD and SET.

use chat_store::{Account, AccountChange, AccountName};

use crate::accounts::name::given;
use crate::accounts::new_account::{check_password, holds, is_email};
use crate::render;
use crate::server::accounts::RegisterError;
use crate::state::event::EventId;
use crate::state::privilege::Privilege;

use super::{Answer, Context, not_stored, own_account, say};

/// Shows an account; more of it to its owner and to IRC operators.
pub(super) fn info(cx: &mut Context<'_>, params: &[&str]) -> Answer {
    let name = match params.first() {
        Some(name) => given(name),
        None => own_account(cx).unwrap_or_else(|_| AccountName::new(&cx.client_name())),
    };
    let found = cx.server.store.account(&name).map_err(|error| not_stored(&error))?;
    let account = found.ok_or_else(|| format!("There is no account {name}"))?;
    let created = render::time(EventId(account.created));
    say(cx, &format!("Account {}, registered {created}", account.name));
    let sees_all =
        cx.client.session.is_logged_in_to(&name) || cx.user().profile().may(Privilege::Accounts);
    if sees_all {
        for line in details(cx, &account) {
            say(cx, &line);
        }
    }
    Ok(())
}

fn details(cx: &Context<'_>, account: &Account) -> Vec<String> {
    let sessions = cx.server.sessions_of(&account.name).len();
    let always_on = match account.always_on {
        None => "as the server is configured",
        Some(true) => "on",
        Some(false) => "off",
    };
    let mut lines = vec![
        format!("E-mail address: {}", account.email.as_deref().unwrap_or("none")),
        format!("Password: {}", if account.verifier.is_some() { "set" } else { "none" }),
        format!("Certificates: {}", account.certificates.len()),
        format!("Sessions: {sessions}"),
        format!("Always on: {always_on}"),
    ];
    if account.is_oper {
        lines.push("Has the role of an IRC operator".to_owned());
    }
    let now = cx.server.now_micros();
    if let Some(suspension) = account.suspension.as_ref().filter(|it| holds(it, now)) {
        let until = suspension
            .until
            .map_or_else(|| "further notice".to_owned(), |until| render::time(EventId(until)));
        let (by, reason) = (&suspension.by, &suspension.reason);
        lines.push(format!("Suspended by {by} until {until}: {reason}"));
    }
    lines
}

/// `PASSWD current new`
pub(super) fn passwd(cx: &mut Context<'_>, params: &[&str]) -> Answer {
    let account = own_account(cx)?;
    let (current, new) = (params[0], params[1]);
    let bytes_min = cx.server.config().accounts.password_bytes_min;
    check_password(new, bytes_min)
        .map_err(|error| RegisterError::Password(error).text(bytes_min))?;
    // Others do not wait for the hashing.
    cx.delivery.flush(|| true);
    let session = cx.client.session.clone();
    cx.server.check_password(&session, &account, current).map_err(|error| error.text())?;
    let verifier = cx.server.new_verifier(new);
    change(cx, &account, &AccountChange { verifier: Some(Some(verifier)), ..Default::default() })?;
    log::info!("The password of the account {:?} was changed by its owner", account.as_str());
    say(cx, "Your password is changed. SESSIONS shows who is logged in.");
    Ok(())
}

/// `SET EMAIL address|*`, `SET ALWAYS-ON ON|OFF|DEFAULT`
pub(super) fn set(cx: &mut Context<'_>, params: &[&str]) -> Answer {
    let account = own_account(cx)?;
    let value = params[1];
    let wanted = match params[0].to_ascii_uppercase().as_str() {
        "EMAIL" => AccountChange { email: Some(email(value)?), ..Default::default() },
        "ALWAYS-ON" => AccountChange { always_on: Some(switch(value)?), ..Default::default() },
        _ => return Err("There are the settings EMAIL and ALWAYS-ON".to_owned()),
    };
    change(cx, &account, &wanted)?;
    if let Some(always_on) = wanted.always_on {
        cx.server.set_always_on(&account, always_on);
    }
    say(cx, "Your setting is changed");
    Ok(())
}

fn email(value: &str) -> Result<Option<String>, String> {
    match value {
        "*" => Ok(None),
        value if is_email(value) => Ok(Some(value.to_owned())),
        _ => Err(RegisterError::BadEmail.text(0)),
    }
}

fn switch(value: &str) -> Result<Option<bool>, String> {
    match value.to_ascii_uppercase().as_str() {
        "ON" => Ok(Some(true)),
        "OFF" => Ok(Some(false)),
        "DEFAULT" => Ok(None),
        _ => Err("Say ON, OFF or DEFAULT".to_owned()),
    }
}

fn change(cx: &Context<'_>, account: &AccountName, wanted: &AccountChange) -> Answer {
    cx.server.change_account(account, None, |_| wanted.clone()).map_err(|error| not_stored(&error))
}
