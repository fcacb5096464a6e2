//! OPER. Modern IRC, "OPER message".

use chat_protocol::Message;
use chat_protocol::numeric::{ERR_NOOPERHOST, ERR_PASSWDMISMATCH, RPL_YOUREOPER};

use crate::config::OperConfig;
use crate::limits::password;
use crate::server::accounts::greeting;
use crate::state::privilege::OperRole;
use crate::state::session::Farewell;

use super::context::cut;
use super::{Context, Outcome, Reply};

/// Wrong passwords after which a client is disconnected.
const FAILURES_MAX: u32 = 3;
/// What is kept of a wrong name.
const NAME_BYTES_MAX: usize = 64;

pub(super) fn oper(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let (name, given) = (message.params[0], message.params[1]);
    let user = cx.user();
    let source = user.profile().source().clone();
    let server = cx.server.clone();
    let config = server.config();
    // Before anything is written down about it: that is bounded with it.
    server.begin_oper(&cx.client.session).map_err(|wait| {
        let seconds = wait.as_secs() + 1;
        let why = format!("Too many failures from your address, try again in {seconds} seconds");
        Reply::fail("OPER", "RATE_LIMITED", why)
    })?;
    let oper = config.opers.iter().find(|oper| oper.name == name);
    if oper.is_some_and(|oper| !may_come_from_there(cx, oper)) {
        log::warn!("{source} may not become the operator {name:?} from there");
        note_failure(cx, name, "refused: not from there");
        return Err(Reply::numeric(ERR_NOOPERHOST));
    }
    // Others do not wait for the hashing.
    cx.delivery.flush(|| true);
    // A name that is none takes as long as a wrong password.
    let hash = oper.map_or(password::HASH_OF_NOTHING, |oper| &oper.password);
    let is_right = server.oper_passwords.verify(given, hash);
    let Some(oper) = oper.filter(|_| is_right) else {
        log::warn!("{source} gave a wrong name or password for the operator {name:?}");
        note_failure(cx, name, "refused: wrong name or password");
        return Err(fail(cx));
    };
    let role = config.oper_role(oper.role.as_deref());
    let role = role.expect("the configuration was checked");
    let called = role.name.as_deref().unwrap_or("every privilege");
    server.audit(&cx.audit_entry("OPER").on(name).with(called))?;
    server.finish_oper(&cx.client.session);
    log::info!("{source} is now the operator {name:?}");
    let was_oper = user.profile().become_oper(name, role.clone());
    server.counters.oper_changed(was_oper, true);
    show_role(cx, &role);
    let nickname = cx.client_name();
    cx.send("MODE", &[&nickname, "+o"]);
    Ok(())
}

/// Whether a mask of an operator means the client, by the address it comes from or as others see that.
fn may_come_from_there(cx: &Context<'_>, oper: &OperConfig) -> bool {
    let user = cx.user();
    let (nickname, username) = {
        let profile = user.profile();
        (profile.nickname.clone(), profile.username.clone())
    };
    let session = &cx.client.session;
    let sources = [session.address(), cx.server.host_of(session)]
        .map(|host| format!("{nickname}!{username}@{host}"));
    oper.masks.is_empty()
        || oper.masks.iter().any(|mask| sources.iter().any(|source| mask.matches(source)))
}

/// It is refused whether that can be written down or not.
fn note_failure(cx: &Context<'_>, name: &str, why: &str) {
    let name = cut(name, NAME_BYTES_MAX);
    let _ = cx.server.audit(&cx.audit_entry("OPER").on(name).with(why));
}

/// Tells a new operator what it may do.
pub(super) fn show_role(cx: &mut Context<'_>, role: &OperRole) {
    cx.reply(&Reply::numeric(RPL_YOUREOPER).text(greeting(role)));
}

/// Some failures are a mistake, more are guessing.
fn fail(cx: &mut Context<'_>) -> Reply {
    cx.client.oper_failures += 1;
    if cx.client.oper_failures >= FAILURES_MAX {
        cx.client.session.close(Farewell::new("Too many wrong passwords"));
    }
    Reply::numeric(ERR_PASSWDMISMATCH)
}
