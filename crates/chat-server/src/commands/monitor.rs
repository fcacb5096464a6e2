//! MONITOR. IRCv3, "Monitor".

use chat_protocol::numeric::{
    ERR_MONLISTFULL, ERR_NEEDMOREPARAMS, RPL_ENDOFMONLIST, RPL_MONLIST, RPL_MONOFFLINE,
    RPL_MONONLINE,
};
use chat_protocol::{Message, NickKey, Nickname};

use super::{Context, Outcome, Reply};

pub(super) fn monitor(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let targets = message.params.get(1).copied().unwrap_or_default();
    match message.params[0].to_ascii_uppercase().as_str() {
        "+" | "-" if targets.is_empty() => {
            return Err(Reply::numeric(ERR_NEEDMOREPARAMS).param("MONITOR"));
        }
        "+" => return add(cx, targets),
        "-" => targets.split(',').for_each(|target| remove(cx, &NickKey::of(target))),
        "C" => {
            let keys: Vec<NickKey> = cx.client.watched.keys().cloned().collect();
            keys.iter().for_each(|key| remove(cx, key));
        }
        "L" => {
            let watched: Vec<String> =
                cx.client.watched.values().map(ToString::to_string).collect();
            cx.numeric_list(RPL_MONLIST, &[], ',', watched);
            cx.numeric(RPL_ENDOFMONLIST, &[]);
        }
        "S" => {
            let watched: Vec<Nickname> = cx.client.watched.values().cloned().collect();
            show_status(cx, &watched);
        }
        _ => {}
    }
    Ok(())
}

fn add(cx: &mut Context<'_>, targets: &str) -> Outcome {
    let limits = &cx.server.config().limits;
    let (monitor_max, chars_max) = (limits.monitor_max, limits.nickname_chars_max);
    let mut added = Vec::new();
    let (mut impossible, mut refused) = (Vec::new(), None);
    let targets: Vec<&str> = targets.split(',').filter(|target| !target.is_empty()).collect();
    for (at, target) in targets.iter().enumerate() {
        let Ok(nickname) = Nickname::parse(target, chars_max) else {
            // What can't be a nickname can't come online.
            impossible.push((*target).to_owned());
            continue;
        };
        if cx.client.watched.contains_key(&nickname.key()) {
            continue;
        }
        if cx.client.watched.len() >= monitor_max {
            let (limit, rest) = (monitor_max.to_string(), targets[at..].join(","));
            refused = Some(Reply::numeric(ERR_MONLISTFULL).param(limit).param(rest));
            break;
        }
        cx.client.watched.insert(nickname.key(), nickname.clone());
        cx.server.watch(nickname.key(), &cx.client.session);
        added.push(nickname);
    }
    show_status(cx, &added);
    if !impossible.is_empty() {
        cx.numeric_list(RPL_MONOFFLINE, &[], ',', impossible);
    }
    refused.map_or(Ok(()), Err)
}

fn remove(cx: &mut Context<'_>, key: &NickKey) {
    if cx.client.watched.remove(key).is_some() {
        cx.server.unwatch(key, cx.client.session.id);
    }
}

/// Who of these is here. Nobody comes or goes until the answer is on its way, so that what follows
/// it is news.
fn show_status(cx: &mut Context<'_>, nicknames: &[Nickname]) {
    let server = cx.server.clone();
    server.with_users(|users| {
        let (mut online, mut offline) = (Vec::new(), Vec::new());
        for nickname in nicknames {
            match users.get(&nickname.key()) {
                Some(user) => online.push(user.profile().source().to_string()),
                None => offline.push(nickname.to_string()),
            }
        }
        cx.numeric_list(RPL_MONONLINE, &[], ',', online);
        cx.numeric_list(RPL_MONOFFLINE, &[], ',', offline);
    });
}
