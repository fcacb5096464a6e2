//! Numerics as sentences.

use std::fmt::Write;

use chat_protocol::numeric::{self as n, Numeric};
use jiff::Timestamp;

/// Sentences with the parameters in their places: `{1}` is the first after the nickname, `{*}` the
/// last. `{1:ago}` is a number of seconds, `{1:time}` a point in time.
const SENTENCES: &[(Numeric, &str)] = &[
    (n::RPL_AWAY, "{1} is away: {*}"),
    (n::RPL_UNAWAY, "You are no longer away."),
    (n::RPL_NOWAWAY, "You are now away."),
    (n::RPL_WHOISUSER, "{1} is {2}@{3} ({*})"),
    (n::RPL_WHOISSERVER, "{1} is on {2} ({*})"),
    (n::RPL_WHOISOPERATOR, "{1} is a server operator."),
    (n::RPL_WHOISIDLE, "{1} has been silent for {2:ago}, here since {3:time}."),
    (n::RPL_WHOISCHANNELS, "{1} is in {*}"),
    (n::RPL_WHOISACCOUNT, "{1} is logged in as {2}."),
    (n::RPL_WHOISBOT, "{1} is a bot."),
    (n::RPL_WHOISACTUALLY, "{1} {*} {2}"),
    (n::RPL_WHOISHOST, "{1} {*}"),
    (n::RPL_WHOISMODES, "{1} {*}"),
    (n::RPL_WHOISSECURE, "{1} uses a secure connection."),
    (n::RPL_LIST, "{1} ({2}): {*}"),
    (n::RPL_CHANNELMODEIS, "The modes of {1} are {2+}"),
    (n::RPL_CREATIONTIME, "{1} exists since {2:time}."),
    (n::RPL_UMODEIS, "Your modes are {1+}"),
    (n::RPL_NOTOPIC, "{1} has no topic."),
    (n::RPL_TOPIC, "The topic of {1} is: {*}"),
    (n::RPL_TOPICWHOTIME, "It was set by {2}, {3:time}."),
    (n::RPL_INVITING, "You invited {1} to {2}."),
    (n::RPL_BANLIST, "Banned from {1}: {2}"),
    (n::RPL_EXCEPTLIST, "Excepted from the bans of {1}: {2}"),
    (n::RPL_INVEXLIST, "May join {1} without an invitation: {2}"),
    (n::RPL_LOGGEDIN, "You are logged in as {2}."),
    (n::RPL_LOGGEDOUT, "You are logged out."),
    (n::RPL_VISIBLEHOST, "Others see {1} in place of your address."),
    (n::ERR_NOSUCHNICK, "There is nobody and no room called {1}."),
    (n::ERR_NOSUCHSERVER, "There is no server called {1}."),
    (n::ERR_NOSUCHCHANNEL, "There is no room {1}."),
    (n::ERR_CANNOTSENDTOCHAN, "You can't speak in {1}: {*}"),
    (n::ERR_TOOMANYCHANNELS, "You can't join {1}: you are in too many rooms."),
    (n::ERR_WASNOSUCHNICK, "There was nobody called {1}."),
    (n::ERR_UNKNOWNCOMMAND, "The server does not know the command {1}."),
    (n::ERR_NONICKNAMEGIVEN, "A name is missing."),
    (n::ERR_ERRONEUSNICKNAME, "{1} can't be a name here: {*}"),
    (n::ERR_NICKNAMEINUSE, "The name {1} is taken."),
    (n::ERR_NICKTOOFAST, "You can't be called {1} yet: {*}"),
    (n::ERR_TARGETTOOFAST, "Too much at once for {1}: {*}"),
    (n::ERR_USERNOTINCHANNEL, "{1} is not in {2}."),
    (n::ERR_NOTONCHANNEL, "You are not in {1}."),
    (n::ERR_USERONCHANNEL, "{1} is in {2} already."),
    (n::ERR_NEEDMOREPARAMS, "{1} needs more than that."),
    (n::ERR_PASSWDMISMATCH, "The password is not right."),
    (n::ERR_YOUREBANNEDCREEP, "You can't come in: {*}"),
    (n::ERR_CHANNELISFULL, "You can't join {1}: it is full."),
    (n::ERR_UNKNOWNMODE, "There is no mode {1}."),
    (n::ERR_INVITEONLYCHAN, "You can't join {1}: only those who are invited can."),
    (n::ERR_BANNEDFROMCHAN, "You can't join {1}: you are banned."),
    (n::ERR_BADCHANNELKEY, "You can't join {1}: it needs the right key."),
    (n::ERR_BADCHANMASK, "{1} can't be a room's name: {*}"),
    (n::ERR_NOPRIVILEGES, "Only operators of the server may do that."),
    (n::ERR_CHANOPRIVSNEEDED, "Only operators of {1} may do that."),
    (n::ERR_UMODEUNKNOWNFLAG, "There is no such mode."),
    (n::ERR_USERSDONTMATCH, "You can't see or change the modes of others."),
];

/// What a numeric says. `params` are those of the message, the user's own nickname first.
///
/// One that is not in the table says its parameters and its own text.
pub(crate) fn sentence(command: &str, params: &[&str]) -> String {
    let known = Numeric::from_command(command)
        .and_then(|numeric| SENTENCES.iter().find(|(row, _)| *row == numeric));
    match known {
        Some((_, template)) => fill(template, params),
        None => plain(params),
    }
}

/// The parameters after the nickname: `#room: You can't do that`.
fn plain(params: &[&str]) -> String {
    match params {
        [] => String::new(),
        [text] | [_, text] => (*text).to_owned(),
        [_, middle @ .., text] => format!("{}: {text}", middle.join(" ")),
    }
}

/// Puts parameters into their places. The first is left to who calls.
pub(super) fn fill(template: &str, params: &[&str]) -> String {
    let mut sentence = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (place, after) = after.split_once('}').unwrap_or((after, ""));
        sentence.push_str(before);
        push_param(&mut sentence, place, params);
        rest = after;
    }
    sentence.push_str(rest);
    sentence.truncate(sentence.trim_end().len());
    sentence
}

fn push_param(sentence: &mut String, place: &str, params: &[&str]) {
    if place == "*" {
        sentence.push_str(params.last().copied().unwrap_or_default());
        return;
    }
    if let Some(first) = place.strip_suffix('+') {
        let first = first.parse().unwrap_or(1);
        sentence.push_str(&params.get(first..).unwrap_or_default().join(" "));
        return;
    }
    let (number, form) = place.split_once(':').unwrap_or((place, ""));
    let param = number.parse().ok().and_then(|at: usize| params.get(at)).copied();
    let param = param.unwrap_or_default();
    match (form, param.parse::<i64>()) {
        ("ago", Ok(seconds)) => sentence.push_str(&duration(seconds)),
        ("time", Ok(seconds)) if Timestamp::from_second(seconds).is_ok() => {
            let time = Timestamp::from_second(seconds).unwrap_or_default();
            let _ = write!(sentence, "{}", time.strftime("%Y-%m-%d %H:%M UTC"));
        }
        _ => sentence.push_str(param),
    }
}

fn duration(seconds: i64) -> String {
    let (count, unit) = match seconds {
        ..120 => (seconds, "second"),
        120..7200 => (seconds / 60, "minute"),
        7200..172_800 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_numerics_are_sentences() {
        assert_eq!(
            sentence("474", &["alice", "#ops", "Cannot join channel (+b)"]),
            "You can't join #ops: you are banned."
        );
        assert_eq!(
            sentence("317", &["me", "bob", "7300", "0", "seconds idle"]),
            "bob has been silent for 2 hours, here since 1970-01-01 00:00 UTC."
        );
        assert_eq!(sentence("324", &["me", "#a", "+kl", "x", "5"]), "The modes of #a are +kl x 5");
    }

    #[test]
    fn others_say_what_they_carry() {
        assert_eq!(sentence("999", &["me", "a", "b", "Something odd"]), "a b: Something odd");
        assert_eq!(sentence("999", &["me", "Something odd"]), "Something odd");
        assert_eq!(sentence("999", &[]), "");
    }

    #[test]
    fn missing_parameters_leave_gaps_and_no_more() {
        assert_eq!(sentence("474", &[]), "You can't join : you are banned.");
        assert_eq!(sentence("333", &["me", "#a", "bob", "soon"]), "It was set by bob, soon.");
        assert_eq!(sentence("324", &["me"]), "The modes of  are");
    }

    #[test]
    fn every_row_says_something_of_its_own() {
        for (at, (numeric, template)) in SENTENCES.iter().enumerate() {
            assert!(!template.is_empty(), "{}", numeric.name);
            assert!(SENTENCES[..at].iter().all(|(other, _)| other != numeric), "{}", numeric.name);
        }
    }
}
