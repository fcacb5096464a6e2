//! `chat-server account`.

use std::io::{self, IsTerminal, Write};

use anyhow::{Context as _, anyhow, bail, ensure};
use chat_store::{Account, AccountChange, AccountName, AuditEntry, Store, StoreError, Suspension};

use crate::accounts::name::given;
use crate::accounts::new_account::{check_password, holds, is_email, new_account};
use crate::accounts::{duration, name, verifier};
use crate::config::Config;
use crate::data;
use crate::render;
use crate::state::event::EventId;

use super::erase;
use super::password::read_password;
use super::{AccountCommand, Place, audit};

/// Who does it, for those who read of it.
const BY: &str = "the command line";

pub(super) fn run(command: AccountCommand) -> anyhow::Result<()> {
    match command {
        AccountCommand::Add { name, oper, role, email, place } => {
            add(&name, (oper, role), email, &place)
        }
        AccountCommand::List { place } => list(&place),
        AccountCommand::Passwd { name, place } => passwd(&name, &place),
        AccountCommand::Suspend { name, lasts, reason, place } => {
            suspend(&name, lasts.as_deref(), &reason, &place)
        }
        AccountCommand::Unsuspend { name, place } => {
            let entry = audit::entry("account unsuspend");
            let wanted = AccountChange { suspension: Some(None), ..Default::default() };
            change(&name, &place, &wanted, entry)
        }
        AccountCommand::Drop { name, place } => drop_account(&name, &place),
        AccountCommand::Erase { name, messages: _, author, place } => {
            erase::run(&name, author, &place)
        }
        AccountCommand::GrantOper { name, role, place } => grant_oper(&name, role, &place),
        AccountCommand::RevokeOper { name, place } => {
            let entry = audit::entry("account revoke-oper");
            let wanted =
                AccountChange { is_oper: Some(false), oper_role: Some(None), ..Default::default() };
            change(&name, &place, &wanted, entry)
        }
    }
}

fn add(
    text: &str,
    (is_oper, role): (bool, Option<String>),
    email: Option<String>,
    place: &Place,
) -> anyhow::Result<()> {
    let (config, store) = place.open()?;
    check_role(&config, role.as_deref(), place)?;
    let name = name::parse(text, config.limits.nickname_chars_max)
        .map_err(|why| anyhow!("{text:?} can't be the name of an account: {why}"))?;
    ensure!(store.account(&name)?.is_none(), "there is an account {name} already");
    if let Some(email) = &email {
        ensure!(is_email(email), "{email:?} is no e-mail address");
    }
    let password = new_password(&config)?;
    let verifier = verifier::create(&password, config.accounts.scram_iterations);
    let account = new_account(name.clone(), verifier, data::now_micros());
    let entry = audit::entry("account add").on(name.as_str()).with(&as_oper(is_oper, &role));
    let account = Account { is_oper, oper_role: role, email, ..account };
    store.create_account(&account, None, Some(&entry))?;
    print(&format!("The account {name} is made"))
}

fn grant_oper(name: &str, role: Option<String>, place: &Place) -> anyhow::Result<()> {
    check_role(&place.config()?, role.as_deref(), place)?;
    let entry = audit::entry("account grant-oper").with(&as_oper(true, &role));
    let wanted = AccountChange { is_oper: Some(true), oper_role: Some(role), ..Default::default() };
    change(name, place, &wanted, entry)
}

fn as_oper(is_oper: bool, role: &Option<String>) -> String {
    match role {
        Some(role) => format!("oper, role {role}"),
        None if is_oper => "oper".to_owned(),
        None => String::new(),
    }
}

/// Where the configuration is named, a role is one of it.
fn check_role(config: &Config, role: Option<&str>, place: &Place) -> anyhow::Result<()> {
    let is_there = place.config.is_none() || config.oper_role(role).is_some();
    let role = role.unwrap_or_default();
    ensure!(is_there, "the configuration has no [[oper_roles]] named {role:?}");
    Ok(())
}

fn list(place: &Place) -> anyhow::Result<()> {
    let (_, store) = place.open()?;
    let now = data::now_micros();
    for account in store.accounts()? {
        let created = render::time(EventId(account.created));
        let oper = match &account.oper_role {
            Some(role) if account.is_oper => format!(" oper ({role})"),
            _ if account.is_oper => " oper".to_owned(),
            _ => String::new(),
        };
        let suspended = account.suspension.as_ref().filter(|it| holds(it, now));
        let suspended =
            suspended.map(|it| format!(" suspended: {}", it.reason)).unwrap_or_default();
        print(&format!("{} {created}{oper}{suspended}", account.name))?;
    }
    Ok(())
}

fn passwd(text: &str, place: &Place) -> anyhow::Result<()> {
    let (config, store) = place.open()?;
    let name = existing(store.as_ref(), text)?;
    let password = new_password(&config)?;
    let verifier = verifier::create(&password, config.accounts.scram_iterations);
    let change = AccountChange { verifier: Some(Some(verifier)), ..Default::default() };
    store_change(store.as_ref(), &name, &change, audit::entry("account passwd"))
}

fn suspend(text: &str, word: Option<&str>, reason: &str, place: &Place) -> anyhow::Result<()> {
    let lasts = word.map(parse_duration).transpose()?;
    let since = data::now_micros();
    let until = lasts.map(|micros| since.saturating_add(micros));
    let (by, reason) = (BY.to_owned(), one_line(reason)?);
    let entry = audit::entry("account suspend").because(&reason);
    let entry = entry.with(&word.map(|lasts| format!("for {lasts}")).unwrap_or_default());
    let suspension = Some(Some(Suspension { by, reason, since, until }));
    change(text, place, &AccountChange { suspension, ..Default::default() }, entry)
}

fn drop_account(text: &str, place: &Place) -> anyhow::Result<()> {
    let (_, store) = place.open()?;
    let name = existing(store.as_ref(), text)?;
    confirm(&name, "This deletes")?;
    let entry = audit::entry("account drop").on(name.as_str());
    store.drop_account(&name, Some(&entry))?;
    print(&format!("The account {name} is deleted"))
}

/// Has the name of an account typed again, if somebody is there to do it.
pub(super) fn confirm(name: &AccountName, what: &str) -> anyhow::Result<()> {
    if io::stdin().is_terminal() {
        let typed = ask(&format!("{what} {name} for good. Type its name: "))?;
        ensure!(given(typed.trim()) == *name, "that is another name: nothing was deleted");
    }
    Ok(())
}

/// Asks a question and reads a line.
fn ask(question: &str) -> anyhow::Result<String> {
    let mut out = io::stdout();
    write!(out, "{question}").and_then(|()| out.flush()).context("can't ask")?;
    let mut line = String::new();
    io::stdin().read_line(&mut line).context("can't read the answer")?;
    Ok(line)
}

fn change(
    text: &str,
    place: &Place,
    change: &AccountChange,
    entry: AuditEntry,
) -> anyhow::Result<()> {
    let (_, store) = place.open()?;
    let name = existing(store.as_ref(), text)?;
    store_change(store.as_ref(), &name, change, entry)
}

fn store_change(
    store: &dyn Store,
    name: &AccountName,
    change: &AccountChange,
    entry: AuditEntry,
) -> anyhow::Result<()> {
    let entry = entry.on(name.as_str());
    loop {
        let account =
            store.account(name)?.with_context(|| format!("there is no account {name}"))?;
        match store.change_account(name, account.rev, change, Some(&entry)) {
            Err(StoreError::Conflict) => {}
            outcome => {
                outcome?;
                return print(&format!("The account {name} is changed"));
            }
        }
    }
}

pub(super) fn existing(store: &dyn Store, text: &str) -> anyhow::Result<AccountName> {
    let found = store.account(&given(text))?;
    Ok(found.with_context(|| format!("there is no account {text}"))?.name)
}

fn new_password(config: &Config) -> anyhow::Result<String> {
    let password = read_password()?;
    let bytes_min = config.accounts.password_bytes_min;
    check_password(&password, bytes_min).map_err(|_| {
        anyhow!("a password has {bytes_min} to {} bytes", verifier::PASSWORD_BYTES_MAX)
    })?;
    Ok(password)
}

/// In microseconds.
pub(super) fn parse_duration(text: &str) -> anyhow::Result<u64> {
    let parsed = duration::parse(text);
    let duration = parsed
        .with_context(|| format!("{text:?} is no duration: expected one such as 12h or 7d"))?;
    Ok(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX))
}

pub(super) fn one_line(text: &str) -> anyhow::Result<String> {
    if text.contains(char::is_control) || text.len() > 300 {
        bail!("a reason is one line of at most 300 bytes");
    }
    Ok(text.to_owned())
}

pub(crate) fn print(line: &str) -> anyhow::Result<()> {
    writeln!(io::stdout(), "{line}").context("can't print")
}
