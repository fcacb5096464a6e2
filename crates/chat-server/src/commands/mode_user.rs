//! MODE of a user. Modern IRC, "User mode".

use chat_protocol::numeric::{ERR_UMODEUNKNOWNFLAG, ERR_USERSDONTMATCH, RPL_UMODEIS};

use crate::state::user_modes::UserModes;

use super::{Context, Outcome, Reply};

pub(super) fn mode(cx: &mut Context<'_>, target: &str, modes: Option<&str>) -> Outcome {
    let user = cx.user();
    if cx.find_user(target)?.id != user.id {
        return Err(Reply::numeric(ERR_USERSDONTMATCH));
    }
    let before = user.profile().modes;
    let Some(modes) = modes else {
        cx.numeric(RPL_UMODEIS, &[&before.wire()]);
        return Ok(());
    };
    let (after, changes, unknown) = change(before, modes);
    user.profile().modes = after;
    cx.server.counters.invisible_changed(before.invisible, after.invisible);
    cx.server.counters.oper_changed(before.oper, after.oper);
    if !changes.is_empty() {
        let nickname = cx.client_name();
        cx.send("MODE", &[&nickname, &changes]);
    }
    if unknown { Err(Reply::numeric(ERR_UMODEUNKNOWNFLAG)) } else { Ok(()) }
}

/// The modes after a mode string, what has changed, and whether some mode was unknown.
fn change(before: UserModes, modes: &str) -> (UserModes, String, bool) {
    let (mut after, mut changes, mut unknown) = (before, String::new(), false);
    let (mut adding, mut sign) = (true, None);
    for mode in modes.chars() {
        match mode {
            '+' => adding = true,
            '-' => adding = false,
            // Nobody becomes an operator this way.
            'o' if adding => {}
            _ => {
                let Some(switch) = after.switch(mode) else {
                    unknown = true;
                    continue;
                };
                if std::mem::replace(switch, adding) == adding {
                    continue;
                }
                if sign.replace(adding) != Some(adding) {
                    changes.push(if adding { '+' } else { '-' });
                }
                changes.push(mode);
            }
        }
    }
    (after, changes, unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_what_has_changed() {
        let (after, changes, unknown) = change(UserModes::default(), "+iwo-B+iZ");
        assert!(after.invisible && after.wallops && !after.oper);
        assert_eq!((changes.as_str(), unknown), ("+iw", true));
        let (after, changes, _) = change(after, "-i+B");
        assert_eq!((changes.as_str(), after.wire().as_str()), ("-i+B", "+Bw"));
    }
}
