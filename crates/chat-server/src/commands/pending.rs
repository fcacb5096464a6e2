//! Messages to one room that come one after the other are let happen together: one look at the
//! room's members for all of them.

use std::convert::Infallible;
use std::sync::Arc;

use chat_protocol::numeric::{ERR_CANNOTSENDTOCHAN, ERR_NOSUCHCHANNEL};

use crate::state::access;
use crate::state::event::{EventKind, Message, Verb};
use crate::state::room::Room;

use super::{Context, Reply};

/// Messages that wait for the end of the batch, or for a command that is none of them.
pub(crate) struct Pending {
    room: Arc<Room>,
    messages: Vec<Message>,
}

impl Context<'_> {
    /// Lets a message happen in a room, after those before it and at the end of the batch at the
    /// latest.
    pub(super) fn say(&mut self, room: &Arc<Room>, message: Message) {
        if self.client.pending.as_ref().is_some_and(|pending| !Arc::ptr_eq(&pending.room, room)) {
            self.finish_pending();
        }
        let new = || Pending { room: room.clone(), messages: Vec::new() };
        self.client.pending.get_or_insert_with(new).messages.push(message);
    }

    /// The room of the messages that wait, if this is its name to the letter.
    pub(super) fn pending_room(&self, name: &str) -> Option<Arc<Room>> {
        let pending = self.client.pending.as_ref();
        pending
            .filter(|pending| pending.room.name.as_str() == name)
            .map(|pending| pending.room.clone())
    }

    /// Lets the messages happen that wait. Before anything else of the same client does.
    pub(crate) fn finish_pending(&mut self) {
        let Some(Pending { room, messages }) = self.client.pending.take() else { return };
        let user = self.user();
        let mut refusals = Vec::new();
        let decided = self.server.submit(&room, self.origin(&user), self.delivery, |state| {
            let is_visible = !state.closed && access::see(state, &user);
            let mut events = Vec::with_capacity(messages.len());
            for message in messages {
                let refusal = if !is_visible {
                    Reply::numeric(ERR_NOSUCHCHANNEL).param(room.name.as_str())
                } else if let Err(why) = access::speak(state, &user, message.verb, &message.text) {
                    Reply::numeric(ERR_CANNOTSENDTOCHAN).param(room.name.as_str()).fill(&[why])
                } else {
                    events.push(EventKind::Message(message));
                    continue;
                };
                // Nothing answers a NOTICE.
                if message.verb != Verb::Notice {
                    refusals.push(refusal);
                }
            }
            Ok::<_, Infallible>(events)
        });
        decided.unwrap_or_else(|never| match never {});
        refusals.iter().for_each(|refusal| self.reply(refusal));
    }
}
