//! SET.

use std::sync::Arc;

use crate::commands::context::cut;
use crate::config::KEEP_DAYS_MAX;
use crate::state::event::EventKind;
use crate::state::registration::{RegistrationChange, Standing};
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
            let bytes_max = cx.server.config().limits.topic_bytes_max;
            let text = cut(&value, bytes_max).to_owned();
            if text.is_empty() {
                return Err("A description is a text, or * for none".to_owned());
            }
            RegistrationChange::DescriptionSet(Some(text).filter(|text| text != "*"))
        }
        "KEEP-DAYS" | "KEEP-ENTRIES" => return set_keep(cx, &room, &setting, &value),
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

/// What is deleted is gone: that is the founder's to decide, within what the server keeps.
fn set_keep(cx: &mut Context<'_>, room: &Arc<Room>, setting: &str, value: &str) -> Answer {
    let history = &cx.server.config().history;
    let is_days = setting == "KEEP-DAYS";
    let (server, most) =
        if is_days { (history.keep_days, KEEP_DAYS_MAX) } else { (history.keep_entries, u64::MAX) };
    let wanted = parse_keep(value, if server == 0 { most } else { server }, server == 0)?;
    let wanted = if is_days {
        RegistrationChange::KeepDaysSet(wanted)
    } else {
        RegistrationChange::KeepEntriesSet(wanted)
    };
    change(cx, room, Standing::Founder, wanted)?;
    cx.server.change_retention();
    say(cx, &format!("{setting} of {} is set", room.name));
    Ok(())
}

/// `for_ever`: whether the server keeps everything.
fn parse_keep(text: &str, most: u64, for_ever: bool) -> Result<Option<u64>, String> {
    if text.eq_ignore_ascii_case("DEFAULT") || (text == "0" && for_ever) {
        return Ok(None);
    }
    let number = text.parse::<u64>().ok().filter(|number| (1..=most).contains(number));
    let expected =
        || format!("Say a number from 1 to {most}, or DEFAULT for what the server keeps");
    number.map(Some).ok_or_else(expected)
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
