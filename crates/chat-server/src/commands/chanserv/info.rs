//! INFO.

use crate::config::HistoryConfig;
use crate::render::time;
use crate::server::less;
use crate::state::registration::{Registration, Visible};

use super::{Answer, Context, find, registration, say};

/// `INFO #room`
pub(super) fn info(cx: &mut Context<'_>, params: &[&str]) -> Answer {
    let room = find(cx, params[0])?;
    let lines = {
        let state = room.state();
        let registration = registration(&room, &state)?;
        let history = &cx.server.config.history;
        let keeps =
            if state.has_history { kept(registration, history) } else { vec![NOT_KEPT.to_owned()] };
        lines(registration, room.name.as_str(), keeps)
    };
    lines.iter().for_each(|line| say(cx, line));
    Ok(())
}

const NOT_KEPT: &str = "What is said is not kept";

/// What is kept, and who reads how much of it.
fn kept(registration: &Registration, history: &HistoryConfig) -> Vec<String> {
    let mut kept = "What is said is kept".to_owned();
    if let Some(days) = less(registration.keep_days, history.keep_days) {
        kept.push_str(&format!(" for {days} days"));
    }
    if let Some(entries) = less(registration.keep_entries, history.keep_entries) {
        kept.push_str(&format!(", the newest {entries} entries"));
    }
    let visible = match registration.visible.unwrap_or(history.visible) {
        Visible::All => return vec![kept],
        Visible::SinceRegistration => "It is read back to the registration of one's account",
        Visible::SinceJoin => "It is read back to when one joined or was given a role",
    };
    vec![kept, visible.to_owned()]
}

fn lines(registration: &Registration, name: &str, keeps: Vec<String>) -> Vec<String> {
    let founder = registration.founder.as_ref();
    let owner = founder.map_or_else(|| "the server".to_owned(), ToString::to_string);
    let mut lines = vec![format!("{name} belongs to {owner} since {}", time(registration.since))];
    lines.extend(registration.description.as_ref().map(|text| format!("Description: {text}")));
    lines.extend(keeps);
    if !registration.keeps_topic {
        lines.push("The topic goes with the last member".to_owned());
    }
    lines.push(format!("Accounts with a standing role: {}", registration.access.len()));
    lines.extend(registration.offered_to.as_ref().map(|to| format!("Offered to {to}")));
    lines
}
