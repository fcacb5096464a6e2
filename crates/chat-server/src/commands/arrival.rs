//! What a session is shown of the rooms its user is in already.

use std::sync::Arc;

use chat_protocol::Capability;
use chat_store::{AccountName, EntryId, Page};

use crate::state::event::Missed;
use crate::state::room::{Room, RoomState};
use crate::state::session::Session;
use crate::state::user::{User, shown_party};

use super::context::Client;
use super::{Context, markread, names, topic};

const END: EntryId = EntryId(i64::MAX as u64);
/// Conversations of which a client is shown what it missed.
const CONVERSATIONS_MAX: usize = 100;

/// The rooms of a user that a session has joined. A client that does not ask for history is shown
/// what was said while nobody was there; `missed` is what was said beside the rooms.
pub(super) fn show_rooms(cx: &mut Context<'_>, user: &Arc<User>, missed: Option<Missed>) {
    let mut missed_in_rooms = Vec::new();
    for room in user.rooms() {
        let session = cx.client.session.clone();
        let read = markread::of_room(cx, &room);
        let mut state = room.state();
        let shown = cx.server.show_joined(&room, &mut state, user, &session, cx.delivery);
        let Some(missed) = shown else { continue };
        show_state(cx, &room, &state, read.as_deref());
        drop(state);
        missed_in_rooms.extend(missed.map(|missed| (room, missed)));
    }
    if cx.has(Capability::Chathistory) {
        return;
    }
    for (room, missed) in missed_in_rooms {
        show_missed_in_room(cx, user, &room, missed);
    }
    if let Some(missed) = missed {
        show_missed_conversations(cx, user, missed);
    }
}

/// What follows a JOIN. With `holds`, what others send to the client after that is kept back.
pub(super) fn show_room(cx: &mut Context<'_>, room: &Arc<Room>, holds: bool) {
    let read = markread::of_room(cx, room);
    let state = room.state();
    show_state(cx, room, &state, read.as_deref());
    if holds {
        cx.client.session.outbound.hold();
    }
}

fn show_state(cx: &mut Context<'_>, room: &Room, state: &RoomState, read: Option<&str>) {
    if let Some(read) = read {
        cx.send_plain("MARKREAD", &[room.name.as_str(), read]);
    }
    topic::show(cx, room, state);
    names::show(cx, room, state);
}

/// The user's other sessions, which have seen it join, are shown the room as well.
pub(super) fn show_room_to_others(cx: &mut Context<'_>, user: &User, room: &Arc<Room>) {
    let own = cx.client.session.id;
    for other in user.sessions().iter().filter(|other| other.id != own) {
        with_session(cx, other, |cx| show_room(cx, room, false));
    }
}

/// Lets something be shown to a session that has not asked for it.
#[inline(never)]
fn with_session(cx: &mut Context<'_>, session: &Arc<Session>, show: impl FnOnce(&mut Context<'_>)) {
    let mut client = Client::unasked(session.clone());
    show(&mut Context { server: cx.server, client: &mut client, delivery: cx.delivery });
}

fn show_missed_in_room(cx: &mut Context<'_>, user: &Arc<User>, room: &Arc<Room>, missed: Missed) {
    let Some(readable) = cx.server.readable_room(user, room) else { return };
    let after = readable.after.max(EntryId(missed.after.0));
    let limit = cx.server.config().history.page_entries_max;
    let name = room.name.as_str();
    let page = Page { after, ..readable.latest(missed.upto, limit) };
    show_page(cx, name, Some(name), &page);
}

fn show_missed_conversations(cx: &mut Context<'_>, user: &User, missed: Missed) {
    let account = user.profile().account.as_deref().map(AccountName::new);
    let (Some(store), Some(account)) = (cx.server.history().cloned(), account) else { return };
    let (after, before) = (EntryId(missed.after.0), EntryId(missed.upto.0 + 1));
    // A conversation is found by its newest message, which can be one that is shown as it happens.
    let found = store.conversations(Some(&account), &[], after, END, CONVERSATIONS_MAX);
    let conversations = found.unwrap_or_else(|error| {
        log::error!("conversations could not be read: {error}");
        Vec::new()
    });
    for conversation in conversations {
        let Some((one, other)) = conversation.target.accounts() else { continue };
        let partner = shown_party(if one == account.key() { other } else { one }).to_owned();
        let page = Page {
            target: conversation.target,
            after,
            before,
            newest: true,
            limit: cx.server.config().history.page_entries_max,
            with_events: false,
            rank: 0,
        };
        show_page(cx, &partner, None, &page);
    }
}

fn show_page(cx: &mut Context<'_>, name: &str, target: Option<&str>, page: &Page) {
    let Some(store) = cx.server.history().cloned() else { return };
    match store.page(page) {
        Ok(entries) if entries.is_empty() => {}
        Ok(entries) => cx.play(("chathistory", &[name]), target, &entries),
        Err(error) => log::error!("history could not be read: {error}"),
    }
}
