//! Entries as lines of text.
//!
//! ```text
//! 14:02 bob: hello                        in the current room
//! 14:02 #ops bob: hello                   in another one
//! 14:02 > bob: hello, alice               names the user
//! 14:02 * bob waves                       ACTION
//! 14:02 -bob- look                        NOTICE
//! 14:02 bob (to you): psst                private
//! 14:02 -- carol joined                   something happened, or is told
//! 14:02 -- earlier --                     what follows is from another time
//! 2026-05-01 14:02 #ops bob: hello        a search has found it
//! 14:02 !! You are not in #ops: /join #ops    something was refused
//! ```
//!
//! No nickname starts with `-` or `!`, so no message looks like one of the last two.

use chat_protocol::casemapping::fold;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::core::entry::{Entry, Form, Private, Speech, What};
use crate::sanitize;

const RESET: &str = "\x1b[0m";
const DIM: &str = "2";
const RED: &str = "31";
const MENTION: &str = "1;33";

/// Colours that can be read on a dark and on a bright background.
const NICKNAME_COLOURS: &[&str] = &["32", "34", "35", "36", "92", "94", "95", "96", "33", "91"];

/// How lines look.
#[derive(Debug, Clone)]
pub(crate) struct Style {
    /// Whether the terminal may be asked for colours.
    pub(crate) colour: bool,
    /// Whether to name the current room too.
    pub(crate) every_room: bool,
    /// The user's.
    pub(crate) time_zone: TimeZone,
}

impl Style {
    /// One line, without its ending. `now` decides whether the time needs a date.
    pub(crate) fn line(&self, entry: &Entry, now: Timestamp) -> String {
        let is_found = matches!(entry.what, What::Found(_));
        let mut line = self.paint(DIM, &self.time(entry.time, now, is_found));
        line.push(' ');
        if let Some(room) = &entry.room
            && (self.every_room || !entry.current || is_found)
        {
            line.push_str(&self.paint(DIM, &sanitize::name(room)));
            line.push(' ');
        }
        line.push_str(&self.what(&entry.what));
        line
    }

    fn time(&self, time: Timestamp, now: Timestamp, always_dated: bool) -> String {
        let local = time.to_zoned_datetime(self.time_zone.clone());
        let today = now.to_zoned_datetime(self.time_zone.clone()).date();
        let is_today = local.date() == today && !always_dated;
        let format = if is_today { "%H:%M" } else { "%Y-%m-%d %H:%M" };
        local.strftime(format).to_string()
    }

    fn what(&self, what: &What) -> String {
        match what {
            What::Said(speech) | What::Found(speech) => self.speech(speech),
            What::Marker(text) => self.paint(DIM, &format!("-- {} --", sanitize::text(text))),
            What::Happened(text) => self.paint(DIM, &format!("-- {}", sanitize::text(text))),
            What::Told(text) => format!("-- {}", sanitize::text(text)),
            What::Problem(text) => self.paint(RED, &format!("!! {}", sanitize::text(text))),
        }
    }

    fn speech(&self, speech: &Speech) -> String {
        let nickname = self.nickname(&speech.nickname);
        let text = sanitize::text(&speech.text);
        let private = match &speech.private {
            None => String::new(),
            Some(Private::ToUser) => " (to you)".to_owned(),
            Some(Private::ToOther(other)) => format!(" (to {})", sanitize::name(other)),
        };
        let mark = if speech.mention { self.paint(MENTION, ">") + " " } else { String::new() };
        match speech.form {
            Form::Message => format!("{mark}{nickname}{private}: {text}"),
            Form::Notice => format!("{mark}-{nickname}-{private} {text}"),
            Form::Action => format!("{mark}* {nickname}{private} {text}"),
        }
    }

    fn nickname(&self, nickname: &str) -> String {
        // FNV-1a: the same nickname has the same colour everywhere and always.
        let hash = fold(nickname)
            .bytes()
            .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        let colour = NICKNAME_COLOURS[hash as usize % NICKNAME_COLOURS.len()];
        self.paint(colour, &sanitize::name(nickname))
    }

    /// Puts a text into a colour, if colours are wanted.
    pub(crate) fn paint(&self, colour: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{colour}m{text}{RESET}") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Style = Style { colour: false, every_room: false, time_zone: TimeZone::UTC };

    fn at(time: &str) -> Timestamp {
        time.parse().unwrap()
    }

    fn entry(room: Option<&str>, current: bool, what: What) -> Entry {
        Entry { time: at("2026-05-01T14:02:03Z"), room: room.map(str::to_owned), current, what }
    }

    fn said(form: Form, text: &str) -> Speech {
        let nickname = "bob".to_owned();
        Speech { nickname, private: None, form, text: text.to_owned(), mention: false }
    }

    fn line(entry: &Entry) -> String {
        PLAIN.line(entry, at("2026-05-01T15:00:00Z"))
    }

    #[test]
    fn lines_of_every_kind() {
        let hello = What::Said(said(Form::Message, "hello"));
        assert_eq!(line(&entry(Some("#a"), true, hello.clone())), "14:02 bob: hello");
        assert_eq!(line(&entry(Some("#a"), false, hello)), "14:02 #a bob: hello");
        let wave = What::Said(said(Form::Action, "waves"));
        assert_eq!(line(&entry(Some("#a"), true, wave)), "14:02 * bob waves");
        let notice = What::Said(said(Form::Notice, "look"));
        assert_eq!(line(&entry(Some("#a"), true, notice)), "14:02 -bob- look");
        let private = Speech { private: Some(Private::ToUser), ..said(Form::Message, "psst") };
        assert_eq!(line(&entry(None, false, What::Said(private))), "14:02 bob (to you): psst");
        let mention = Speech { mention: true, ..said(Form::Message, "hi alice") };
        assert_eq!(line(&entry(Some("#a"), true, What::Said(mention))), "14:02 > bob: hi alice");
        let happened = What::Happened("carol joined".to_owned());
        assert_eq!(line(&entry(Some("#a"), true, happened)), "14:02 -- carol joined");
        let problem = What::Problem("No".to_owned());
        assert_eq!(line(&entry(None, false, problem)), "14:02 !! No");
    }

    #[test]
    fn what_is_from_another_time_says_so() {
        let marker = entry(Some("#a"), true, What::Marker("earlier".to_owned()));
        assert_eq!(line(&marker), "14:02 -- earlier --");
        let found = entry(Some("#a"), true, What::Found(said(Form::Message, "hello")));
        assert_eq!(line(&found), "2026-05-01 14:02 #a bob: hello");
    }

    #[test]
    fn another_day_has_its_date() {
        let told = entry(None, false, What::Told("x".to_owned()));
        assert_eq!(PLAIN.line(&told, at("2026-05-02T00:00:00Z")), "2026-05-01 14:02 -- x");
    }

    #[test]
    fn colours_are_the_clients_own() {
        let coloured = Style { colour: true, ..PLAIN };
        let speech = Speech { nickname: "b\x1b[2Job".to_owned(), ..said(Form::Message, "\x1bc") };
        let line =
            coloured.line(&entry(Some("#a"), true, What::Said(speech)), Timestamp::default());
        assert!(line.contains("b[2Job\x1b[0m: c"), "{line:?}");
        let plain = Style { colour: false, ..coloured };
        let speech = said(Form::Message, "x\x1b[31m");
        assert!(!plain.what(&What::Said(speech)).contains('\x1b'));
    }

    #[test]
    fn a_nickname_keeps_its_colour() {
        let coloured = Style { colour: true, ..PLAIN };
        let colour = |name: &str| coloured.nickname(name)[..5].to_owned();
        assert_eq!(colour("bob"), colour("BOB"));
        assert_ne!(colour("alice"), colour("bob"));
    }
}
