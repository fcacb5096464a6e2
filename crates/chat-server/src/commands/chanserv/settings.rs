//! SET.

use std::sync::Arc;

use crate::commands::context::cut;
use crate::state::event::EventKind;
use crate::state::registration::RegistrationChange;
use crate::state::room::Room;
use crate::state::room_modes::{Flag, ModeChange};
use crate::state::visible::Visible;

use super::{Answer, Context, OWNER, authorized, change, find, say, submit};

/// `SET #room setting value`
pub(super) fn set(cx: &mut Context<'_>, params: &[&str]) -> Answer {
    let room = find(cx, params[0])?;
    let value = params[2..].join(" ");
    let setting = params[1].to_ascii_uppercase();
    match setting.as_str() {
        "PRIVATE" => return set_flag(cx, &room, Flag::InviteOnly, parse_switch(&value)?),
        "REGISTERED" => return set_flag(cx, &room, Flag::RegisteredOnly, parse_switch(&value)?),
        _ => {}
    }
    let wanted = match setting.as_str() {
        "DESCRIPTION" => {
            let bytes_max = cx.server.config.limits.topic_bytes_max;
            let text = cut(&value, bytes_max).to_owned();
            if text.is_empty() {
                return Err("A description is a text, or * for none".to_owned());
            }
            RegistrationChange::DescriptionSet(Some(text).filter(|text| text != "*"))
        }
        "HISTORY" if value.eq_ignore_ascii_case("DEFAULT") => RegistrationChange::HistorySet(None),
        "HISTORY" => RegistrationChange::HistorySet(Some(parse_switch(&value)?)),
        "KEEPTOPIC" => RegistrationChange::KeepTopicSet(parse_switch(&value)?),
        "VISIBLE" => RegistrationChange::VisibleSet(parse_visible(&value)?),
        _ => return Err("This is no setting. HELP SET lists them.".to_owned()),
    };
    change(cx, &room, OWNER, wanted)?;
    say(cx, &format!("{setting} of {} is set", room.name));
    Ok(())
}

fn parse_visible(text: &str) -> Result<Option<Visible>, String> {
    if text.eq_ignore_ascii_case("DEFAULT") {
        return Ok(None);
    }
    let wanted = Visible::from_name(text).map(Some);
    wanted.ok_or_else(|| "Say ALL, SINCE-REGISTRATION, SINCE-JOIN or DEFAULT".to_owned())
}

fn parse_switch(text: &str) -> Result<bool, String> {
    match text.to_ascii_uppercase().as_str() {
        "ON" => Ok(true),
        "OFF" => Ok(false),
        _ => Err("Say ON or OFF".to_owned()),
    }
}

fn set_flag(cx: &mut Context<'_>, room: &Arc<Room>, flag: Flag, on: bool) -> Answer {
    submit(cx, room, |state, user| {
        authorized(room, state, user, OWNER)?;
        if state.settings.modes.has(flag) == on {
            return Ok(Vec::new());
        }
        let changes = vec![ModeChange::Flag { flag, on }];
        Ok(vec![EventKind::ModesChanged { room: room.name.as_str().into(), changes }])
    })?;
    say(cx, &format!("{} has mode {}{}", room.name, if on { '+' } else { '-' }, flag.mode()));
    Ok(())
}
