//! LUSERS. Modern IRC, "LUSERS message".

use chat_protocol::Message;
use chat_protocol::numeric::{
    RPL_GLOBALUSERS, RPL_LOCALUSERS, RPL_LUSERCHANNELS, RPL_LUSERCLIENT, RPL_LUSERME, RPL_LUSEROP,
    RPL_LUSERUNKNOWN,
};

use super::{Context, Outcome, Reply};

#[expect(clippy::unnecessary_wraps, reason = "every command returns an outcome")]
pub(super) fn lusers(cx: &mut Context<'_>, _: &Message<'_>) -> Outcome {
    show(cx);
    Ok(())
}

pub(super) fn show(cx: &mut Context<'_>) {
    let server = cx.server.clone();
    let users = server.user_count();
    let invisible = server.counters.invisible().min(users);
    let text = |count: usize| count.to_string();
    cx.reply(&Reply::numeric(RPL_LUSERCLIENT).fill(&[&text(users - invisible), &text(invisible)]));
    cx.numeric(RPL_LUSEROP, &[&text(server.counters.opers())]);
    cx.numeric(RPL_LUSERUNKNOWN, &[&text(server.unregistered_count())]);
    cx.numeric(RPL_LUSERCHANNELS, &[&text(server.room_count())]);
    cx.reply(&Reply::numeric(RPL_LUSERME).fill(&[&text(users)]));
    let (now, max) = (text(users), text(server.counters.users_max()));
    for numeric in [RPL_LOCALUSERS, RPL_GLOBALUSERS] {
        cx.reply(&Reply::numeric(numeric).param(&*now).param(&*max).fill(&[&now, &max]));
    }
}
