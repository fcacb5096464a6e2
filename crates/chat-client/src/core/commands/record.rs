//! Commands about what was said before.

use super::super::Client;
use super::super::search::Query;
use super::super::seen::Page;
use super::super::speak::Mistake;
use super::Typed;

/// Lines of a page.
const PAGE: usize = 50;

pub(super) fn history(client: &mut Client, typed: Typed<'_>) -> Result<(), Mistake> {
    let wanted = match typed.remaining() {
        None => PAGE,
        Some(count) => count.parse().ok().filter(|count| *count > 0).ok_or(Mistake::Usage)?,
    };
    let room = typed.room.ok_or(Mistake::NoRoom)?;
    if !client.has_history() {
        return Err(because("The server does not keep what was said."));
    }
    if client.is_page_asked(room) {
        return Err(because("The lines before are still on their way."));
    }
    let page = Page { by_user: true, limit: client.page_size(wanted) };
    client.ask_for_page(room, page);
    Ok(())
}

pub(super) fn search(client: &mut Client, typed: Typed<'_>) -> Result<(), Mistake> {
    let query = Query::parse(typed.rest, &client.config.time_zone)?;
    let room = match &query.room {
        Some(room) => client.room_name(room),
        None => typed.room.map(str::to_owned).ok_or(Mistake::NoRoom)?,
    };
    client.search(&query, &room)
}

fn because(why: &str) -> Mistake {
    Mistake::Because(why.to_owned())
}
