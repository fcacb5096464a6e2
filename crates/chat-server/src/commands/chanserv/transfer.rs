//! TRANSFER: a room gets another founder, who has to want it.

use std::sync::Arc;

use crate::state::event::EventKind;
use crate::state::registration::{RegistrationChange, Standing};
use crate::state::room::Room;

use super::{Answer, Context, authorized, change, find, find_account, registration, say, submit};

/// `TRANSFER #room account`, `TRANSFER #room *`, `TRANSFER #room`
pub(super) fn transfer(cx: &mut Context<'_>, params: &[&str]) -> Answer {
    let room = find_offered(cx, params[0])?;
    match params.get(1).copied() {
        None => accept(cx, &room),
        Some("*") => {
            change(cx, &room, Standing::Founder, RegistrationChange::Offered(None))?;
            say(cx, &format!("{} is offered to nobody", room.name));
            Ok(())
        }
        Some(account) => offer(cx, &room, account),
    }
}

/// Whom a room is offered to may know of it.
fn find_offered(cx: &Context<'_>, name: &str) -> Result<Arc<Room>, String> {
    let own = cx.user().profile().account_name();
    let is_offered = |room: &Arc<Room>| {
        let state = room.state();
        let registration = state.settings.registration.as_ref();
        own.is_some() && registration.is_some_and(|it| it.offered_to == own)
    };
    cx.server.room(name).filter(is_offered).map_or_else(|| find(cx, name), Ok)
}

/// By the founder it is an offer; by an IRC operator, who is asked by people, it is done at once.
fn offer(cx: &mut Context<'_>, room: &Arc<Room>, account: &str) -> Answer {
    let user = cx.user();
    authorized(room, &room.state(), &user, Standing::Founder)?;
    let account = find_account(cx, account)?;
    let max = cx.server.config().rooms.registered_per_account_max;
    if cx.server.founded_by(&account).len() >= max {
        return Err(format!("{account} has {max} rooms already"));
    }
    let mut is_done = false;
    submit(cx, room, |state, user| {
        let standing = authorized(room, state, user, Standing::Founder)?;
        if registration(room, state)?.founder.as_ref() == Some(&account) {
            return Err(format!("{account} is the founder already"));
        }
        is_done = standing == Standing::Oper;
        let account = Some(account.clone());
        let change = if is_done {
            RegistrationChange::FounderSet(account)
        } else {
            RegistrationChange::Offered(account)
        };
        Ok(vec![EventKind::RegistrationChanged(change)])
    })?;
    let name = &room.name;
    if is_done {
        log::info!("{} gave {name} to {account}", user.profile().source());
        say(cx, &format!("{name} belongs to {account}"));
    } else {
        say(cx, &format!("{name} is offered to {account}, who accepts by TRANSFER {name}"));
    }
    Ok(())
}

fn accept(cx: &mut Context<'_>, room: &Arc<Room>) -> Answer {
    let own = cx.user().profile().account_name().ok_or("Log in to an account first")?;
    let max = cx.server.config().rooms.registered_per_account_max;
    let founded = cx.server.founded_by(&own).len();
    submit(cx, room, |state, _| {
        if registration(room, state)?.offered_to.as_ref() != Some(&own) {
            return Err(format!("{} is not offered to you", room.name));
        }
        if founded >= max {
            return Err(format!("An account has at most {max} rooms"));
        }
        let founder = RegistrationChange::FounderSet(Some(own.clone()));
        Ok(vec![EventKind::RegistrationChanged(founder)])
    })?;
    log::info!("{own} has accepted {}", room.name);
    let user = cx.user();
    cx.server.grant_role(room, &user, Some(cx.client.session.id), cx.delivery);
    say(cx, &format!("{} belongs to you", room.name));
    Ok(())
}
