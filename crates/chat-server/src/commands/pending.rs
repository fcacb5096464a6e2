//! Messages to one room that come one after the other are let happen together: one look at the
//! room's members for all of them.

use std::sync::Arc;
use std::time::Instant;

use chat_protocol::numeric::{ERR_CANNOTSENDTOCHAN, ERR_NOSUCHCHANNEL};

use crate::server::{Author, is_lasting};
use crate::state::access;
use crate::state::event::{Message, Verb};
use crate::state::room::{Room, RoomState};
use crate::state::room_flood::{Answer, LineFlood};
use crate::state::user::User;

use super::{Context, Reply};

/// Messages that wait for the end of the batch, or for a command that is none of them.
pub(crate) struct Pending {
    room: Arc<Room>,
    /// Whether they are worth keeping.
    lasting: bool,
    messages: Vec<Message>,
}

impl Context<'_> {
    /// Lets a message happen in a room, after those before it and at the end of the batch at the
    /// latest.
    pub(super) fn say(&mut self, room: &Arc<Room>, message: Message) {
        let lasting = is_lasting(&message);
        let goes_along =
            |pending: &Pending| Arc::ptr_eq(&pending.room, room) && pending.lasting == lasting;
        if !self.client.pending.as_ref().is_some_and(goes_along) {
            self.say_pending();
        }
        let new = || Pending { room: room.clone(), lasting, messages: Vec::new() };
        self.client.pending.get_or_insert_with(new).messages.push(message);
    }

    /// The room of the messages that wait, if this is its name to the letter.
    pub(super) fn pending_room(&self, name: &str) -> Option<Arc<Room>> {
        let pending = self.client.pending.as_ref();
        pending
            .filter(|pending| pending.room.name.as_str() == name)
            .map(|pending| pending.room.clone())
    }

    /// Lets the messages happen that wait, and waits until everybody has seen what was said. Before
    /// anything else of the same client happens.
    pub(crate) fn finish_pending(&mut self) {
        self.say_pending();
        // Whom the lines before have something for does not wait for the disk.
        if !self.client.outstanding.is_empty() {
            self.delivery.flush(|| true);
            self.client.outstanding.wait_for_all();
        }
    }

    /// Says what waits. It is seen now, or once it is stored.
    pub(crate) fn say_pending(&mut self) {
        let Some(Pending { room, messages, .. }) = self.client.pending.take() else { return };
        let user = self.user();
        let client = &*self.client;
        let author =
            Author { user: &user, session: &client.session, outstanding: &client.outstanding };
        let now = self.server.now();
        let (mut refusals, mut flood, mut is_refused) = (Vec::new(), None, false);
        self.server.say(&room, author, self.delivery, messages, |state, message| {
            let refusal = if state.closed || !access::see(state, &user) {
                Reply::numeric(ERR_NOSUCHCHANNEL).param(room.name.as_str())
            } else if let Err(why) = access::speak(state, &user, message.verb, &message.text, now) {
                cannot_send(&room, why)
            } else if let Some(why) = is_too_much(state, &user, message, &mut flood) {
                cannot_send(&room, &why)
            } else {
                return true;
            };
            is_refused = true;
            // Nothing answers a NOTICE.
            if message.verb != Verb::Notice {
                refusals.push(refusal);
            }
            false
        });
        if is_refused {
            self.note_activity();
        }
        refusals.iter().for_each(|refusal| self.reply(refusal));
        if let Some(flood) = flood {
            self.server.answer_flood(&room, &user, flood, self.delivery);
        }
    }
}

fn cannot_send(room: &Room, why: &str) -> Reply {
    Reply::numeric(ERR_CANNOTSENDTOCHAN).param(room.name.as_str()).fill(&[why])
}

/// Why a message is more than the room takes, if it is. Who is going to be removed for it says nothing
/// more, and that somebody is typing does not count.
fn is_too_much(
    state: &mut RoomState,
    user: &User,
    message: &Message,
    flood: &mut Option<LineFlood>,
) -> Option<String> {
    if state.settings.modes.line_flood.is_none() || !is_lasting(message) {
        return None;
    }
    let goes = flood.is_some_and(|flood| flood.answer > Answer::Refuse);
    let exceeded = match *flood {
        Some(exceeded) if goes => exceeded,
        _ => access::keep_pace(state, user, Instant::now()).err()?,
    };
    *flood = Some(exceeded);
    Some(format!("+f: {}", exceeded.why()))
}
