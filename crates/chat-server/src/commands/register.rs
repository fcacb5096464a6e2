//! REGISTER and VERIFY. IRCv3, "account-registration" (draft).
//!
//! Where accounts are by invitation only, the code of the invitation is what VERIFY is given: to a
//! client it is the code that verifies the account.

use chat_protocol::Message;
use chat_store::Account;

use crate::accounts::name;
use crate::accounts::new_account::PasswordError;
use crate::config::Registration;
use crate::server::accounts::{RegisterError, Registering};

use super::{Context, Outcome, Reply, login, registration};

/// Stands for what is not given.
const NONE: &str = "*";

/// `REGISTER account|* email|* password`
pub(super) fn register(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let (name, email, password) = (message.params[0], message.params[1], message.params[2]);
    check_phase(cx, "REGISTER", name)?;
    let own = own_name(cx);
    let name = if name == NONE { own.as_str() } else { name };
    if name == NONE {
        return Err(fail("REGISTER", "NEED_NICK", name, "Choose a nickname or an account name"));
    }
    // Others do not wait for the hashing.
    cx.delivery.flush(|| true);
    let email = Some(email).filter(|email| *email != NONE);
    let asked = Registering { name, password, email };
    let account = cx
        .server
        .prepare_account(&cx.client.session, asked)
        .map_err(|error| refused(cx, "REGISTER", name, &error))?;
    if cx.server.config().accounts.registration == Registration::Invitation {
        let text = "Send VERIFY with this account name and the code of your invitation";
        let name = account.name.as_str().to_owned();
        cx.client.unfinished.account = Some(Box::new(account));
        cx.send("REGISTER", &["VERIFICATION_REQUIRED", &name, text]);
        return Ok(());
    }
    complete(cx, "REGISTER", &account, None)
}

/// The nickname, or the one that was asked for and taken, which is then refused as an account.
fn own_name(cx: &Context<'_>) -> String {
    let refused = cx.client.registration.refused.as_ref().map(ToString::to_string);
    Some(cx.client_name()).filter(|name| name != NONE).or(refused).unwrap_or(NONE.to_owned())
}

/// `VERIFY account code`
pub(super) fn verify(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let (name, code) = (message.params[0], message.params[1]);
    check_phase(cx, "VERIFY", name)?;
    let waiting = cx.client.unfinished.account.clone();
    let given = name::given(name);
    let Some(account) = waiting.filter(|account| account.name == given) else {
        return Err(fail("VERIFY", "INVALID_CODE", name, "REGISTER this account first"));
    };
    cx.server
        .count_registration(&cx.client.session)
        .map_err(|error| refused(cx, "VERIFY", name, &error))?;
    complete(cx, "VERIFY", &account, Some(code))
}

fn check_phase(cx: &mut Context<'_>, command: &'static str, name: &str) -> Outcome {
    if !cx.is_registered() && !cx.server.config().accounts.register_before_connect {
        let text = "Finish connecting first";
        return Err(fail(command, "COMPLETE_CONNECTION_REQUIRED", name, text));
    }
    if !cx.is_registered() {
        // Nobody leaves an account behind on a server it is not let in to.
        registration::check_password(cx)?;
    }
    if let Some(login) = cx.client.session.login() {
        let text = "You have an account and are logged in to it";
        return Err(fail(command, "ALREADY_AUTHENTICATED", login.account.as_str(), text));
    }
    Ok(())
}

fn complete(
    cx: &mut Context<'_>,
    command: &'static str,
    account: &Account,
    code: Option<&str>,
) -> Outcome {
    let name = account.name.as_str();
    cx.server
        .store_account(account, code, None)
        .map_err(|error| refused(cx, command, name, &error))?;
    cx.client.unfinished.account = None;
    cx.send(command, &["SUCCESS", name, "Your account is registered"]);
    login::log_in(cx, account, false);
    Ok(())
}

fn refused(cx: &Context<'_>, command: &'static str, name: &str, error: &RegisterError) -> Reply {
    let code = match error {
        RegisterError::BadName(_) => "BAD_ACCOUNT_NAME",
        RegisterError::Exists => "ACCOUNT_EXISTS",
        RegisterError::Password(PasswordError::TooShort) => "WEAK_PASSWORD",
        RegisterError::Password(PasswordError::TooLong) => "UNACCEPTABLE_PASSWORD",
        RegisterError::BadEmail => "INVALID_EMAIL",
        RegisterError::BadCode => "INVALID_CODE",
        RegisterError::Off | RegisterError::Throttled | RegisterError::Store(_) => {
            "TEMPORARILY_UNAVAILABLE"
        }
    };
    fail(command, code, name, &error.text(cx.server.config().accounts.password_bytes_min))
}

fn fail(command: &'static str, code: &'static str, name: &str, text: &str) -> Reply {
    Reply::fail(command, code, text.to_owned()).param(name)
}
