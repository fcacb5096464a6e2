//! What was said while there was no connection: fetched when the user is back, set apart, in its order
//! and without what has been shown. IRCv3, "Chathistory".
//!
//! It is fetched from its end, so that what does not fit is the oldest, which `/history` shows. What
//! arrives meanwhile waits, and is shown after it.

use chat_protocol::Message;
use jiff::{SignedDuration, Timestamp};

use super::Client;
use super::batch::Collection;
use super::entry::What;
use super::history::Recorded;
use super::seen::{Point, Seen};

/// Lines that are asked for at once, if the server gives as many.
const PAGE: usize = 100;
/// With so many lines no more are fetched.
const LINES_MAX: usize = 500;
/// With so many pages neither: not all of their lines are shown.
const PAGES_MAX: usize = 20;
/// Live lines that wait at most.
const HELD_MAX: usize = 1000;
/// How long a page may take.
const PAGE_MAX: SignedDuration = SignedDuration::from_secs(15);

/// One conversation that is being caught up with.
#[derive(Debug, Clone)]
pub(crate) struct CatchUp {
    since: Point,
    limit: usize,
    asked: Timestamp,
    pages: usize,
    /// Where the last page started.
    first: Option<Point>,
    lines: Vec<Recorded>,
    held: Vec<Held>,
}

impl CatchUp {
    /// Begins after this point, with pages of so many lines.
    pub(super) fn since(since: Point, limit: usize, asked: Timestamp) -> Self {
        let (lines, held) = (Vec::new(), Vec::new());
        Self { since, limit, asked, pages: 0, first: None, lines, held }
    }
}

/// Something that happened meanwhile.
#[derive(Debug, Clone)]
struct Held {
    point: Option<Point>,
    time: Timestamp,
    what: What,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Whole,
    /// There is more before it.
    Cut,
    /// The server does not give it.
    Refused,
}

impl Client {
    /// What has been seen of a room, or of a conversation with somebody.
    pub(super) fn seen_mut(&mut self, target: &str) -> Option<&mut Seen> {
        if let Some(room) = self.rooms.find_mut(target) {
            return Some(&mut room.seen);
        }
        self.talks.find_mut(target).map(|talk| &mut talk.seen)
    }

    /// The same, only to look at.
    pub(super) fn seen(&self, target: &str) -> Option<&Seen> {
        let room = self.rooms.find(target).map(|room| &room.seen);
        room.or_else(|| self.talks.find(target).map(|talk| &talk.seen))
    }

    /// Asks for what was said since the last line that was seen, if the server keeps it.
    pub(super) fn catch_up(&mut self, target: &str) {
        if !self.has_history() {
            return;
        }
        let (limit, now) = (self.page_size(PAGE), self.now);
        let Some(seen) = self.seen_mut(target) else { return };
        let Some(since) = seen.last().cloned() else { return };
        seen.catch_up = Some(CatchUp::since(since.clone(), limit, now));
        self.ask_for_rest(target, &since, limit);
    }

    fn ask_for_rest(&mut self, target: &str, since: &Point, limit: usize) {
        let since = self.reference_after(since);
        self.send("CHATHISTORY", &["LATEST", target, &since, &limit.to_string()], None);
    }

    /// Whether a conversation is being caught up with.
    pub(super) fn is_catching_up(&self, target: &str) -> bool {
        self.seen(target).is_some_and(|seen| seen.catch_up.is_some())
    }

    /// Keeps something back that belongs after what is being fetched; gives it back if nothing is.
    pub(super) fn hold(
        &mut self,
        target: &str,
        point: Option<Point>,
        time: Timestamp,
        what: What,
    ) -> Option<What> {
        let catch_up = self.seen_mut(target).and_then(|seen| seen.catch_up.as_mut());
        let Some(catch_up) = catch_up else { return Some(what) };
        catch_up.held.push(Held { point, time, what });
        if catch_up.held.len() > HELD_MAX {
            self.caught_up(target, Outcome::Cut);
        }
        None
    }

    /// Takes a page. What comes before it is asked for next, up to what has been seen.
    pub(super) fn rest_arrived(&mut self, collection: &Collection) {
        let target = collection.target.as_str();
        let mut lines: Vec<_> =
            collection.lines.iter().filter_map(|line| self.heard(line)).collect();
        let first = collection.lines.iter().find_map(|line| Message::parse(line).ok());
        let first = first.map(|message| self.point(&message));
        let now = self.now;
        // A server that does not say how much it gives may always have more.
        let says_limit = self.isupport.value("CHATHISTORY").is_some();
        let Some(catch_up) = self.seen_mut(target).and_then(|seen| seen.catch_up.as_mut()) else {
            return;
        };
        lines.append(&mut catch_up.lines);
        catch_up.lines = lines;
        catch_up.pages += 1;
        catch_up.asked = now;
        // By time, what was said at the same moment comes again.
        let goes_on = catch_up.first != first;
        let is_full = goes_on && (!says_limit || collection.lines.len() >= catch_up.limit);
        catch_up.first.clone_from(&first);
        let is_enough = catch_up.lines.len() >= LINES_MAX || catch_up.pages >= PAGES_MAX;
        let (since, limit) = (catch_up.since.clone(), catch_up.limit.to_string());
        match first.filter(|_| is_full) {
            None => self.caught_up(target, Outcome::Whole),
            Some(_) if is_enough => self.caught_up(target, Outcome::Cut),
            Some(first) => {
                let first = self.reference_before(&first);
                let since = self.reference_after(&since);
                self.send("CHATHISTORY", &["BETWEEN", target, &first, &since, &limit], None);
            }
        }
    }

    /// The server refuses a page. It may not know an id that is old; then a time has to do.
    pub(super) fn rest_refused(&mut self, target: &str) {
        let now = self.now;
        let Some(catch_up) = self.seen_mut(target).and_then(|seen| seen.catch_up.as_mut()) else {
            return;
        };
        if catch_up.since.msgid.take().is_none() {
            self.caught_up(target, Outcome::Refused);
            return;
        }
        catch_up.lines.clear();
        catch_up.asked = now;
        let (since, limit) = (catch_up.since.clone(), catch_up.limit);
        self.ask_for_rest(target, &since, limit);
    }

    /// Nothing more will come: what has come is shown.
    pub(super) fn stop_catching_up(&mut self, target: &str) {
        self.caught_up(target, Outcome::Refused);
    }

    /// Pages that are late are not waited for: what has come meanwhile has to be shown.
    pub(super) fn give_up_late_pages(&mut self) {
        for target in self.catching_up() {
            let catch_up = self.seen_mut(&target).and_then(|seen| seen.catch_up.as_ref());
            let asked = catch_up.map(|catch_up| catch_up.asked);
            if asked.is_some_and(|asked| self.now.duration_since(asked) >= PAGE_MAX) {
                self.stop_catching_up(&target);
            }
        }
    }

    /// The rooms and people whose conversations are being caught up with.
    pub(super) fn catching_up(&self) -> Vec<String> {
        let rooms = self.rooms.iter().map(|room| (&room.name, &room.seen));
        let talks = self.talks.iter().map(|talk| (&talk.name, &talk.seen));
        let all = rooms.chain(talks).filter(|(_, seen)| seen.catch_up.is_some());
        all.map(|(name, _)| name.clone()).collect()
    }

    fn caught_up(&mut self, target: &str, outcome: Outcome) {
        let Some(seen) = self.seen_mut(target) else { return };
        let Some(CatchUp { mut lines, held, .. }) = seen.catch_up.take() else { return };
        if outcome == Outcome::Cut
            && let Some(first) = lines.first()
        {
            // The next page that the user asks for ends there.
            seen.starts_at(first.point.clone());
        }
        lines.retain(|line| seen.earlier(&line.point));
        if outcome == Outcome::Refused {
            self.may_be_missing(target);
        }
        if !lines.is_empty() {
            self.show_missed(target, outcome, lines);
        }
        for Held { point, time, what } in held {
            let is_new = match (point, self.seen_mut(target)) {
                (Some(point), Some(seen)) => seen.live(point),
                _ => true,
            };
            if is_new {
                let room = self.names_room(target).then_some(target);
                self.show(time, room, what);
            }
        }
    }

    fn show_missed(&mut self, target: &str, outcome: Outcome, lines: Vec<Recorded>) {
        let is_room = self.names_room(target);
        if outcome == Outcome::Cut {
            let way = if is_room { "; /history shows it" } else { "" };
            self.marker(target, &format!("… more was said{way}"));
        }
        let with = if is_room { String::new() } else { format!(", with {target}") };
        self.marker(target, &format!("while you were away{with}"));
        for line in lines {
            self.show(line.point.time, line.room.as_deref(), What::Said(line.speech));
        }
        self.marker(target, "now");
    }

    fn may_be_missing(&mut self, target: &str) {
        let told =
            format!("what was said meanwhile is not to be had: lines of {target} may be missing");
        let room = self.names_room(target).then_some(target);
        self.show(self.now, room, What::Told(told));
    }
}
