//! Lines from the server.

use std::borrow::Cow;

use chat_protocol::numeric::Numeric;
use chat_protocol::{Capability, ChannelKey, Message, Source};
use jiff::Timestamp;

use super::Client;
use super::ctcp::Ctcp;
use super::entry::{Form, Private, Speech, What};
use super::mention::mentions;

impl Client {
    pub(super) fn line(&mut self, line: &str) {
        let message = match Message::parse(line) {
            Ok(message) => message,
            Err(error) => {
                log::debug!("not a message: {error}");
                return;
            }
        };
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
            "ACK" => self.acknowledged(&message),
            "BATCH" => self.batch(&message),
            "ERROR" => self.server_error = message.params.last().map(|&text| text.to_owned()),
            "FAIL" | "WARN" | "NOTE" => self.standard_reply(&message),
            command if Numeric::from_command(command).is_some() || command.len() == 3 => {
                self.numeric(&message);
            }
            other => log::debug!("{other} is not shown"),
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
            let label = self.label(message);
            self.delivery.confirm(label.as_deref(), target);
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
        let speech = Speech { nickname, private, form, text, mention };
        self.show(self.time(message), room, What::Said(speech));
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
        let [command, _, context @ .., description] = &*message.params else { return };
        let context = context.join(" ");
        let about = match context.as_str() {
            "" => String::new(),
            context => format!("{context}: "),
        };
        match message.command {
            "FAIL" => {
                self.refused(message, command);
                self.problem(format!("{about}{description}"));
            }
            "WARN" => self.problem(format!("Warning: {about}{description}")),
            _ => self.tell(format!("{about}{description}")),
        }
    }

    /// An error answers what it names: a JOIN that waits, or a message.
    pub(super) fn refused(&mut self, message: &Message<'_>, command: &str) {
        let label = self.label(message);
        if label.is_some() {
            self.delivery.refuse(label.as_deref(), "");
        }
        let names = message.params.iter().copied();
        let waits = |name| self.joining.iter().position(|key| *key == ChannelKey::of(name));
        if let Some(at) = names.clone().find_map(waits) {
            let room = self.joining.remove(at);
            self.any_join_refused = true;
            if self.current.as_deref().is_some_and(|current| ChannelKey::of(current) == room) {
                self.current = self.rooms.iter().next().map(|other| other.name.clone());
            }
            return;
        }
        if !self.has(Capability::LabeledResponse) && command != "JOIN" {
            let _ = names.clone().any(|name| self.delivery.refuse(None, name));
        }
    }

    fn acknowledged(&mut self, message: &Message<'_>) {
        if let Some(label) = self.label(message) {
            self.delivery.confirm(Some(&label), "");
        }
    }

    /// IRCv3, "Labeled Responses": of an answer in several lines only the batch has the label.
    fn batch(&mut self, message: &Message<'_>) {
        let Some(reference) = message.params.first() else { return };
        if let Some(reference) = reference.strip_prefix('-') {
            self.labels_of_batches.remove(reference);
            return;
        }
        if let Some((reference, label)) =
            reference.strip_prefix('+').zip(message.tags.value("label"))
        {
            self.labels_of_batches.insert(reference.to_owned(), label.into_owned());
        }
    }

    fn label(&self, message: &Message<'_>) -> Option<String> {
        let own = message.tags.value("label").map(Cow::into_owned);
        own.or_else(|| {
            let batch = message.tags.value("batch")?;
            self.labels_of_batches.get(batch.as_ref()).cloned()
        })
    }
}

fn is_server(source: Option<&str>) -> bool {
    source.is_none_or(|source| !source.contains('!') && source.contains('.'))
}

/// Whether a message for this target is for the user or a room, not for all users of a server
/// (`$*`) or for a connection that is not registered yet (`*`).
fn is_addressed(target: &str) -> bool {
    !target.starts_with(['$', '*'])
}
