//! What a command works with.

use std::collections::BTreeMap;
use std::sync::Arc;

use chat_protocol::numeric::{
    ERR_NOPRIVILEGES, ERR_NOPRIVS, ERR_NOSUCHCHANNEL, ERR_NOSUCHNICK, ERR_NOSUCHSERVER,
    ERR_NOTONCHANNEL, ERR_TOOMANYTARGETS,
};
use chat_protocol::{Capability, LineWriter, Mask, NickKey, Nickname, Numeric};
use chat_store::AuditEntry;

use crate::outbound::Delivery;
use crate::render::{LINE_BYTES_EXPECTED, Speaker, write_numeric};
use crate::server::{Origin, Outstanding, Place, Server};
use crate::state::access;
use crate::state::privilege::Privilege;
use crate::state::room::Room;
use crate::state::session::{Farewell, Session};
use crate::state::user::User;

use super::login::Unfinished;
use super::pending::Pending;
use super::registration::Registration;
use super::reply::middle;
use super::{Command, Outcome, Reply, find};

/// The connection a command came on: what only its own thread needs to know.
pub(crate) struct Client {
    pub(crate) session: Arc<Session>,
    /// Its place among the connections, which it keeps to its end. None where it is shown what it has
    /// not asked for.
    pub(crate) place: Option<Place>,
    pub(crate) registration: Registration,
    pub(crate) pending: Option<Pending>,
    /// What it has said and others have not seen yet.
    pub(crate) outstanding: Arc<Outstanding>,
    pub(crate) unfinished: Unfinished,
    /// The row of the command it has given last: most are the same as the one before.
    last_command: Option<&'static Command>,
    /// Wrong passwords it has given to OPER.
    pub(crate) oper_failures: u32,
    /// What is written answers its command at hand.
    is_asking: bool,
    /// Where replies are put together.
    line: String,
    /// The nicknames it watches (MONITOR), as it wrote them.
    pub(crate) watched: BTreeMap<NickKey, Nickname>,
}

impl Client {
    pub(crate) fn new(session: Arc<Session>, place: Option<Place>) -> Self {
        Self {
            session,
            place,
            registration: Registration::default(),
            pending: None,
            outstanding: Arc::default(),
            unfinished: Unfinished::default(),
            last_command: None,
            oper_failures: 0,
            is_asking: true,
            line: String::with_capacity(LINE_BYTES_EXPECTED),
            watched: BTreeMap::new(),
        }
    }

    /// For what is shown to a session that has not asked for it, by another thread than its own.
    pub(super) fn unasked(session: Arc<Session>) -> Self {
        Self { is_asking: false, ..Self::new(session, None) }
    }
}

/// One command's view of the server.
pub(crate) struct Context<'a> {
    pub(crate) server: &'a Arc<Server>,
    pub(crate) client: &'a mut Client,
    pub(crate) delivery: &'a mut Delivery,
}

impl Context<'_> {
    /// The sender. Only in commands of [`super::Phase::Registered`].
    pub(crate) fn sender(&self) -> &Arc<User> {
        self.client.session.user().expect("dispatch let only registered clients come here")
    }

    /// Like [`Context::sender`], for who goes on to change the context.
    pub(crate) fn user(&self) -> Arc<User> {
        self.sender().clone()
    }

    pub(crate) fn is_registered(&self) -> bool {
        self.client.session.user().is_some()
    }

    /// The sender has said something, if only to be refused: it is not idle.
    pub(super) fn note_activity(&self) {
        self.sender().profile().last_active = self.server.now();
    }

    /// The sender, as the one who makes something happen.
    pub(crate) fn origin<'u>(&self, user: &'u Arc<User>) -> Origin<'u> {
        Origin { user, session: Some(self.client.session.id) }
    }

    pub(crate) fn has(&self, capability: Capability) -> bool {
        self.client.session.has(capability)
    }

    /// The row of a command, in whatever case it is written.
    pub(super) fn find_command(&mut self, name: &str) -> Option<&'static Command> {
        let last = self.client.last_command.filter(|last| last.name == name);
        let found = last.or_else(|| find(name));
        self.client.last_command = found.or(self.client.last_command);
        found
    }

    /// What the client is called, if it has said so.
    fn nickname(&self) -> Option<Nickname> {
        let registered = self.client.session.user().map(|user| user.nickname());
        registered.or_else(|| self.client.registration.nickname.clone())
    }

    /// What numerics call the client: its nickname, or `*` before it has one.
    pub(crate) fn client_name(&self) -> String {
        self.nickname().map_or_else(|| "*".to_owned(), |nickname| nickname.to_string())
    }

    pub(crate) fn reply(&mut self, reply: &Reply) {
        self.write(|speaker, out| reply.write(speaker, out));
    }

    /// A numeric with parameters and its text from the table.
    pub(crate) fn numeric(&mut self, numeric: Numeric, params: &[&str]) {
        let text = Some(numeric.text).filter(|text| !text.is_empty());
        let params = params.iter().map(|param| middle(param));
        self.write(|speaker, out| {
            write_numeric(LineWriter::new(out), speaker, numeric, params, text);
        });
    }

    /// Numerics whose text is a list, as few as it takes. `separator` stands between the items.
    pub(crate) fn numeric_list(
        &mut self,
        numeric: Numeric,
        params: &[&str],
        separator: char,
        items: impl IntoIterator<Item = impl AsRef<str>>,
    ) {
        let client = self.nickname().map_or(1, |nickname| nickname.as_str().len());
        let params_bytes: usize = params.iter().map(|param| param.len() + 1).sum();
        let around =
            ": 000 ".len() + self.server.name().len() + client + params_bytes + " :\r\n".len();
        let bytes_max = self.server.line_bytes_max().saturating_sub(around);
        let mut text = String::new();
        for item in items {
            let item = item.as_ref();
            if !text.is_empty() && text.len() + 1 + item.len() > bytes_max {
                self.numeric_text(numeric, params, &text);
                text.clear();
            }
            if !text.is_empty() {
                text.push(separator);
            }
            text.push_str(item);
        }
        if !text.is_empty() {
            self.numeric_text(numeric, params, &text);
        }
    }

    /// A numeric with parameters and a text of its own.
    pub(crate) fn numeric_text(&mut self, numeric: Numeric, params: &[&str], text: &str) {
        let params = params.iter().map(|param| middle(param));
        self.write(|speaker, out| {
            write_numeric(LineWriter::new(out), speaker, numeric, params, Some(text));
        });
    }

    /// A command from the server that is no numeric.
    pub(crate) fn send(&mut self, command: &str, params: &[&str]) {
        self.write(|speaker, out| {
            let mut writer = LineWriter::new(out);
            writer.source(speaker.name).command(command);
            if let Some((last, middle)) = params.split_last() {
                middle.iter().for_each(|param| {
                    writer.param(param);
                });
                writer.trailing(last);
            }
            writer.end_within(speaker.bytes_max);
        });
    }

    /// Like [`Context::send`], with a colon only where one is needed.
    pub(crate) fn send_plain(&mut self, command: &str, params: &[&str]) {
        self.write(|speaker, out| {
            let mut writer = LineWriter::new(out);
            writer.source(speaker.name).command(command);
            params.iter().for_each(|param| {
                writer.param(param);
            });
            writer.end_within(speaker.bytes_max);
        });
    }

    /// A service of the server says something to the client.
    pub(crate) fn notice_from(&mut self, service: &str, text: &str) {
        self.write(|speaker, out| {
            let mut writer = LineWriter::new(out);
            writer.source(&format!("{service}!{service}@{}", speaker.name)).command("NOTICE");
            writer.param(speaker.client).trailing(text).end_within(speaker.bytes_max);
        });
    }

    /// Appends a line to what the client gets. The line's buffer is used again and again.
    pub(super) fn write(&mut self, write: impl FnOnce(&Speaker<'_>, &mut String)) {
        let client = self.nickname();
        let speaker = Speaker {
            name: self.server.name(),
            client: client.as_ref().map_or("*", Nickname::as_str),
            bytes_max: self.server.line_bytes_max(),
        };
        let line = &mut self.client.line;
        line.clear();
        write(&speaker, line);
        let is_answer = self.client.is_asking;
        self.delivery.append(&self.client.session.outbound, line.as_bytes(), is_answer);
    }

    /// Between the lines of a long answer, with nothing locked: waits for a client that reads
    /// slower than it is answered, so that a long answer does not fill its queue. `false` if there
    /// is no use in going on.
    pub(crate) fn has_room(&mut self) -> bool {
        let session = self.client.session.clone();
        if session.outbound.is_half_empty() {
            return true;
        }
        // Nobody else waits with it.
        self.delivery.flush(|| false);
        let has_room = session.outbound.wait_for_room(self.server.config().timeouts.pong);
        if !has_room {
            session.close(Farewell::new("SendQ exceeded"));
        }
        has_room
    }

    /// Refuses a question to another server: there is only this one, which its users are on.
    pub(crate) fn for_this_server(&self, target: Option<&&str>) -> Result<(), Reply> {
        let Some(target) = target else { return Ok(()) };
        let is_this =
            Mask::new(target).matches(self.server.name()) || self.server.user(target).is_some();
        if is_this { Ok(()) } else { Err(Reply::numeric(ERR_NOSUCHSERVER).param(target)) }
    }

    /// An entry for the audit log about what the sender does.
    pub(crate) fn audit_entry(&self, action: &str) -> AuditEntry {
        self.server.audit_entry(&self.client.session, action)
    }

    /// Refuses who is no IRC operator with this privilege.
    pub(crate) fn requires(&self, privilege: Privilege) -> Outcome {
        let profile = self.sender().profile();
        if profile.may(privilege) {
            Ok(())
        } else if profile.role().is_some() {
            Err(Reply::numeric(ERR_NOPRIVS).param(privilege.name()))
        } else {
            Err(Reply::numeric(ERR_NOPRIVILEGES))
        }
    }

    /// A user by nickname.
    pub(crate) fn find_user(&self, nickname: &str) -> Result<Arc<User>, Reply> {
        self.server.user(nickname).ok_or_else(|| Reply::numeric(ERR_NOSUCHNICK).param(nickname))
    }

    /// A room by name, whether the sender may see it or not.
    pub(crate) fn find_room(&self, name: &str) -> Result<Arc<Room>, Reply> {
        let found = self.server.room(name).filter(|room| !room.state().is_abandoned());
        found.ok_or_else(|| Reply::numeric(ERR_NOSUCHCHANNEL).param(name))
    }

    /// A room that the sender may know about. A secret one looks like none.
    pub(crate) fn find_visible_room(&self, name: &str) -> Result<Arc<Room>, Reply> {
        let room = self.find_room(name)?;
        let is_visible = access::see(&room.state(), self.sender());
        if is_visible { Ok(room) } else { Err(Reply::numeric(ERR_NOSUCHCHANNEL).param(name)) }
    }

    /// The targets of a list with commas, within the announced limit.
    pub(crate) fn targets<'t>(
        &self,
        list: &'t str,
    ) -> Result<impl Iterator<Item = &'t str> + Clone + use<'t>, Reply> {
        let targets = list.split(',').filter(|target| !target.is_empty());
        let max = self.server.config().limits.targets_max;
        match targets.clone().nth(max) {
            None => Ok(targets),
            Some(first_too_many) => {
                let reply = Reply::numeric(ERR_TOOMANYTARGETS).param(first_too_many);
                Err(reply.fill(&[&max.to_string()]))
            }
        }
    }
}

/// "You're not on that channel", for a room's name.
pub(crate) fn not_on_channel(room: &Room) -> Reply {
    Reply::numeric(ERR_NOTONCHANNEL).param(room.name.as_str())
}

/// Cuts a text at a character's boundary, at `bytes_max` bytes or before.
pub(crate) fn cut(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}
