//! CERT.

use chat_store::{AccountChange, AccountName, StoreError};

use crate::accounts::fingerprint;

use super::{Answer, Context, not_stored, own_account, say};

/// Certificates of one account.
const CERTIFICATES_MAX: usize = 10;

/// `CERT ADD [fingerprint]`, `CERT DEL fingerprint`, `CERT LIST`
pub(super) fn cert(cx: &mut Context<'_>, params: &[&str]) -> Answer {
    let account = own_account(cx)?;
    let given = params.get(1).copied();
    match params[0].to_ascii_uppercase().as_str() {
        "ADD" => add(cx, &account, given),
        "DEL" => delete(cx, &account, given),
        "LIST" => list(cx, &account),
        _ => Err("Say CERT ADD, CERT DEL or CERT LIST".to_owned()),
    }
}

fn add(cx: &mut Context<'_>, account: &AccountName, given: Option<&str>) -> Answer {
    let own = cx.client.session.certificate().map(str::to_owned);
    let fingerprint = match given {
        Some(given) => parse(given)?,
        None => own.ok_or("You are connected without a certificate: name its fingerprint")?,
    };
    let mut certificates = certificates(cx, account)?;
    if certificates.contains(&fingerprint) {
        return Err("This certificate is there already".to_owned());
    }
    if certificates.len() >= CERTIFICATES_MAX {
        return Err(format!("An account has at most {CERTIFICATES_MAX} certificates"));
    }
    certificates.push(fingerprint);
    store(cx, account, certificates)?;
    say(cx, "The certificate is added");
    Ok(())
}

fn delete(cx: &mut Context<'_>, account: &AccountName, given: Option<&str>) -> Answer {
    let fingerprint = parse(given.ok_or("Which one? CERT LIST shows them.")?)?;
    let mut certificates = certificates(cx, account)?;
    let before = certificates.len();
    certificates.retain(|certificate| *certificate != fingerprint);
    if certificates.len() == before {
        return Err("There is no such certificate".to_owned());
    }
    store(cx, account, certificates)?;
    say(cx, "The certificate is deleted");
    Ok(())
}

fn list(cx: &mut Context<'_>, account: &AccountName) -> Answer {
    let certificates = certificates(cx, account)?;
    if certificates.is_empty() {
        say(cx, "No certificate logs in to your account");
    }
    for certificate in certificates {
        say(cx, &certificate);
    }
    Ok(())
}

fn parse(text: &str) -> Result<String, String> {
    let parsed = fingerprint::parse(text);
    parsed.ok_or_else(|| "A fingerprint is a SHA-256 in hex: 64 digits".to_owned())
}

fn certificates(cx: &Context<'_>, account: &AccountName) -> Result<Vec<String>, String> {
    let found = cx.server.store.account(account).map_err(|error| not_stored(&error))?;
    Ok(found.ok_or_else(|| not_stored(&StoreError::Missing))?.certificates)
}

fn store(cx: &Context<'_>, account: &AccountName, certificates: Vec<String>) -> Answer {
    let change = AccountChange { certificates: Some(certificates), ..Default::default() };
    let stored = cx.server.change_account(account, None, |_| change.clone());
    stored.map_err(|error| match error {
        StoreError::Exists => "This certificate belongs to another account".to_owned(),
        error => not_stored(&error),
    })
}
