//! MARKREAD. IRCv3, "read-marker".

use chat_protocol::{Capability, ChannelName, Message};
use chat_store::{EntryId, StoreError};

use crate::render;
use crate::state::event::EventId;
use crate::state::room::Room;

use super::reference::Reference;
use super::{Context, Outcome, Reply};

pub(super) fn markread(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let Some(&target) = message.params.first().filter(|target| !target.is_empty()) else {
        return Err(Reply::fail("MARKREAD", "NEED_MORE_PARAMS", "Missing parameters"));
    };
    let invalid =
        |param: &str| Reply::fail("MARKREAD", "INVALID_PARAMS", "Invalid parameters").param(param);
    if target.contains(' ') {
        return Err(invalid(target));
    }
    let user = cx.user();
    let server = cx.server;
    let failed = |error: StoreError| {
        log::error!("a read marker could not be kept: {error}");
        let why = format!("The read timestamp could not be set: {error}");
        Reply::fail("MARKREAD", "INTERNAL_ERROR", why).param(target)
    };
    let Some(time) = message.params.get(1) else {
        let marker = server.read_marker(&user, target).map_err(failed)?;
        let time = shown(marker);
        cx.send_plain("MARKREAD", &[target, &time]);
        return Ok(());
    };
    if ChannelName::is_channel(target) {
        let room = cx.server.room(target).ok_or_else(|| invalid(target))?;
        if room.state().member(&user).is_none() {
            return Err(invalid(target));
        }
    }
    let read = time.strip_prefix("timestamp=").and_then(Reference::parse_time);
    let read = read.ok_or_else(|| invalid(time))?;
    // Nobody has read what is still to come.
    let read = read.last.min(EntryId(server.next_event().0));
    let marker = server.move_read_marker(&user, target, read).map_err(failed)?;
    let time = shown(Some(marker));
    cx.send_plain("MARKREAD", &[target, &time]);
    if marker == read {
        server.show_read_marker(&user, &cx.client.session, target, &time, cx.delivery);
    }
    Ok(())
}

/// How far a room has been read, as it is shown to who has just joined it, if that wants to know. Not
/// with the room locked.
pub(super) fn of_room(cx: &Context<'_>, room: &Room) -> Option<String> {
    if !cx.has(Capability::ReadMarker) {
        return None;
    }
    let marker = cx.server.read_marker(&cx.user(), room.name.as_str());
    let marker = marker.inspect_err(|error| log::error!("a read marker can't be read: {error}"));
    Some(shown(marker.ok()?))
}

fn shown(marker: Option<EntryId>) -> String {
    marker.map_or_else(
        || "*".to_owned(),
        |marker| format!("timestamp={}", render::time(EventId(marker.0))),
    )
}
