//! INFO.

use crate::render::time;
use crate::state::registration::Registration;

use super::{Answer, Context, find, registration, say};

/// `INFO #room`
pub(super) fn info(cx: &mut Context<'_>, params: &[&str]) -> Answer {
    let room = find(cx, params[0])?;
    let lines = {
        let state = room.state();
        let keeps = if state.has_history { "kept" } else { "not kept" };
        lines(registration(&room, &state)?, room.name.as_str(), keeps)
    };
    lines.iter().for_each(|line| say(cx, line));
    Ok(())
}

fn lines(registration: &Registration, name: &str, keeps: &str) -> Vec<String> {
    let founder = registration.founder.as_ref();
    let owner = founder.map_or_else(|| "the server".to_owned(), ToString::to_string);
    let mut lines = vec![format!("{name} belongs to {owner} since {}", time(registration.since))];
    lines.extend(registration.description.as_ref().map(|text| format!("Description: {text}")));
    lines.push(format!("What is said is {keeps}"));
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
