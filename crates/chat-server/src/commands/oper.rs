//! OPER. Modern IRC, "OPER message".

use chat_protocol::Message;
use chat_protocol::numeric::{ERR_NOOPERHOST, ERR_PASSWDMISMATCH, RPL_YOUREOPER};

use super::{Context, Outcome, Reply};

pub(super) fn oper(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let (name, password) = (message.params[0], message.params[1]);
    let user = cx.user();
    let source = user.profile().source().clone();
    let server = cx.server.clone();
    let Some(oper) = server.config.opers.iter().find(|oper| oper.name == name) else {
        log::warn!("{source} tried to become the unknown operator {name:?}");
        return Err(Reply::numeric(ERR_PASSWDMISMATCH));
    };
    if !oper.masks.is_empty() && oper.masks.iter().all(|mask| !mask.matches(&source)) {
        log::warn!("{source} may not become the operator {name:?} from there");
        return Err(Reply::numeric(ERR_NOOPERHOST));
    }
    // Others do not wait for the hashing.
    cx.delivery.flush(|| true);
    if !server.passwords.verify(password, &oper.password) {
        log::warn!("{source} gave a wrong password for the operator {name:?}");
        return Err(Reply::numeric(ERR_PASSWDMISMATCH));
    }
    log::info!("{source} is now the operator {name:?}");
    let was_oper = {
        let mut profile = user.profile();
        profile.oper = Some(name.into());
        std::mem::replace(&mut profile.modes.oper, true)
    };
    server.counters.oper_changed(was_oper, true);
    cx.numeric(RPL_YOUREOPER, &[]);
    let nickname = cx.client_name();
    cx.send("MODE", &[&nickname, "+o"]);
    Ok(())
}
