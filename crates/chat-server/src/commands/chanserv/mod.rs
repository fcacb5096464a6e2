//! ChanServ: rooms that last. `CS`, `CHANSERV`, and what is said to `ChanServ` by PRIVMSG.

mod access_list;
mod clearing;
mod info;
mod registering;
mod roles;
mod settings;
mod transfer;

use std::sync::Arc;

use chat_protocol::{Membership, Message};
use chat_store::AccountName;

use crate::accounts::name::CHANSERV;
use crate::server::AnswersFor;
use crate::state::access;
use crate::state::event::{Event, EventKind};
use crate::state::privilege::Privilege;
use crate::state::registration::{Registration, RegistrationChange, Standing};
use crate::state::room::{Room, RoomState};
use crate::state::user::User;

use super::service::{Access, Answer, Service, ServiceCommand};
use super::{Context, Outcome};

use Access::{Anybody, Owner};

pub(super) static SERVICE: Service =
    Service { name: CHANSERV, about: "Commands for rooms that last.", commands: COMMANDS };

#[rustfmt::skip]
static COMMANDS: &[ServiceCommand] = &[
    ServiceCommand { name: "ACCESS", min_params: 2, access: Anybody, run: access_list::access,
        help: ("#room ADD account role | #room DEL account | #room LIST", "Standing roles: q, a, o, h or v, given to an account whenever it joins.") },
    ServiceCommand { name: "AMODE", min_params: 1, access: Anybody, run: access_list::amode,
        help: ("#room [+role account | -role account]", "Gives or takes a standing role; alone, lists them.") },
    ServiceCommand { name: "CLEAR", min_params: 2, access: Anybody, run: clearing::clear,
        help: ("#room USERS [reason] | #room BANS | #room ACCESS", "Removes everybody else, all bans, or all standing roles.") },
    ServiceCommand { name: "DEHALFOP", min_params: 1, access: Anybody, run: roles::dehalfop,
        help: ("#room [nickname...]", "Takes the status of a half-operator, by default yours.") },
    ServiceCommand { name: "DEOP", min_params: 1, access: Anybody, run: roles::deop,
        help: ("#room [nickname...]", "Takes the status of an operator, by default yours.") },
    ServiceCommand { name: "DEVOICE", min_params: 1, access: Anybody, run: roles::devoice,
        help: ("#room [nickname...]", "Takes the voice, by default yours.") },
    ServiceCommand { name: "DROP", min_params: 1, access: Anybody, run: registering::drop_room,
        help: ("#room [code]", "Ends the registration, once you say it again with the code you are told.") },
    ServiceCommand { name: "HALFOP", min_params: 1, access: Anybody, run: roles::halfop,
        help: ("#room [nickname...]", "Gives the status of a half-operator, by default to you.") },
    ServiceCommand { name: "HELP", min_params: 0, access: Anybody, run: help,
        help: ("[command]", "Lists the commands, or explains one.") },
    ServiceCommand { name: "INFO", min_params: 1, access: Anybody, run: info::info,
        help: ("#room", "Shows what is known about a registered room.") },
    ServiceCommand { name: "OP", min_params: 1, access: Anybody, run: roles::op,
        help: ("#room [nickname...]", "Gives the status of an operator, by default to you.") },
    ServiceCommand { name: "REGISTER", min_params: 1, access: Owner, run: registering::register,
        help: ("#room", "Makes a room yours that you are an operator of: it stays when it is empty.") },
    ServiceCommand { name: "SET", min_params: 2, access: Anybody, run: settings::set,
        help: ("#room DESCRIPTION text|* | HISTORY ON|OFF|DEFAULT | KEEP-DAYS n|DEFAULT | KEEP-ENTRIES n|DEFAULT | KEEPTOPIC ON|OFF | PRIVATE ON|OFF | REGISTERED ON|OFF | VISIBLE ALL|SINCE-REGISTRATION|SINCE-JOIN|DEFAULT", "Changes a setting. PRIVATE is mode +i, REGISTERED is mode +R, VISIBLE is how far back it is read, and KEEP-DAYS and KEEP-ENTRIES how much of it is kept, which its founder says.") },
    ServiceCommand { name: "TRANSFER", min_params: 1, access: Anybody, run: transfer::transfer,
        help: ("#room account | #room * | #room", "Offers a room to an account; with *, to nobody after all; with nothing, accepts what is offered to you.") },
    ServiceCommand { name: "VOICE", min_params: 1, access: Anybody, run: roles::voice,
        help: ("#room [nickname...]", "Gives voice, by default to you.") },
];

/// `CS command...` and `CHANSERV command...`
#[expect(clippy::unnecessary_wraps, reason = "every command returns an outcome")]
pub(super) fn cs(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    SERVICE.hear(cx, &message.params.join(" "));
    Ok(())
}

fn help(cx: &mut Context<'_>, params: &[&str]) -> Answer {
    SERVICE.help(cx, params.first().copied())
}

fn say(cx: &mut Context<'_>, text: &str) {
    SERVICE.say(cx, text);
}

/// A room that the user may know of. A secret one looks like none.
fn find(cx: &Context<'_>, name: &str) -> Result<Arc<Room>, String> {
    let user = cx.user();
    let is_known = |room: &Arc<Room>| {
        let state = room.state();
        let has_standing = standing(&state, &user) > Standing::None;
        !state.is_abandoned() && (access::see(&state, &user) || has_standing)
    };
    let found = cx.server.room(name).filter(is_known);
    found.ok_or_else(|| format!("There is no room {name}"))
}

/// An account that is there, as it is shown.
fn find_account(cx: &Context<'_>, name: &str) -> Result<AccountName, String> {
    let name = AccountName::new(name);
    match cx.server.store.account(&name) {
        Ok(Some(account)) => Ok(account.name),
        Ok(None) => Err(format!("There is no account {name}")),
        Err(error) => {
            log::error!("an account could not be looked up: {error}");
            Err(format!("Accounts are not available at present: {error}"))
        }
    }
}

fn registration<'s>(room: &Room, state: &'s RoomState) -> Result<&'s Registration, String> {
    let registration = state.settings.registration.as_ref();
    registration.ok_or_else(|| format!("{} is not registered", room.name))
}

/// What a user is in a room, IRC operators above all.
fn standing(state: &RoomState, user: &User) -> Standing {
    if user.profile().may(Privilege::Rooms) {
        Standing::Oper
    } else {
        access::standing(state, user)
    }
}

/// Whether a user is enough in a registered room; if so, what it is. IRC operators are, and the log
/// says it.
fn authorized(
    room: &Room,
    state: &RoomState,
    user: &User,
    needed: Standing,
) -> Result<Standing, String> {
    registration(room, state)?;
    let own = access::standing(state, user);
    if own >= needed {
        return Ok(own);
    }
    let (source, is_oper, is_logged_in) = {
        let profile = user.profile();
        (profile.source().clone(), profile.may(Privilege::Rooms), profile.account.is_some())
    };
    if is_oper {
        log::info!("{source} governs {} as an IRC operator", room.name);
        return Ok(Standing::Oper);
    }
    if !is_logged_in {
        return Err("Log in to an account first".to_owned());
    }
    let role = match needed {
        Standing::Founder | Standing::Oper => "its founder".to_owned(),
        Standing::Role(status) => format!("role {} or more in it", status.mode()),
        Standing::None => "a role in it".to_owned(),
    };
    Err(format!("You may not do this in {}: it takes {role}", room.name))
}

/// Lets ChanServ do something in a room.
fn submit(
    cx: &mut Context<'_>,
    room: &Arc<Room>,
    decide: impl FnOnce(&RoomState, &Arc<User>) -> Result<Vec<EventKind>, String>,
) -> Result<Vec<Event>, String> {
    let user = cx.user();
    let server = cx.server.clone();
    let decide = |state: &RoomState| {
        if state.closed {
            Err(format!("There is no room {}", room.name))
        } else {
            decide(state, &user)
        }
    };
    let session = cx.client.session.clone();
    let origin = server.by_chanserv(Some(session.id));
    let by = AnswersFor { session: &session, service: Some(CHANSERV) };
    server.submit_for(room, origin, Some(by), cx.delivery, decide)
}

/// Changes the registration of a room, if the user is enough in it.
fn change(
    cx: &mut Context<'_>,
    room: &Arc<Room>,
    needed: Standing,
    change: RegistrationChange,
) -> Answer {
    submit(cx, room, |state, user| {
        authorized(room, state, user, needed)?;
        Ok(vec![EventKind::RegistrationChanged(change)])
    })?;
    Ok(())
}

/// What it takes to change what a room is.
const OWNER: Standing = Standing::Role(Membership::Founder);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(COMMANDS.is_sorted_by(|one, next| one.name < next.name));
    }
}
