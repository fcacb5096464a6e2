//! PRIVMSG, NOTICE and TAGMSG. Modern IRC, "Sending Messages"; IRCv3, "Message Tags".

use chat_protocol::numeric::{
    ERR_INPUTTOOLONG, ERR_NEEDMOREPARAMS, ERR_NORECIPIENT, ERR_NOSUCHNICK, ERR_NOTEXTTOSEND,
    RPL_AWAY,
};
use chat_protocol::tags::is_key;
use chat_protocol::{Capability, ChannelName, Membership, Message};

use crate::accounts::name;
use crate::render::message_bytes;
use crate::state::event::{self, EventKind, Verb};

use super::{Context, Outcome, Reply, nickserv};

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
    cx.user().profile().last_active = cx.server.now();
    for target in targets {
        let text = if verb == Verb::Tagmsg { "" } else { text };
        match send_one(cx, target, verb, tags.clone(), text) {
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

fn send_one(cx: &mut Context<'_>, target: &str, verb: Verb, tags: String, text: &str) -> Outcome {
    let room = target.trim_start_matches(|prefix| Membership::from_prefix(prefix).is_some());
    if ChannelName::is_channel(room) {
        // Of several prefixes the lowest counts: it reaches all of them.
        let status_min =
            target[..target.len() - room.len()].chars().filter_map(Membership::from_prefix).min();
        return send_to_room(cx, room, status_min, verb, tags, text);
    }
    if name::is_service(target) {
        cx.finish_pending();
        return send_to_service(cx, target, verb, text);
    }
    send_to_user(cx, target, verb, tags, text)
}

/// What is said to a service is for nobody else: it may hold a password, and has no echo.
fn send_to_service(cx: &mut Context<'_>, target: &str, verb: Verb, text: &str) -> Outcome {
    let is_nickserv = target.eq_ignore_ascii_case(name::NICKSERV);
    match verb {
        Verb::Privmsg if is_nickserv && !text.starts_with('\u{1}') => nickserv::hear(cx, text),
        Verb::Privmsg if !is_nickserv => {
            return Err(Reply::numeric(ERR_NOSUCHNICK).param(target));
        }
        _ => {}
    }
    Ok(())
}

fn send_to_room(
    cx: &mut Context<'_>,
    name: &str,
    status_min: Option<Membership>,
    verb: Verb,
    tags: String,
    text: &str,
) -> Outcome {
    let room = match cx.pending_room(name) {
        Some(room) => room,
        None => cx.find_room(name)?,
    };
    let prefix = status_min.map(|status| status.prefix().to_string()).unwrap_or_default();
    let target = format!("{prefix}{}", room.name);
    let message = event::Message { verb, target, status_min, tags, text: text.to_owned() };
    check_length(cx, &message)?;
    cx.say(&room, message);
    Ok(())
}

fn send_to_user(
    cx: &mut Context<'_>,
    nickname: &str,
    verb: Verb,
    tags: String,
    text: &str,
) -> Outcome {
    let user = cx.user();
    let target = cx.find_user(nickname)?;
    let (nickname, away) = {
        let profile = target.profile();
        (profile.nickname.clone(), profile.away.clone())
    };
    let message = event::Message {
        verb,
        target: nickname.as_str().to_owned(),
        status_min: None,
        tags,
        text: text.to_owned(),
    };
    check_length(cx, &message)?;
    cx.finish_pending();
    cx.server.send_to_user(&target, EventKind::Message(message), cx.origin(&user), cx.delivery);
    if let Some(away) = away.filter(|_| verb == Verb::Privmsg) {
        cx.reply(&Reply::numeric(RPL_AWAY).param(nickname.as_str()).text(&*away));
    }
    Ok(())
}

/// Refuses a message that recipients could not be sent whole.
fn check_length(cx: &Context<'_>, message: &event::Message) -> Outcome {
    let bytes = message_bytes(cx.user().profile().source(), message);
    if bytes <= cx.server.config.limits.message_bytes_max {
        Ok(())
    } else {
        Err(Reply::numeric(ERR_INPUTTOOLONG))
    }
}
