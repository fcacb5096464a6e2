//! Commands about the user's account.

use super::super::Client;
use super::super::extensions::{ACCOUNT_REGISTRATION, SASL};
use super::super::questions::Purpose;
use super::super::speak::Mistake;
use super::Typed;

pub(super) fn login(client: &mut Client, mut typed: Typed<'_>) -> Result<(), Mistake> {
    let account = typed.word()?.to_owned();
    nothing_more(typed)?;
    if !client.extensions.has(SASL) {
        return Err(because("The server has no accounts to log in to."));
    }
    if client.login.is_under_way() {
        return Err(because("A login is under way."));
    }
    client.ask(Purpose::Login { account });
    Ok(())
}

pub(super) fn logout(client: &mut Client, _: Typed<'_>) -> Result<(), Mistake> {
    client.send("NS", &["LOGOUT"], None);
    Ok(())
}

pub(super) fn register(client: &mut Client, mut typed: Typed<'_>) -> Result<(), Mistake> {
    let (mut account, mut email) = ("*", "*");
    while typed.remaining().is_some() {
        let word = typed.word()?;
        match word.contains('@') {
            true if email == "*" => email = word,
            false if account == "*" && email == "*" => account = word,
            _ => return Err(asked_for()),
        }
    }
    if !client.extensions.has(ACCOUNT_REGISTRATION) {
        return Err(because("No accounts can be made on this server."));
    }
    let needs_email = client.extensions.values(ACCOUNT_REGISTRATION).unwrap_or_default();
    if email == "*" && needs_email.iter().any(|key| key.starts_with("email-required")) {
        return Err(because("The server wants an address of mail: /register ACCOUNT EMAIL"));
    }
    if client.may_send_password() {
        let (account, email) = (account.to_owned(), email.to_owned());
        client.ask(Purpose::Register { account, email });
    }
    Ok(())
}

pub(super) fn verify(client: &mut Client, mut typed: Typed<'_>) -> Result<(), Mistake> {
    let account = typed.word()?;
    client.send("VERIFY", &[account, typed.word()?], None);
    Ok(())
}

pub(super) fn passwd(client: &mut Client, typed: Typed<'_>) -> Result<(), Mistake> {
    nothing_more(typed)?;
    if client.may_send_password() {
        client.ask(Purpose::Passwd);
    }
    Ok(())
}

pub(super) fn sessions(client: &mut Client, _: Typed<'_>) -> Result<(), Mistake> {
    client.send("NS", &["SESSIONS"], None);
    Ok(())
}

/// A password in the line has been seen by who looks over the user's shoulder; it goes nowhere else.
fn nothing_more(typed: Typed<'_>) -> Result<(), Mistake> {
    if typed.remaining().is_some() { Err(asked_for()) } else { Ok(()) }
}

fn asked_for() -> Mistake {
    because("That is too much: a password is asked for, never typed here.")
}

fn because(why: &str) -> Mistake {
    Mistake::Because(why.to_owned())
}
