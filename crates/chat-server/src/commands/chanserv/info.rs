//! INFO.

use crate::config::HistoryConfig;
use crate::render::time;
use crate::server::less;
use crate::state::registration::Registration;

use super::{Answer, Context, find, registration, say};

/// `INFO #room`
pub(super) fn info(cx: &mut Context<'_>, params: &[&str]) -> Answer {
    let room = find(cx, params[0])?;
    let lines = {
        let state = room.state();
        let registration = registration(&room, &state)?;
        let history = &cx.server.config().history;
        let keeps =
            if state.has_history { kept(registration, history) } else { NOT_KEPT.to_owned() };
        lines(registration, room.name.as_str(), keeps)
    };
    lines.iter().for_each(|line| say(cx, line));
    Ok(())
}

const NOT_KEPT: &str = "What is said is not kept";

/// What is kept, and for how long.
fn kept(registration: &Registration, history: &HistoryConfig) -> String {
    let mut kept = "What is said is kept".to_owned();
    if let Some(days) = less(registration.keep_days, history.keep_days) {
        kept.push_str(&format!(" for {days} days"));
    }
    if let Some(entries) = less(registration.keep_entries, history.keep_entries) {
        kept.push_str(&format!(", the newest {entries} entries"));
    }
    kept
}

fn lines(registration: &Registration, name: &str, keeps: String) -> Vec<String> {
    let founder = registration.founder.as_ref();
    let owner = founder.map_or_else(|| "the server".to_owned(), ToString::to_string);
    let mut lines = vec![format!("{name} belongs to {owner} since {}", time(registration.since))];
    lines.extend(registration.description.as_ref().map(|text| format!("Description: {text}")));
    lines.push(keeps);
    if let Some(visible) = registration.visible {
        lines.push(format!("Members read what was said: {}", visible.name()));
    }
    if !registration.keeps_topic {
        lines.push("The topic goes with the last member".to_owned());
    }
    lines.push(format!("Accounts with a standing role: {}", registration.access.len()));
    lines.extend(registration.offered_to.as_ref().map(|to| format!("Offered to {to}")));
    lines
}
