//! Lines from the server.

use chat_protocol::numeric::Numeric;
use chat_protocol::{Capability, ChannelKey, Message, Source, casemapping};
use jiff::Timestamp;

use super::Client;
use super::batch::Kind;
use super::ctcp::Ctcp;
use super::delivery::{Sent, Which};
use super::entry::{Form, Private, Speech, What};
use super::extensions::MESSAGE_ID;
use super::mention::mentions;
use super::refusals::{about, refusal};

/// Pseudo-users of servers, whose notices are answers.
const SERVICES: &[&str] = &["NickServ", "ChanServ"];

/// Why the connection ends, when the server ends it and gives no reason.
const SAID_NOT_WHY: &str = "the server ended it";

impl Client {
    pub(super) fn line(&mut self, line: &str) {
        let message = match Message::parse(line) {
            Ok(message) => message,
            Err(error) => {
                log::debug!("not a message: {error}");
                return;
            }
        };
        let is_batch = message.command.eq_ignore_ascii_case("BATCH");
        let around = message.tags.value("batch").filter(|_| !is_batch);
        if around.is_some_and(|around| self.batches.collect(&around, line)) {
            return;
        }
        let source = message.source.map_or("", |source| Source::parse(source).name);
        match message.command.to_ascii_uppercase().as_str() {
            "PING" => self.send("PONG", &[], Some(message.params.last().copied().unwrap_or(""))),
            "PONG" => self.delivery.pong(message.params.last().copied().unwrap_or_default()),
            "PRIVMSG" => self.spoken(&message, source, Form::Message),
            "NOTICE" => self.spoken(&message, source, Form::Notice),
            "JOIN" => self.joined(&message, source),
            "PART" => self.parted(&message, source),
            "QUIT" => self.quitted(&message, source),
            "KICK" => self.kicked(&message, source),
            "NICK" => self.renamed(&message, source),
            "TOPIC" => self.topic_changed(&message, source),
            "MODE" => self.mode_changed(&message, source),
            "INVITE" => self.invited(&message, source),
            "CAP" => self.cap(&message),
            "AUTHENTICATE" => self.authenticate(&message),
            "REGISTER" | "VERIFY" => self.registration_result(&message),
            "MARKREAD" => self.marked_read(&message),
            "ACK" => self.acknowledged(&message),
            "BATCH" => self.batch(&message),
            "ERROR" => {
                self.server_error = message.params.last().map(|&text| text.to_owned());
                // The server is to close the connection, and one that does not is not waited for.
                self.close(SAID_NOT_WHY);
            }
            "FAIL" | "WARN" | "NOTE" => self.standard_reply(&message),
            command if Numeric::from_command(command).is_some() || command.len() == 3 => {
                self.numeric(&message);
            }
            other => log::debug!("{} is not shown", other.escape_debug()),
        }
        self.ask_for_confirmation();
    }

    /// When it happened: what the server says, or now.
    pub(super) fn time(&self, message: &Message<'_>) -> Timestamp {
        let time = message.tags.value("time").filter(|_| self.has(Capability::ServerTime));
        time.and_then(|time| time.parse().ok()).unwrap_or(self.now)
    }

    fn spoken(&mut self, message: &Message<'_>, source: &str, form: Form) {
        let [target, text] = &*message.params else { return };
        if is_server(message.source) || !is_addressed(target) {
            self.tell(*text);
            return;
        }
        let own = self.is_me(source);
        if own && self.has(Capability::EchoMessage) {
            self.echoed(message, target);
        }
        if form == Form::Notice && !self.names_room(target) && is_service(source) {
            self.tell(format!("{source}: {text}"));
            return;
        }
        let Some(ctcp) = Ctcp::parse(text) else {
            self.said(message, source, form, text);
            return;
        };
        if ctcp.is_action() {
            self.said(message, source, Form::Action, ctcp.params);
            return;
        }
        if !own && form == Form::Message && self.is_me(target) {
            self.asked_by_ctcp(source, &ctcp);
        }
    }

    fn said(&mut self, message: &Message<'_>, nickname: &str, form: Form, text: &str) {
        let (room, speech) = self.speech(message, nickname, form, text);
        let (point, time) = (self.point(message), self.time(message));
        let target = match (room, &speech.private) {
            (Some(room), _) => room.to_owned(),
            (None, Some(Private::ToOther(other))) => other.clone(),
            (None, _) => nickname.to_owned(),
        };
        if room.is_none() {
            self.talks.open(&target, &point);
        }
        let held = self.hold(&target, Some(point.clone()), time, What::Said(speech));
        let Some(what) = held else { return };
        if self.seen_mut(&target).is_none_or(|seen| seen.live(point)) {
            self.show(time, room, what);
        }
    }

    /// What somebody says as it is shown, with the room it is said in.
    pub(super) fn speech<'a>(
        &self,
        message: &Message<'a>,
        nickname: &str,
        form: Form,
        text: &str,
    ) -> (Option<&'a str>, Speech) {
        let target = message.params.first().copied().unwrap_or_default();
        let room = self.room_of(target);
        let own = self.is_me(nickname);
        let private = match (self.names_room(room), own) {
            (true, _) => None,
            (false, true) => Some(Private::ToOther(target.to_owned())),
            (false, false) => Some(Private::ToUser),
        };
        let mention = !own && form != Form::Notice && mentions(text, &self.nickname);
        let room = private.is_none().then_some(room);
        let (nickname, text) = (nickname.to_owned(), text.to_owned());
        (room, Speech { nickname, private, form, text, mention })
    }

    /// An echo confirms a message: the one with its label or its id. With neither it is of another
    /// device of the user, unless the server has no labels and no ids.
    fn echoed(&mut self, message: &Message<'_>, target: &str) {
        let label = self.label(message);
        let id = message.tags.value(MESSAGE_ID);
        let names_messages =
            self.has(Capability::LabeledResponse) || self.extensions.has(MESSAGE_ID);
        let which = match (&label, &id) {
            (Some(label), _) => Which::Label(label),
            (None, Some(id)) => Which::Id(id),
            (None, None) if names_messages => return,
            (None, None) => Which::Oldest(target),
        };
        self.delivery.confirm(which);
    }

    /// STATUSMSG: `@#room` is for the operators of the room.
    fn room_of<'a>(&self, target: &'a str) -> &'a str {
        let prefixes = self.isupport.prefixes();
        let room = target.trim_start_matches(|first| prefixes.iter().any(|pair| pair.1 == first));
        if self.names_room(room) && self.rooms.find(target).is_none() { room } else { target }
    }

    fn asked_by_ctcp(&mut self, source: &str, ctcp: &Ctcp<'_>) {
        self.tell(format!("{source} sent a CTCP {}", ctcp.command));
        let Some(answer) = ctcp.answer() else { return };
        if self.answers.allows(self.now) {
            self.send("NOTICE", &[source], Some(&answer));
        }
    }

    /// IRCv3, "Standard Replies": `FAIL command code [context…] :description`.
    fn standard_reply(&mut self, message: &Message<'_>) {
        let [command, code, context @ .., description] = &*message.params else { return };
        match message.command.to_ascii_uppercase().as_str() {
            "FAIL" if *command == "MARKREAD" => {
                log::debug!("not marked as read: {}", code.escape_debug());
            }
            "FAIL" if *command == "CHATHISTORY" && !self.page_failed(context) => {}
            "FAIL" => {
                match *command {
                    "SEARCH" => self.searches = self.searches.saturating_sub(1),
                    "REGISTER" => self.registering = None,
                    _ => {}
                }
                let sent = self.refused(message, command);
                self.problem(refusal(command, code, context, description));
                if let Some(sent) = sent {
                    self.not_delivered(&sent);
                }
            }
            "WARN" => self.problem(format!("Warning: {}", about(context, description))),
            _ => self.tell(about(context, description)),
        }
    }

    /// An error answers what it names: a JOIN that waits, or a message, which is given back.
    pub(super) fn refused(&mut self, message: &Message<'_>, command: &str) -> Option<Sent> {
        let label = self.label(message);
        let labelled = label.and_then(|label| self.delivery.refuse(Which::Label(&label)));
        let names = message.params.iter().copied();
        let waits = |name| self.joining.iter().position(|it| it.key == ChannelKey::of(name));
        if let Some(at) = names.clone().find_map(waits) {
            self.join_refused(at, message.command);
            return labelled;
        }
        let speaks = matches!(command, "" | "PRIVMSG" | "NOTICE");
        if labelled.is_none() && !self.has(Capability::LabeledResponse) && speaks {
            return names.into_iter().find_map(|name| self.delivery.refuse(Which::Oldest(name)));
        }
        labelled
    }

    /// Says which text the user may want to send again.
    pub(super) fn not_delivered(&mut self, sent: &Sent) {
        self.problem(format!("NOT delivered to {}: {}", sent.target, sent.text));
    }

    /// Says what the server will not confirm any more.
    pub(super) fn report_lost(&mut self) {
        for sent in self.delivery.lost() {
            self.not_delivered(&sent);
        }
    }

    /// Says what the server has not confirmed for a while.
    pub(super) fn report_late(&mut self) {
        if !self.has(Capability::EchoMessage) {
            return;
        }
        for sent in self.delivery.late(self.now) {
            self.tell(format!("not confirmed yet, to {}: {}", sent.target, sent.text));
        }
    }

    fn acknowledged(&mut self, message: &Message<'_>) {
        if let Some(label) = self.label(message) {
            self.delivery.confirm(Which::Label(&label));
        }
    }

    fn batch(&mut self, message: &Message<'_>) {
        let Some(collection) = self.batches.take(message) else { return };
        match collection.kind {
            Kind::History => self.page_arrived(&collection),
            Kind::Search => self.found(&collection),
        }
        if collection.left_out > 0 {
            self.problem(format!("{} lines more than can be shown", collection.left_out));
        }
    }

    /// IRCv3, "Labeled Responses": of an answer in several lines only the batch has the label.
    fn label(&self, message: &Message<'_>) -> Option<String> {
        if let Some(own) = message.tags.value("label") {
            return Some(own.into_owned());
        }
        let batch = message.tags.value("batch")?;
        self.batches.label(&batch).map(str::to_owned)
    }
}

fn is_service(source: &str) -> bool {
    SERVICES.iter().any(|service| casemapping::eq(service, source))
}

fn is_server(source: Option<&str>) -> bool {
    source.is_none_or(|source| !source.contains('!') && source.contains('.'))
}

/// Whether a message for this target is for the user or a room, not for all users of a server
/// (`$*`) or for a connection that is not registered yet (`*`).
fn is_addressed(target: &str) -> bool {
    !target.starts_with(['$', '*'])
}
