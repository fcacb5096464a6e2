//! PRIVMSG, NOTICE and TAGMSG. Modern IRC, "Sending Messages"; IRCv3, "Message Tags".

use std::sync::Arc;

use chat_protocol::numeric::{
    ERR_INPUTTOOLONG, ERR_NEEDMOREPARAMS, ERR_NORECIPIENT, ERR_NOTEXTTOSEND, ERR_TARGETTOOFAST,
    RPL_AWAY,
};
use chat_protocol::tags::is_key;
use chat_protocol::{Capability, ChannelName, Membership, Message};

use crate::accounts::name;
use crate::render::message_bytes;
use crate::server::Author;
use crate::state::event::{self, Verb};

use super::{Context, Outcome, Reply, chanserv, nickserv};

/// The most bytes of what a client calls a message.
const RESEND_ID_BYTES_MAX: usize = 64;

pub(super) fn privmsg(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    send(cx, message, Verb::Privmsg)
}

pub(super) fn notice(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    // Nothing answers a NOTICE, not even an error, but that its line was too long.
    let _ = send(cx, message, Verb::Notice);
    Ok(())
}

pub(super) fn tagmsg(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    send(cx, message, Verb::Tagmsg)
}

/// What is said, to whomever.
struct Draft<'a> {
    verb: Verb,
    /// Client-only tags, as they came.
    tags: &'a str,
    resend_id: Option<Arc<str>>,
    text: &'a str,
    /// How long the name of who says it is, in bytes.
    source_bytes: usize,
}

impl Draft<'_> {
    fn to(&self, target: Arc<str>, status_min: Option<Membership>) -> event::Message {
        event::Message {
            verb: self.verb,
            target,
            status_min,
            tags: self.tags.to_owned(),
            resend_id: self.resend_id.clone(),
            text: self.text.to_owned(),
        }
    }
}

fn send(cx: &mut Context<'_>, message: &Message<'_>, verb: Verb) -> Outcome {
    let list = match message.params.first() {
        Some(list) if !list.is_empty() => *list,
        _ if verb == Verb::Tagmsg => return Err(Reply::numeric(ERR_NEEDMOREPARAMS).param("TAGMSG")),
        _ => return Err(Reply::numeric(ERR_NORECIPIENT).fill(&[verb.command()])),
    };
    // Nearly every one is a single target, and taking a list apart takes longer than seeing that.
    let targets = if list.contains(',') { Some(cx.targets(list)?) } else { None };
    let text = message.params.get(1).copied().unwrap_or_default();
    if text.is_empty() && verb != Verb::Tagmsg {
        return Err(Reply::numeric(ERR_NOTEXTTOSEND));
    }
    let tags = client_tags(cx, message);
    if verb == Verb::Tagmsg && tags.is_empty() {
        return Ok(());
    }
    let resend_id = resend_id(cx, message, verb)?;
    let source_bytes = cx.sender().profile().source().len();
    let text = if verb == Verb::Tagmsg { "" } else { text };
    let draft = Draft { verb, tags: &tags, resend_id, text, source_bytes };
    match targets {
        None => send_or_refuse(cx, list, &draft),
        Some(targets) => targets.for_each(|target| send_or_refuse(cx, target, &draft)),
    }
    Ok(())
}

fn send_or_refuse(cx: &mut Context<'_>, target: &str, draft: &Draft<'_>) {
    let Err(reply) = send_one(cx, target, draft) else { return };
    cx.note_activity();
    if draft.verb != Verb::Notice || reply.is(ERR_INPUTTOOLONG) {
        cx.finish_pending();
        cx.reply(&reply);
    }
}

/// The client-only tags, as they came: servers relay them and drop all others.
fn client_tags(cx: &Context<'_>, message: &Message<'_>) -> String {
    if message.tags.is_empty() || !cx.has(Capability::MessageTags) {
        return String::new();
    }
    let raw = message.tags.as_raw().split(';');
    let raw =
        raw.filter(|tag| tag.starts_with('+') && is_key(tag.split('=').next().unwrap_or(tag)));
    raw.collect::<Vec<_>>().join(";")
}

/// What the client calls the message: another of the same name is the same message sent again.
fn resend_id(
    cx: &Context<'_>,
    message: &Message<'_>,
    verb: Verb,
) -> Result<Option<Arc<str>>, Reply> {
    let name = Capability::ResendId.name();
    let id = message.tags.value(name).filter(|id| cx.has(Capability::ResendId) && !id.is_empty());
    match id {
        Some(id) if id.len() > RESEND_ID_BYTES_MAX => {
            let why = format!("{name} has at most {RESEND_ID_BYTES_MAX} bytes");
            Err(Reply::fail(verb.command(), "INVALID_ID", why))
        }
        id => Ok(id.map(Arc::from)),
    }
}

/// `target` is as the client wrote it.
fn send_one(cx: &mut Context<'_>, target: &str, draft: &Draft<'_>) -> Outcome {
    let room = target.trim_start_matches(|prefix| Membership::from_prefix(prefix).is_some());
    if ChannelName::is_channel(room) {
        // Of several prefixes the lowest counts: it reaches all of them.
        let status_min =
            target[..target.len() - room.len()].chars().filter_map(Membership::from_prefix).min();
        return send_to_room(cx, room, status_min, draft);
    }
    if name::is_service(target) {
        cx.finish_pending();
        send_to_service(cx, target, draft);
        return Ok(());
    }
    send_to_user(cx, target, draft)
}

/// What is said to a service is for nobody else: it may hold a password, and has no echo.
fn send_to_service(cx: &mut Context<'_>, service: &str, draft: &Draft<'_>) {
    let is_nickserv = service.eq_ignore_ascii_case(name::NICKSERV);
    let service = if is_nickserv { &nickserv::SERVICE } else { &chanserv::SERVICE };
    cx.note_activity();
    if draft.verb == Verb::Privmsg && !draft.text.starts_with('\u{1}') {
        service.hear(cx, draft.text);
    }
}

fn send_to_room(
    cx: &mut Context<'_>,
    name: &str,
    status_min: Option<Membership>,
    draft: &Draft<'_>,
) -> Outcome {
    let room = match cx.pending_room(name) {
        Some(room) => room,
        None => cx.find_room(name)?,
    };
    let target = match status_min {
        Some(status) => format!("{}{}", status.prefix(), room.name).into(),
        None => room.name.to_arc(),
    };
    check_length(cx, &target, draft)?;
    cx.say(&room, draft.to(target, status_min));
    Ok(())
}

fn send_to_user(cx: &mut Context<'_>, nickname: &str, draft: &Draft<'_>) -> Outcome {
    let user = cx.user();
    let target = cx.find_user(nickname)?;
    let (nickname, away) = {
        let profile = target.profile();
        (profile.nickname.to_arc(), profile.away.clone())
    };
    check_length(cx, &nickname, draft)?;
    cx.server.address(&user, &cx.client.session, &target).map_err(|why| {
        let reply = Reply::numeric(ERR_TARGETTOOFAST).param(&*nickname);
        reply.fill(&[&why.seconds()])
    })?;
    cx.say_pending();
    let client = &*cx.client;
    let author = Author { user: &user, session: &client.session, outstanding: &client.outstanding };
    cx.server.say_to_user(&target, author, cx.delivery, draft.to(nickname.clone(), None));
    if let Some(away) = away.filter(|_| draft.verb == Verb::Privmsg) {
        cx.finish_pending();
        cx.reply(&Reply::numeric(RPL_AWAY).param(&*nickname).text(&*away));
    }
    Ok(())
}

/// Refuses a message that recipients could not be sent whole.
fn check_length(cx: &Context<'_>, target: &str, draft: &Draft<'_>) -> Outcome {
    let bytes = message_bytes(draft.source_bytes, draft.verb, target, draft.text);
    if bytes <= cx.server.config().limits.message_bytes_max {
        Ok(())
    } else {
        Err(Reply::numeric(ERR_INPUTTOOLONG))
    }
}
