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

fn send(cx: &mut Context<'_>, message: &Message<'_>, verb: Verb) -> Outcome {
    let targets = match message.params.first() {
        Some(targets) if !targets.is_empty() => cx.targets(targets)?,
        _ if verb == Verb::Tagmsg => return Err(Reply::numeric(ERR_NEEDMOREPARAMS).param("TAGMSG")),
        _ => return Err(Reply::numeric(ERR_NORECIPIENT).fill(&[verb.command()])),
    };
    let text = message.params.get(1).copied().unwrap_or_default();
    if text.is_empty() && verb != Verb::Tagmsg {
        return Err(Reply::numeric(ERR_NOTEXTTOSEND));
    }
    let tags = client_tags(cx, message);
    if verb == Verb::Tagmsg && tags.is_empty() {
        return Ok(());
    }
    let resend_id = resend_id(cx, message, verb)?;
    cx.user().profile().last_active = cx.server.now();
    let text = if verb == Verb::Tagmsg { "" } else { text };
    for target in targets {
        let said = event::Message {
            verb,
            target: target.to_owned(),
            status_min: None,
            tags: tags.clone(),
            resend_id: resend_id.clone(),
            text: text.to_owned(),
        };
        match send_one(cx, said) {
            Err(reply) if verb != Verb::Notice || reply.is(ERR_INPUTTOOLONG) => {
                cx.finish_pending();
                cx.reply(&reply);
            }
            _ => {}
        }
    }
    Ok(())
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

/// `message` has the target as the client wrote it.
fn send_one(cx: &mut Context<'_>, message: event::Message) -> Outcome {
    let target = message.target.clone();
    let room = target.trim_start_matches(|prefix| Membership::from_prefix(prefix).is_some());
    if ChannelName::is_channel(room) {
        // Of several prefixes the lowest counts: it reaches all of them.
        let status_min =
            target[..target.len() - room.len()].chars().filter_map(Membership::from_prefix).min();
        return send_to_room(cx, room, event::Message { status_min, ..message });
    }
    if name::is_service(&target) {
        cx.finish_pending();
        send_to_service(cx, &message);
        return Ok(());
    }
    send_to_user(cx, message)
}

/// What is said to a service is for nobody else: it may hold a password, and has no echo.
fn send_to_service(cx: &mut Context<'_>, message: &event::Message) {
    let is_nickserv = message.target.eq_ignore_ascii_case(name::NICKSERV);
    let service = if is_nickserv { &nickserv::SERVICE } else { &chanserv::SERVICE };
    if message.verb == Verb::Privmsg && !message.text.starts_with('\u{1}') {
        service.hear(cx, &message.text);
    }
}

fn send_to_room(cx: &mut Context<'_>, name: &str, mut message: event::Message) -> Outcome {
    let room = match cx.pending_room(name) {
        Some(room) => room,
        None => cx.find_room(name)?,
    };
    let prefix = message.status_min.map(|status| status.prefix().to_string()).unwrap_or_default();
    message.target = format!("{prefix}{}", room.name);
    check_length(cx, &message)?;
    cx.say(&room, message);
    Ok(())
}

fn send_to_user(cx: &mut Context<'_>, mut message: event::Message) -> Outcome {
    let user = cx.user();
    let target = cx.find_user(&message.target)?;
    let (nickname, away) = {
        let profile = target.profile();
        (profile.nickname.clone(), profile.away.clone())
    };
    let verb = message.verb;
    message.target = nickname.as_str().to_owned();
    check_length(cx, &message)?;
    cx.server.address(&user, &cx.client.session, &target).map_err(|why| {
        let reply = Reply::numeric(ERR_TARGETTOOFAST).param(nickname.as_str());
        reply.fill(&[&why.seconds()])
    })?;
    cx.say_pending();
    let client = &*cx.client;
    let author = Author { user: &user, session: &client.session, outstanding: &client.outstanding };
    cx.server.say_to_user(&target, author, cx.delivery, message);
    if let Some(away) = away.filter(|_| verb == Verb::Privmsg) {
        cx.finish_pending();
        cx.reply(&Reply::numeric(RPL_AWAY).param(nickname.as_str()).text(&*away));
    }
    Ok(())
}

/// Refuses a message that recipients could not be sent whole.
fn check_length(cx: &Context<'_>, message: &event::Message) -> Outcome {
    let bytes = message_bytes(cx.user().profile().source(), message);
    if bytes <= cx.server.config().limits.message_bytes_max {
        Ok(())
    } else {
        Err(Reply::numeric(ERR_INPUTTOOLONG))
    }
}
