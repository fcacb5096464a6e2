//! What the user says, on its way to the server.

use chat_protocol::{Capability, LineWriter};
use jiff::SignedDuration;

use super::delivery::{Sent, WINDOW};
use super::entry::{Form, Private, Speech, What};
use super::extensions::MESSAGE_ID;
use super::split::{self, LINE_BYTES_MAX};
use super::{Action, Client, Phase, ctcp};
use crate::sanitize;

/// The longest username and hostname servers are known to give, with `!`, `@` and a `~`: what to
/// reckon with until the server has said what the user's are.
const USERHOST_BYTES_MAX: usize = 1 + 11 + 1 + 64;

/// How old a message gets before the server is asked whether it has it.
const CONFIRMED_AFTER: SignedDuration = SignedDuration::from_secs(5);

/// Why something typed was not done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Mistake {
    /// The command needs other parameters.
    Usage,
    /// It needs a room, and there is none.
    NoRoom,
    /// Another reason.
    Because(String),
}

impl Client {
    /// Text for the current room.
    pub(super) fn text(&mut self, text: &str, room: Option<&str>) {
        let done = match room {
            Some(room) => self.say(room, Form::Message, text),
            None => Err(Mistake::NoRoom),
        };
        if let Err(mistake) = done {
            self.mistake(mistake, None);
        }
    }

    /// Sends a text in as many messages as it takes.
    pub(super) fn say(&mut self, target: &str, form: Form, text: &str) -> Result<(), Mistake> {
        if self.names_room(target) && self.rooms.find(target).is_none() {
            return Err(Mistake::Because(format!("You are not in {target}: /join {target}")));
        }
        self.mark_read(target);
        let text = sanitize::outgoing(text);
        let max = self.text_bytes_max(target, form);
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        for piece in lines.flat_map(|line| split::pieces(line, max)) {
            self.say_piece(target, form, piece);
        }
        self.ask_for_confirmation();
        Ok(())
    }

    /// What remains for the text of a line that the server relays with the user's source.
    fn text_bytes_max(&self, target: &str, form: Form) -> usize {
        let userhost = self.userhost.as_ref().map_or(USERHOST_BYTES_MAX, String::len);
        let source = self.nickname.len() + "!".len() + userhost;
        let around = ": ".len() + command(form).len() + " ".len() + " :\r\n".len() + target.len();
        let ctcp = if form == Form::Action { ctcp::overhead("ACTION") } else { 0 };
        self.line_bytes_max().saturating_sub(source + around + ctcp)
    }

    /// The bytes of a line with its CR LF: what the server says, if it takes more than any must.
    pub(super) fn line_bytes_max(&self) -> usize {
        let said = self.isupport.value("LINELEN").and_then(|value| value.parse().ok());
        said.unwrap_or(LINE_BYTES_MAX).max(LINE_BYTES_MAX)
    }

    fn say_piece(&mut self, target: &str, form: Form, text: &str) {
        if matches!(self.phase, Phase::Closed(_)) {
            self.delivery.sent(target, form, text, self.now);
            self.report_lost();
            return;
        }
        if self.has_to_wait(target) {
            self.postpone(target, form, text);
            return;
        }
        let sent = self.delivery.sent(target, form, text, self.now);
        self.transmit(&sent);
    }

    pub(super) fn transmit(&mut self, sent: &Sent) {
        let mut line = String::new();
        let mut writer = LineWriter::new(&mut line);
        let label = sent.label();
        if self.has(Capability::LabeledResponse) {
            writer.tag("label", Some(&label));
        }
        if self.extensions.has(MESSAGE_ID) {
            writer.tag(MESSAGE_ID, Some(&sent.id));
        }
        writer.command(command(sent.form)).param(&sent.target);
        if sent.form == Form::Action {
            writer.trailing(&ctcp::wrap("ACTION", &sent.text));
        } else {
            writer.trailing(&sent.text);
        }
        writer.end_without_newline();
        self.actions.push(Action::Send(line));
        if !self.has(Capability::EchoMessage) {
            self.show_own(&sent.target, sent.form, &sent.text);
        }
    }

    fn show_own(&mut self, target: &str, form: Form, text: &str) {
        let room = self.names_room(target).then_some(target);
        let private = room.is_none().then(|| Private::ToOther(target.to_owned()));
        let nickname = self.nickname.clone();
        let speech = Speech { nickname, private, form, text: text.to_owned(), mention: false };
        self.show(self.now, room, What::Said(speech));
    }

    /// Without echoes, asks the server whether it has all that was sent: when that is much or
    /// was a while ago, and when no more will come.
    pub(super) fn ask_for_confirmation(&mut self) {
        let is_old = |sent| self.now.duration_since(sent) >= CONFIRMED_AFTER;
        let due = self.input_ended
            || self.delivery.waiting() >= WINDOW
            || self.delivery.oldest().is_some_and(is_old);
        if !due || self.has(Capability::EchoMessage) {
            return;
        }
        if let Some(token) = self.delivery.barrier() {
            self.send("PING", &[&token], None);
        }
    }

    pub(super) fn mistake(&mut self, mistake: Mistake, usage: Option<&str>) {
        self.delivery.not_sent();
        self.problem(match (mistake, usage) {
            (Mistake::Because(why), _) => why,
            (Mistake::NoRoom, _) => "You are in no room. Join one: /join ROOM".to_owned(),
            (Mistake::Usage, Some(usage)) => format!("Usage: {usage}"),
            (Mistake::Usage, None) => "That needs something more.".to_owned(),
        });
    }
}

fn command(form: Form) -> &'static str {
    if form == Form::Notice { "NOTICE" } else { "PRIVMSG" }
}
