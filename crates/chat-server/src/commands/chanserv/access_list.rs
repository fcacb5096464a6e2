//! ACCESS and AMODE: who has which role whenever it joins.

use std::sync::Arc;

use chat_protocol::Membership;
use chat_store::AccountName;

use crate::state::event::EventKind;
use crate::state::registration::{ACCESS_ENTRIES_MAX, RegistrationChange, Standing};
use crate::state::room::Room;

use super::{Answer, Context, authorized, find, find_account, registration, say, submit};

/// `ACCESS #room ADD account role`, `ACCESS #room DEL account`, `ACCESS #room LIST`
pub(super) fn access(cx: &mut Context<'_>, params: &[&str]) -> Answer {
    let room = find(cx, params[0])?;
    let (account, role) = (params.get(2).copied(), params.get(3).copied());
    match (params[1].to_ascii_uppercase().as_str(), account, role) {
        ("LIST", ..) => list(cx, &room),
        ("ADD", Some(account), Some(role)) => give(cx, &room, account, parse_role(role)?),
        ("DEL", Some(account), _) => take(cx, &room, account, None),
        _ => Err("Say ACCESS #room ADD account role, DEL account, or LIST".to_owned()),
    }
}

/// `AMODE #room [+role account | -role account]`
pub(super) fn amode(cx: &mut Context<'_>, params: &[&str]) -> Answer {
    let room = find(cx, params[0])?;
    let [mode, account, ..] = params[1..] else {
        return if params.len() == 1 { list(cx, &room) } else { Err(say_how()) };
    };
    match (mode.strip_prefix('+'), mode.strip_prefix('-')) {
        (Some(role), _) => give(cx, &room, account, parse_role(role)?),
        (_, Some(role)) => take(cx, &room, account, Some(parse_role(role)?)),
        _ => Err(say_how()),
    }
}

fn say_how() -> String {
    "Say AMODE #room +o account or AMODE #room -o account".to_owned()
}

fn parse_role(text: &str) -> Result<Membership, String> {
    let mut letters = text.chars();
    let role = letters.next().and_then(Membership::from_mode).filter(|_| letters.next().is_none());
    role.ok_or_else(|| "A role is one of q, a, o, h and v".to_owned())
}

fn list(cx: &mut Context<'_>, room: &Arc<Room>) -> Answer {
    let user = cx.user();
    let lines = {
        let state = room.state();
        authorized(room, &state, &user, Standing::Role(Membership::Voice))?;
        let access = registration(room, &state)?.access.values();
        let line = |it: &crate::state::registration::Access| {
            format!("{} {} (by {})", it.status.mode(), it.account, it.by)
        };
        access.map(line).collect::<Vec<_>>()
    };
    if lines.is_empty() {
        say(cx, &format!("No account has a standing role in {}", room.name));
    }
    for line in lines {
        say(cx, &line);
        if !cx.has_room() {
            break;
        }
    }
    Ok(())
}

fn give(cx: &mut Context<'_>, room: &Arc<Room>, account: &str, role: Membership) -> Answer {
    let user = cx.user();
    // Who may do nothing here learns nothing about accounts.
    authorized(room, &room.state(), &user, needed_for(role))?;
    let account = find_account(cx, account)?;
    set(cx, room, &account, Some(role), None)?;
    say(cx, &format!("{account} has role {} in {}", role.mode(), room.name));
    let here = cx
        .server
        .users()
        .into_iter()
        .filter(|user| user.profile().account_name().is_some_and(|name| name == account));
    for user in here.collect::<Vec<_>>() {
        cx.server.grant_role(room, &user, Some(cx.client.session.id), cx.delivery);
    }
    Ok(())
}

fn take(cx: &mut Context<'_>, room: &Arc<Room>, account: &str, role: Option<Membership>) -> Answer {
    let account = AccountName::new(account);
    set(cx, room, &account, None, role)?;
    say(cx, &format!("{account} has no standing role in {} any more", room.name));
    Ok(())
}

/// Gives or takes a role. Who changes it has a higher one than that of before and that of after, and
/// is protected (`a`) at least.
fn set(
    cx: &mut Context<'_>,
    room: &Arc<Room>,
    account: &AccountName,
    status: Option<Membership>,
    expected: Option<Membership>,
) -> Answer {
    submit(cx, room, |state, user| {
        let registration = registration(room, state)?;
        let before = registration.access.get(account.key()).map(|access| access.status);
        let highest = before.max(status).unwrap_or(Membership::Voice);
        authorized(room, state, user, needed_for(highest))?;
        if registration.founder.as_ref() == Some(account) && status.is_some() {
            return Err(format!("{account} is the founder"));
        }
        let has_it = before.is_some_and(|before| expected.is_none_or(|role| role == before));
        if status.is_none() && !has_it {
            return Err(format!("{account} has no such role in {}", room.name));
        }
        let is_full = before.is_none() && registration.access.len() >= ACCESS_ENTRIES_MAX;
        if status.is_some() && is_full {
            return Err(format!("At most {ACCESS_ENTRIES_MAX} accounts have a role in a room"));
        }
        let account = account.clone();
        Ok(vec![EventKind::RegistrationChanged(RegistrationChange::AccessSet { account, status })])
    })?;
    Ok(())
}

fn needed_for(role: Membership) -> Standing {
    match role {
        Membership::Founder => Standing::Founder,
        Membership::Admin => Standing::Role(Membership::Founder),
        _ => Standing::Role(Membership::Admin),
    }
}
