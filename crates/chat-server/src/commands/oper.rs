//! OPER. Modern IRC, "OPER message".

use chat_protocol::Message;
use chat_protocol::numeric::{ERR_NOOPERHOST, ERR_PASSWDMISMATCH, RPL_YOUREOPER};

use crate::limits::password;
use crate::state::session::Farewell;

use super::{Context, Outcome, Reply};

/// Wrong passwords after which a client is disconnected.
const FAILURES_MAX: u32 = 3;

pub(super) fn oper(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let (name, given) = (message.params[0], message.params[1]);
    let user = cx.user();
    let source = user.profile().source().clone();
    let server = cx.server.clone();
    let config = server.config();
    let oper = config.opers.iter().find(|oper| oper.name == name);
    if let Some(oper) = oper.filter(|oper| !oper.masks.is_empty())
        && oper.masks.iter().all(|mask| !mask.matches(&source))
    {
        log::warn!("{source} may not become the operator {name:?} from there");
        return Err(Reply::numeric(ERR_NOOPERHOST));
    }
    // Others do not wait for the hashing.
    cx.delivery.flush(|| true);
    // A name that is none takes as long as a wrong password.
    let hash = oper.map_or(password::HASH_OF_NOTHING, |oper| &oper.password);
    let is_right = server.oper_passwords.verify(given, hash);
    if oper.is_none() || !is_right {
        log::warn!("{source} gave a wrong name or password for the operator {name:?}");
        return Err(fail(cx));
    }
    log::info!("{source} is now the operator {name:?}");
    let was_oper = std::mem::replace(&mut user.profile().modes.oper, true);
    server.counters.oper_changed(was_oper, true);
    cx.numeric(RPL_YOUREOPER, &[]);
    let nickname = cx.client_name();
    cx.send("MODE", &[&nickname, "+o"]);
    Ok(())
}

/// Some failures are a mistake, more are guessing.
fn fail(cx: &mut Context<'_>) -> Reply {
    cx.client.oper_failures += 1;
    if cx.client.oper_failures >= FAILURES_MAX {
        cx.client.session.close(Farewell::new("Too many wrong passwords"));
    }
    Reply::numeric(ERR_PASSWDMISMATCH)
}
