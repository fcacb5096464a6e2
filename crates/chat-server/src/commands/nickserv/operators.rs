//! SAREGISTER, SUSPEND, UNSUSPEND and RENAME, for IRC operators.

use chat_store::{AccountChange, AccountName, AuditEntry, Suspension};

use crate::accounts::duration;
use crate::accounts::name::{self, given};
use crate::commands::context::cut;
use crate::server::accounts::{RegisterError, Registering};
use crate::state::session::Login;

use super::{Answer, Context, not_stored, say};

/// `SAREGISTER account password [email]`
pub(super) fn saregister(cx: &mut Context<'_>, params: &[&str]) -> Answer {
    let (name, password, email) = (params[0], params[1], params.get(2).copied());
    let bytes_min = cx.server.config().accounts.password_bytes_min;
    let text = |error: RegisterError| error.text(bytes_min);
    // Others do not wait for the hashing.
    cx.delivery.flush(|| true);
    let account =
        cx.server.prepare_account_for(Registering { name, password, email }).map_err(text)?;
    let entry = cx.audit_entry("NickServ SAREGISTER").on(account.name.as_str());
    cx.server.store_account(&account, None, Some(&entry)).map_err(text)?;
    note(cx, &format!("registered the account {:?}", account.name.as_str()));
    say(cx, &format!("The account {} is registered", account.name));
    cx.server.free_nickname(&account.name, cx.delivery);
    Ok(())
}

/// `SUSPEND account [duration] [reason]`
pub(super) fn suspend(cx: &mut Context<'_>, params: &[&str]) -> Answer {
    let name = given(params[0]);
    let (lasts, words) = match params.get(1).and_then(|word| duration::parse(word)) {
        Some(lasts) => (Some(lasts), &params[2..]),
        None => (None, &params[1..]),
    };
    let reason = words.join(" ");
    let reason = if reason.is_empty() { "No reason given" } else { &reason };
    let reason = cut(reason, cx.server.config().limits.reason_bytes_max).to_owned();
    let (since, by) = (cx.server.now_micros(), cx.client_name());
    let micros = lasts.map(|lasts| u64::try_from(lasts.as_micros()).unwrap_or(u64::MAX));
    let until = micros.map(|micros| since.saturating_add(micros));
    let suspension = Suspension { by, reason: reason.clone(), since, until };
    let change = AccountChange { suspension: Some(Some(suspension)), ..Default::default() };
    let entry = cx.audit_entry("NickServ SUSPEND").on(name.as_str()).because(&reason);
    let entry = entry.with(&lasts.map(duration::shown).unwrap_or_default());
    change_account(cx, &name, &change, &entry)?;
    note(cx, &format!("suspended the account {:?}: {reason:?}", name.as_str()));
    say(cx, &format!("The account {name} is suspended"));
    let reason = format!("Your account is suspended: {reason}");
    cx.server.end_account(&name, &reason, cx.delivery);
    Ok(())
}

pub(super) fn unsuspend(cx: &mut Context<'_>, params: &[&str]) -> Answer {
    let name = given(params[0]);
    let change = AccountChange { suspension: Some(None), ..Default::default() };
    let entry = cx.audit_entry("NickServ UNSUSPEND").on(name.as_str());
    change_account(cx, &name, &change, &entry)?;
    note(cx, &format!("ended the suspension of the account {:?}", name.as_str()));
    say(cx, &format!("The account {name} is open again"));
    Ok(())
}

/// `RENAME account name`
pub(super) fn rename(cx: &mut Context<'_>, params: &[&str]) -> Answer {
    let old = given(params[0]);
    let chars_max = cx.server.config().limits.nickname_chars_max;
    let new =
        name::parse(params[1], chars_max).map_err(|why| RegisterError::BadName(why).text(0))?;
    let holder = cx.server.user(new.as_str());
    let is_anothers = holder.is_some_and(|holder| {
        !holder.sessions().iter().any(|session| session.is_logged_in_to(&old))
    });
    if is_anothers {
        return Err("Somebody else is called so at present".to_owned());
    }
    let change = AccountChange { name: Some(new.clone()), ..Default::default() };
    let entry = cx.audit_entry("NickServ RENAME").on(old.as_str()).with(&format!("to {new}"));
    change_account(cx, &old, &change, &entry)?;
    cx.server.rename_account_in_rooms(&old, &new, cx.delivery);
    cx.server.rename_in_erasures(&old, &new);
    cx.server.account_is_called(&new);
    note(cx, &format!("renamed the account {:?} to {:?}", old.as_str(), new.as_str()));
    say(cx, &format!("The account {old} is now {new}"));
    let by = cx.client.session.id;
    for session in cx.server.sessions_of(&old) {
        let login = session.login().map(|login| Login { account: new.clone(), ..login });
        cx.server.set_login(&session, login, Some(by), cx.delivery);
    }
    cx.server.follow_account(&old, &new, cx.delivery);
    Ok(())
}

fn change_account(
    cx: &Context<'_>,
    name: &AccountName,
    change: &AccountChange,
    entry: &AuditEntry,
) -> Answer {
    let changed = cx.server.change_account(name, Some(entry), |_| change.clone());
    changed.map_err(|error| not_stored(&error))
}

fn note(cx: &Context<'_>, what: &str) {
    log::info!("{} {what}", cx.user().profile().source());
}
