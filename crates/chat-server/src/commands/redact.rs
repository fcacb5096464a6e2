//! REDACT. IRCv3, "message-redaction".

use std::sync::Arc;
use std::time::Duration;

use chat_protocol::{Capability, ChannelName, Message};
use chat_store::{AccountName, Entry, EntryId, EntryKind, StoreError};

use crate::render::parse_msgid;
use crate::server::{AnswersFor, Readable};
use crate::state::access;
use crate::state::event::{EventId, EventKind};
use crate::state::user::User;

use super::context::cut;
use super::{Context, Outcome, Reply};

pub(super) fn redact(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    if !cx.has(Capability::MessageRedaction) {
        let why = "Negotiate draft/message-redaction first";
        return Err(Reply::fail("REDACT", "NEED_CAPABILITY", why));
    }
    let asked = Asked { target: message.params[0], msgid: message.params[1] };
    let reason = message.params.get(2).filter(|reason| !reason.is_empty());
    let reason =
        reason.map(|text| cut(text, cx.server.config().limits.reason_bytes_max).to_owned());
    let user = cx.user();
    let readable = cx.server.readable(&user, asked.target).ok_or_else(|| asked.not_there())?;
    let id = parse_msgid(asked.msgid).ok_or_else(|| asked.unknown())?;
    let entry = asked.find(cx, &readable, id)?;
    let is_author = is_author(&entry, &user);
    let (server, origin) = (cx.server, cx.origin(&user));
    let event = EventKind::Redacted { target: readable.name.as_str().into(), message: id, reason };
    if !ChannelName::is_channel(asked.target) {
        asked.check(cx, &entry, is_author)?;
        server.redact_direct(&readable.key, &readable.name, event, origin, cx.delivery)?;
        return Ok(());
    }
    let room = cx.find_room(asked.target)?;
    let window = server.config().history.redact;
    let session = cx.client.session.clone();
    let by = (!is_author).then_some(AnswersFor { session: &session, service: None });
    server.submit_for(&room, origin, by, cx.delivery, |state| {
        if state.member(&user).is_none() {
            return Err(asked.not_there());
        }
        asked.check_window(window, server.now(), &entry)?;
        if !is_author && access::redact(state, &user).is_err() {
            return Err(asked.forbidden());
        }
        Ok(vec![event])
    })?;
    Ok(())
}

struct Asked<'a> {
    target: &'a str,
    msgid: &'a str,
}

impl Asked<'_> {
    /// The message, if the user may read it.
    fn find(&self, cx: &Context<'_>, readable: &Readable, id: EventId) -> Result<Entry, Reply> {
        let store = cx.server.history().ok_or_else(|| self.not_there())?;
        let entry = store.entry(&readable.key, EntryId(id.0)).map_err(|error| failed(&error))?;
        let is_message =
            |kind| matches!(kind, EntryKind::Privmsg | EntryKind::Notice | EntryKind::Tagmsg);
        let readable = entry.filter(|entry| {
            is_message(entry.kind) && entry.id > readable.after && entry.rank_min <= readable.rank
        });
        readable.ok_or_else(|| self.unknown())
    }

    fn check(&self, cx: &Context<'_>, entry: &Entry, allowed: bool) -> Outcome {
        self.check_window(cx.server.config().history.redact, cx.server.now(), entry)?;
        if allowed { Ok(()) } else { Err(self.forbidden()) }
    }

    fn check_window(&self, window: Duration, now: u64, entry: &Entry) -> Outcome {
        if entry.id.0 / 1_000_000 + window.as_secs() >= now {
            return Ok(());
        }
        let why = "You can no longer delete this message";
        let reply = Reply::fail("REDACT", "REDACT_WINDOW_EXPIRED", why);
        Err(reply.param(self.target).param(self.msgid).param(window.as_secs()))
    }

    fn not_there(&self) -> Reply {
        let why = "You cannot delete messages from there";
        Reply::fail("REDACT", "INVALID_TARGET", why).param(self.target)
    }

    fn unknown(&self) -> Reply {
        let why = "This message does not exist or is too old";
        Reply::fail("REDACT", "UNKNOWN_MSGID", why).param(self.target).param(self.msgid)
    }

    fn forbidden(&self) -> Reply {
        let why = "You are not authorised to delete this message";
        Reply::fail("REDACT", "REDACT_FORBIDDEN", why).param(self.target).param(self.msgid)
    }
}

/// The same account said it, or the same user, who has been here since.
fn is_author(entry: &Entry, user: &Arc<User>) -> bool {
    let profile = user.profile();
    match (&entry.account, &profile.account) {
        // Who had the name before this account was made is somebody else.
        (Some(author), Some(account)) => {
            AccountName::new(author) == AccountName::new(account)
                && profile.account_created.is_some_and(|created| entry.id.0 > created)
        }
        (None, _) => entry.source == *profile.source() && entry.id.0 > user.signed_on.0,
        (Some(_), None) => false,
    }
}

fn failed(error: &StoreError) -> Reply {
    log::error!("a message could not be looked up: {error}");
    Reply::fail("REDACT", "INTERNAL_ERROR", format!("The message could not be deleted: {error}"))
}
