//! Who is an IRC operator by its account, or as its role has come to be.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chat_protocol::LineWriter;
use chat_protocol::numeric::RPL_YOUREOPER;

use crate::outbound::Delivery;
use crate::render::write_numeric;
use crate::server::{Origin, Server, Unstored};
use crate::state::privilege::OperRole;
use crate::state::session::{Login, Session};

impl Server {
    /// What a login makes of its user as an IRC operator. A role that is not configured is none.
    pub(crate) fn role_of(&self, login: &Login) -> Option<Arc<OperRole>> {
        if !login.is_oper {
            return None;
        }
        let role = self.config().oper_role(login.oper_role.as_deref());
        if role.is_none() {
            let name = login.oper_role.as_deref().unwrap_or_default();
            log::warn!("{} is no operator: no role {name:?} is configured", login.account);
        }
        role
    }

    /// Counts an attempt at OPER as a failure, among the logins of the address; if there have been too
    /// many, how long none is looked at. No name is counted: nobody keeps an operator out.
    pub(crate) fn begin_oper(&self, session: &Session) -> Result<(), Duration> {
        let (name, address) = (attempts_of(session), session.peer().ip());
        let attempt = self.accounts.logins.attempt(&name, address, Instant::now());
        attempt.map_err(|throttled| throttled.wait)
    }

    /// The attempt was none.
    pub(crate) fn finish_oper(&self, session: &Session) {
        self.accounts.logins.succeeded(&attempts_of(session), session.peer().ip());
    }

    /// Writes down that a session is an IRC operator by its account. If that can't be, it is none.
    pub(crate) fn note_role(&self, session: &Session, role: &OperRole) -> Result<(), Unstored> {
        let name = role.name.as_deref().unwrap_or("every privilege");
        let login = session.login();
        let account = login.as_ref().map(|login| login.account.as_str()).unwrap_or_default();
        let entry = self.audit_entry(session, "OPER").on(account);
        self.audit(&entry.with(&format!("by account: {name}")))
    }

    /// What operators may do follows the configuration. Whoever is an operator by what is gone from it, be
    /// it a role or the operator itself, is none any more.
    pub(in crate::server) fn follow_roles(&self, delivery: &mut Delivery) {
        let config = self.config();
        for user in self.users() {
            let (had, name) = {
                let profile = user.profile();
                (profile.role().cloned(), profile.oper_name().cloned())
            };
            let Some(had) = had else { continue };
            let configured =
                name.as_deref().map(|name| config.opers.iter().find(|it| it.name == name));
            let role = match (configured, had.name.as_deref()) {
                (Some(oper), _) => oper.and_then(|oper| config.oper_role(oper.role.as_deref())),
                (None, Some(role)) => config.oper_role(Some(role)),
                (None, None) => continue,
            };
            let origin = Origin { user: &user, session: None };
            self.change_role(origin, Some(&had), role.clone(), delivery);
            if let (Some(name), Some(role)) = (name, role) {
                user.profile().become_oper(&name, role);
            }
        }
    }

    /// The role of an IRC operator comes and goes with the account that has it.
    pub(in crate::server) fn change_role(
        &self,
        origin: Origin<'_>,
        had: Option<&Arc<OperRole>>,
        role: Option<Arc<OperRole>>,
        delivery: &mut Delivery,
    ) {
        if had == role.as_ref() {
            return;
        }
        // What another process has changed it has written down.
        let by = origin.own_session();
        if let (Some(session), Some(role)) = (by, &role)
            && let Err(why) = self.note_role(&session, role)
        {
            let client = origin.user.nickname();
            return self.tell_session(origin.user, &session, true, delivery, |speaker, out| {
                let mut writer = LineWriter::new(out);
                writer.source(speaker.name).command("NOTICE").param(client.as_str());
                writer.trailing(&no_operator(&why)).end_within(speaker.bytes_max);
            });
        }
        self.give_role(origin, role, delivery);
    }

    fn give_role(&self, origin: Origin<'_>, role: Option<Arc<OperRole>>, delivery: &mut Delivery) {
        let is_oper = role.is_some();
        let greeting = role.as_deref().map(greeting);
        let was_oper = origin.user.profile().set_role(role);
        self.counters.oper_changed(was_oper, is_oper);
        if was_oper == is_oper {
            return;
        }
        let what = if is_oper { "is now" } else { "is no longer" };
        log::info!("{} {what} an IRC operator", origin.user.profile().source());
        for session in origin.user.sessions().iter() {
            let is_reply = origin.session == Some(session.id);
            self.tell_session(origin.user, session, is_reply, delivery, |speaker, out| {
                if let Some(text) = greeting.as_deref() {
                    let text = Some(text);
                    let none = std::iter::empty();
                    write_numeric(LineWriter::new(out), speaker, RPL_YOUREOPER, none, text);
                }
                let mut writer = LineWriter::new(out);
                writer.source(speaker.name).command("MODE").param(speaker.client);
                writer.param(if is_oper { "+o" } else { "-o" }).end();
            });
        }
    }
}

/// What the owner of an operator's account is told who is none.
pub(crate) fn no_operator(why: &Unstored) -> String {
    format!("You are no IRC operator, since it can't be written in the audit log: {why}")
}

/// No account is called so.
fn attempts_of(session: &Session) -> String {
    format!("OPER {}", session.id.0)
}

/// What a new IRC operator is told.
pub(crate) fn greeting(role: &OperRole) -> String {
    let text = RPL_YOUREOPER.text;
    match &role.name {
        Some(name) => format!("{text} ({name}): {}", role.privileges.names()),
        None => text.to_owned(),
    }
}
