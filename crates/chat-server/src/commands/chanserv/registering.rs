//! REGISTER and DROP.

use chat_protocol::Membership;

use crate::render::msgid;
use crate::state::event::EventKind;
use crate::state::registration::{RegistrationChange, Standing};
use crate::state::room_modes::ModeChange;

use super::{Answer, Context, authorized, find, registration, say, submit};

/// `REGISTER #room`
pub(super) fn register(cx: &mut Context<'_>, params: &[&str]) -> Answer {
    let room = find(cx, params[0])?;
    let founder = cx.user().profile().account_name().ok_or("Log in to an account first")?;
    let max = cx.server.config().rooms.registered_per_account_max;
    let founded = cx.server.founded_by(&founder).len();
    submit(cx, &room, |state, user| {
        if state.settings.registration.is_some() {
            return Err(format!("{} is registered already", room.name));
        }
        let is_op = state.status(user).at_least(Membership::Op);
        if state.member(user).is_none() || !is_op {
            return Err(format!("You have to be an operator of {}", room.name));
        }
        if founded >= max {
            return Err(format!("An account has at most {max} rooms"));
        }
        let founder = Some(founder.clone());
        let registered = RegistrationChange::Registered { founder };
        let mut events = vec![EventKind::RegistrationChanged(registered)];
        if !state.status(user).contains(Membership::Founder) {
            let nickname = user.nickname().to_string();
            let status = Membership::Founder;
            let change = ModeChange::Status { status, adding: true, user: user.id, nickname };
            let name = room.name.as_str().into();
            events.push(EventKind::ModesChanged { room: name, changes: vec![change] });
        }
        Ok(events)
    })?;
    log::info!("{founder} registered {}", room.name);
    say(cx, &format!("{} is registered and belongs to {founder}", room.name));
    Ok(())
}

/// `DROP #room [code]`
pub(super) fn drop_room(cx: &mut Context<'_>, params: &[&str]) -> Answer {
    let room = find(cx, params[0])?;
    let given = params.get(1).copied();
    let mut expected = None;
    submit(cx, &room, |state, user| {
        authorized(&room, state, user, Standing::Founder)?;
        if state.settings.is_servers_own() {
            return Err(format!("{} is the server's own: it is configured", room.name));
        }
        let code = msgid(registration(&room, state)?.since);
        if given == Some(code.as_str()) {
            return Ok(vec![EventKind::RegistrationChanged(RegistrationChange::Dropped)]);
        }
        expected = Some(code);
        if given.is_some() { Err("This is not the code".to_owned()) } else { Ok(Vec::new()) }
    })?;
    match expected {
        Some(code) => {
            let name = &room.name;
            say(cx, &format!("To end the registration of {name}, say DROP {name} {code}"));
        }
        None => {
            let source = cx.user().profile().source().clone();
            log::info!("{source} dropped {}", room.name);
            say(cx, &format!("{} is no longer registered", room.name));
        }
    }
    Ok(())
}
