//! LIST, with the conditions of ELIST. Modern IRC, "LIST message".

use std::sync::Arc;

use chat_protocol::numeric::{RPL_LIST, RPL_LISTEND, RPL_LISTSTART};
use chat_protocol::{ChannelName, Mask, Message};

use crate::state::access;
use crate::state::room::{Room, RoomState};

use super::{Context, Outcome, Reply};

#[expect(clippy::unnecessary_wraps, reason = "every command returns an outcome")]
pub(super) fn list(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let asked = message.params.first().copied().unwrap_or_default();
    let conditions: Vec<Condition> =
        asked.split(',').filter(|part| !part.is_empty()).map(Condition::parse).collect();
    let (now, user) = (cx.server.now(), cx.user());
    cx.numeric(RPL_LISTSTART, &["Channel"]);
    for room in candidates(cx, &conditions) {
        let state = room.state();
        let is_listed = access::see(&state, &user) && !state.is_abandoned();
        if !is_listed || !conditions_hold(&conditions, &room, &state, now) {
            continue;
        }
        let topic =
            state.settings.topic.as_ref().map(|topic| topic.text.clone()).unwrap_or_default();
        let users = state.members.len().to_string();
        drop(state);
        cx.reply(&Reply::numeric(RPL_LIST).param(room.name.as_str()).param(users).text(topic));
        if !cx.has_room() {
            break;
        }
    }
    cx.numeric(RPL_LISTEND, &[]);
    Ok(())
}

fn candidates(cx: &Context<'_>, conditions: &[Condition]) -> Vec<Arc<Room>> {
    let named: Vec<&Mask> = conditions.iter().filter_map(Condition::plain_name).collect();
    if named.is_empty() || named.len() < conditions.len() {
        return cx.server.rooms();
    }
    named.into_iter().filter_map(|name| cx.server.room(name.as_str())).collect()
}

/// Names and masks are alternatives; every other condition has to hold.
fn conditions_hold(conditions: &[Condition], room: &Room, state: &RoomState, now: u64) -> bool {
    let mut names =
        conditions.iter().filter(|condition| matches!(condition, Condition::Name(_))).peekable();
    let named = names.peek().is_none() || names.any(|condition| condition.holds(room, state, now));
    let mut others = conditions.iter().filter(|condition| !matches!(condition, Condition::Name(_)));
    named && others.all(|condition| condition.holds(room, state, now))
}

/// One condition of `ELIST=CMNTU`.
#[derive(Debug, PartialEq, Eq)]
enum Condition {
    /// A channel, or a mask (M).
    Name(Mask),
    /// `!mask` (N).
    NotName(Mask),
    /// `>n` and `<n` (U).
    UsersMoreThan(usize),
    UsersLessThan(usize),
    /// `C>n` and `C<n`: created more or less than so many minutes ago.
    CreatedBefore(u64),
    CreatedAfter(u64),
    /// `T>n` and `T<n`: topic changed more or less than so many minutes ago.
    TopicBefore(u64),
    TopicAfter(u64),
}

impl Condition {
    fn parse(text: &str) -> Self {
        let minutes = |number: &str| number.parse::<u64>().ok();
        let parsed = match text.split_at_checked(1) {
            Some(("!", mask)) => Some(Self::NotName(Mask::new(mask))),
            Some((">", number)) => number.parse().ok().map(Self::UsersMoreThan),
            Some(("<", number)) => number.parse().ok().map(Self::UsersLessThan),
            Some(("C" | "c", rest)) => match rest.split_at_checked(1) {
                Some((">", number)) => minutes(number).map(Self::CreatedBefore),
                Some(("<", number)) => minutes(number).map(Self::CreatedAfter),
                _ => None,
            },
            Some(("T" | "t", rest)) => match rest.split_at_checked(1) {
                Some((">", number)) => minutes(number).map(Self::TopicBefore),
                Some(("<", number)) => minutes(number).map(Self::TopicAfter),
                _ => None,
            },
            _ => None,
        };
        parsed.unwrap_or_else(|| Self::Name(Mask::new(text)))
    }

    /// A name without wildcards, which can be looked up.
    fn plain_name(&self) -> Option<&Mask> {
        match self {
            Self::Name(mask) if !mask.has_wildcards() && ChannelName::is_channel(mask.as_str()) => {
                Some(mask)
            }
            _ => None,
        }
    }

    fn holds(&self, room: &Room, state: &RoomState, now: u64) -> bool {
        let minutes_since = |then: u64| now.saturating_sub(then) / 60;
        match self {
            Self::Name(mask) => mask.matches(room.name.as_str()),
            Self::NotName(mask) => !mask.matches(room.name.as_str()),
            Self::UsersMoreThan(count) => state.members.len() > *count,
            Self::UsersLessThan(count) => state.members.len() < *count,
            Self::CreatedBefore(minutes) => {
                minutes_since(state.settings.created.seconds()) >= *minutes
            }
            Self::CreatedAfter(minutes) => {
                minutes_since(state.settings.created.seconds()) < *minutes
            }
            Self::TopicBefore(minutes) => {
                state.settings.topic_changed.is_some_and(|then| minutes_since(then) >= *minutes)
            }
            Self::TopicAfter(minutes) => {
                state.settings.topic_changed.is_some_and(|then| minutes_since(then) < *minutes)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read() {
        for (text, condition) in [
            (">3", Condition::UsersMoreThan(3)),
            ("<3", Condition::UsersLessThan(3)),
            ("C>10", Condition::CreatedBefore(10)),
            ("t<10", Condition::TopicAfter(10)),
            ("!#a*", Condition::NotName(Mask::new("#a*"))),
            ("#c", Condition::Name(Mask::new("#c"))),
            (">x", Condition::Name(Mask::new(">x"))),
        ] {
            assert_eq!(Condition::parse(text), condition);
        }
    }
}
