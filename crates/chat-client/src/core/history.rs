//! What was said before: pages of it, and how far the user has read. IRCv3, "Chathistory" and "Read
//! marker".

use std::borrow::Cow;

use chat_protocol::{Capability, Message, Source, casemapping};
use jiff::{SignedDuration, Timestamp};

use super::Client;
use super::batch::Collection;
use super::ctcp::Ctcp;
use super::entry::{Form, Speech, What};
use super::extensions::{CHATHISTORY, READ_MARKER};
use super::seen::{Page, Point};

/// A longer id is not remembered.
const MSGID_BYTES_MAX: usize = 200;

/// What servers write times in: what is closer than that can't be told apart.
const TICK: SignedDuration = SignedDuration::from_millis(1);

/// A message that was said before.
#[derive(Debug, Clone)]
pub(crate) struct Recorded {
    pub(super) point: Point,
    pub(super) room: Option<String>,
    pub(super) speech: Speech,
}

impl Client {
    /// Whether the server remembers, and can say so.
    pub(super) fn has_history(&self) -> bool {
        self.extensions.has(CHATHISTORY) && self.has(Capability::Batch)
    }

    /// Asks for a room's last lines: the user has just joined it.
    pub(super) fn ask_for_latest(&mut self, room: &str) {
        let limit = self.page_size(self.config.history);
        if limit > 0 && self.has_history() {
            self.ask_for_page(room, Page { by_user: false, limit });
        }
    }

    /// Asks for the page before what has been seen, or for the last one.
    pub(super) fn ask_for_page(&mut self, room: &str, page: Page) {
        let Some(found) = self.rooms.find_mut(room) else { return };
        found.seen.asked = Some(page);
        let oldest = found.seen.oldest().cloned().filter(|_| page.by_user);
        let limit = page.limit.to_string();
        match oldest {
            Some(point) => {
                let reference = self.reference(&point);
                self.send("CHATHISTORY", &["BEFORE", room, &reference, &limit], None);
            }
            None => self.send("CHATHISTORY", &["LATEST", room, "*", &limit], None),
        }
    }

    /// How many lines may be asked for at once. ISUPPORT `CHATHISTORY`; 0 is no limit.
    pub(super) fn page_size(&self, wanted: usize) -> usize {
        let most = self.isupport.value("CHATHISTORY").and_then(|value| value.parse().ok());
        most.filter(|most| *most > 0).map_or(wanted, |most: usize| wanted.min(most))
    }

    fn reference(&self, point: &Point) -> String {
        self.reference_by_id(point).unwrap_or_else(|| reference_by_time(Some(point.time)))
    }

    /// For what comes after a point. By time it comes with what was said at the same moment.
    pub(super) fn reference_after(&self, point: &Point) -> String {
        let by_time = || reference_by_time(point.time.checked_sub(TICK).ok());
        self.reference_by_id(point).unwrap_or_else(by_time)
    }

    /// The same for what comes before it.
    pub(super) fn reference_before(&self, point: &Point) -> String {
        let by_time = || reference_by_time(point.time.checked_add(TICK).ok());
        self.reference_by_id(point).unwrap_or_else(by_time)
    }

    /// ISUPPORT `MSGREFTYPES` says whether ids may be used.
    fn reference_by_id(&self, point: &Point) -> Option<String> {
        let types = self.isupport.value("MSGREFTYPES");
        let ids = types.is_none_or(|types| types.split(',').any(|name| name == "msgid"));
        point.msgid.as_ref().filter(|_| ids).map(|msgid| format!("msgid={msgid}"))
    }

    /// Shows a page: set apart, without mentions, and without what has been shown already.
    pub(super) fn page_arrived(&mut self, collection: &Collection) {
        let room = collection.target.as_str();
        if self.is_catching_up(room) {
            self.rest_arrived(collection);
            return;
        }
        let lines: Vec<_> =
            collection.lines.iter().filter_map(|line| self.recorded(line)).collect();
        let Some(seen) = self.seen_mut(room) else {
            self.show_page(room, None, lines, "");
            return;
        };
        let page = seen.asked.take();
        let mut goes_on = false;
        if let Some(first) = lines.first() {
            goes_on = seen.oldest() != Some(&first.point);
            seen.starts_at(first.point.clone());
        }
        let read = seen.read();
        let is_whole = page.is_some_and(|page| lines.len() < page.limit);
        let mut lines = lines;
        lines.retain(|line| seen.earlier(&line.point));
        if lines.is_empty() {
            match page.filter(|page| page.by_user) {
                // All of it has been shown, before the connection was lost.
                Some(page) if goes_on => self.ask_for_page(room, page),
                Some(_) => self.marker(room, "nothing earlier: this is the beginning"),
                None => {}
            }
            return;
        }
        let read = read.filter(|_| page.is_some_and(|page| !page.by_user));
        self.show_page(room, read, lines, if is_whole { "" } else { "at least " });
    }

    fn show_page(
        &mut self,
        room: &str,
        read: Option<Timestamp>,
        lines: Vec<Recorded>,
        at_least: &str,
    ) {
        let is_unread = |client: &Self, line: &Recorded| {
            read.is_some_and(|read| line.point.time > read) && !client.is_me(&line.speech.nickname)
        };
        let unread = lines.iter().filter(|line| is_unread(self, line)).count();
        let first = lines.iter().position(|line| is_unread(self, line));
        let at_least = if first == Some(0) { at_least } else { "" };
        self.marker(room, "earlier");
        for (at, line) in lines.into_iter().enumerate() {
            if first == Some(at) {
                self.marker(room, &format!("{at_least}{unread} unread"));
            }
            self.show(line.point.time, line.room.as_deref(), What::Said(line.speech));
        }
        self.marker(room, "now");
    }

    pub(super) fn marker(&mut self, room: &str, text: &str) {
        let room = self.names_room(room).then_some(room);
        self.show(self.now, room, What::Marker(text.to_owned()));
    }

    /// A line of a page or of a search, if it is one that people say. Nobody is called by it.
    pub(super) fn recorded(&self, line: &str) -> Option<Recorded> {
        let mut recorded = self.heard(line)?;
        recorded.speech.mention = false;
        Some(recorded)
    }

    /// The same for a line that the user would have heard, had there been a connection.
    pub(super) fn heard(&self, line: &str) -> Option<Recorded> {
        let message = Message::parse(line).ok()?;
        let form = match message.command.to_ascii_uppercase().as_str() {
            "PRIVMSG" => Form::Message,
            "NOTICE" => Form::Notice,
            _ => return None,
        };
        let [_, text] = &*message.params else { return None };
        let (form, text) = match Ctcp::parse(text) {
            None => (form, *text),
            Some(action) if action.is_action() => (Form::Action, action.params),
            Some(_) => return None,
        };
        let nickname = message.source.map_or("", |source| Source::parse(source).name);
        let (room, speech) = self.speech(&message, nickname, form, text);
        Some(Recorded { point: self.point(&message), room: room.map(str::to_owned), speech })
    }

    /// Where a message stands.
    pub(super) fn point(&self, message: &Message<'_>) -> Point {
        let msgid = message.tags.value("msgid").filter(|msgid| is_msgid(msgid));
        Point { msgid: msgid.map(Cow::into_owned), time: self.time(message) }
    }

    /// A page that will not come; all that are awaited, if the refusal names no room. Says whether
    /// the user has to be told: nobody has to be of one that nobody asked for.
    pub(super) fn page_failed(&mut self, context: &[&str]) -> bool {
        let is_known = |name: &&&str| self.seen(name).is_some();
        let known = context.iter().find(is_known).copied();
        let mut refused = self.catching_up();
        refused.retain(|target| known.is_none_or(|known| casemapping::eq(known, target)));
        if !refused.is_empty() {
            refused.iter().for_each(|target| self.rest_refused(target));
            return false;
        }
        let named = context.iter().find(|name| self.rooms.find(name).is_some()).copied();
        let rooms: Vec<String> = match named {
            Some(room) => vec![room.to_owned()],
            None => self.rooms.iter().map(|room| room.name.clone()).collect(),
        };
        let mut pages = Vec::new();
        for room in rooms {
            pages.extend(self.rooms.find_mut(&room).and_then(|room| room.seen.asked.take()));
        }
        pages.is_empty() || pages.iter().any(|page| page.by_user)
    }

    /// An error that names a command whose answer is awaited: there will be none.
    pub(super) fn answer_refused(&mut self, command: &str) {
        match command {
            "CHATHISTORY" => {
                self.page_failed(&[]);
            }
            "SEARCH" => self.searches = 0,
            _ => {}
        }
    }

    /// `MARKREAD` of the server: how far the user has read on any device.
    pub(super) fn marked_read(&mut self, message: &Message<'_>) {
        let [room, timestamp] = &*message.params else { return };
        let time = timestamp.strip_prefix("timestamp=").and_then(|time| time.parse().ok());
        if let Some((room, time)) = self.rooms.find_mut(room).zip(time) {
            room.seen.read_up_to(time);
        }
    }

    /// The user has plainly seen what there is in a room.
    pub(super) fn mark_read(&mut self, room: &str) {
        // A marker is the server's time of a message.
        let may_mark = self.extensions.has(READ_MARKER) && self.has(Capability::ServerTime);
        if !may_mark || !self.config.is_person || !self.is_online() {
            return;
        }
        let Some(found) = self.rooms.find_mut(room) else { return };
        let Some(time) = found.seen.unread_up_to() else { return };
        found.seen.read_up_to(time);
        let name = found.name.clone();
        self.send("MARKREAD", &[&name, &format!("timestamp={}", server_time(time))], None);
    }

    /// Whether a page of a room is on its way.
    pub(super) fn is_page_asked(&self, room: &str) -> bool {
        let is_asked = self.rooms.find(room).is_some_and(|room| room.seen.asked.is_some());
        is_asked || self.is_catching_up(room)
    }
}

/// Whether this can be a message's id, and be sent back as a parameter.
fn is_msgid(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= MSGID_BYTES_MAX
        && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Before all times there are, if it is none.
fn reference_by_time(time: Option<Timestamp>) -> String {
    format!("timestamp={}", server_time(time.unwrap_or_default()))
}

/// A time as IRCv3, "Server Time", writes it.
pub(super) fn server_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
