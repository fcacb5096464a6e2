//! REHASH. Modern IRC, "REHASH message".

use std::sync::Arc;

use chat_protocol::Message;
use chat_protocol::numeric::RPL_REHASHING;

use crate::outbound::Delivery;
use crate::server::Server;
use crate::state::privilege::Privilege;

use super::context::Client;
use super::{Context, Outcome, Reply, cap, version};

pub(super) fn rehash(cx: &mut Context<'_>, _: &Message<'_>) -> Outcome {
    cx.requires(Privilege::Rehash)?;
    cx.server.audit(&cx.audit_entry("REHASH"))?;
    log::info!("{} has the configuration read again", cx.user().profile().source());
    let file =
        cx.server.source().file().map_or_else(|| "*".to_owned(), |it| it.display().to_string());
    cx.numeric(RPL_REHASHING, &[&file]);
    // Others do not wait for the disk.
    cx.delivery.flush(|| true);
    let remarks = reload(cx.server, cx.delivery)
        .map_err(|error| Reply::fail("REHASH", "INVALID_CONFIG", format!("{error:#}")))?;
    for remark in remarks.iter().map(String::as_str).chain([RELOADED]) {
        let client = cx.client_name();
        cx.send("NOTICE", &[&client, remark]);
    }
    Ok(())
}

const RELOADED: &str = "The configuration has been read again";

/// Reads the configuration again, lets it take effect and tells clients what is different for them.
/// Logs how it went, and returns what a person should know of it besides. One that is wrong changes
/// nothing.
pub(crate) fn reload(server: &Arc<Server>, delivery: &mut Delivery) -> anyhow::Result<Vec<String>> {
    let reloaded = server.reload(delivery).inspect_err(|error| {
        log::error!("The configuration stays as it is: {error:#}");
    })?;
    for session in server.sessions() {
        let mut client = Client::unasked(session);
        let cx = &mut Context { server, client: &mut client, delivery };
        cap::show_changes(cx, &reloaded.before, &reloaded.after);
        if cx.is_registered() {
            version::show_tokens(cx, &reloaded.isupport);
        }
    }
    reloaded.remarks.iter().for_each(|remark| log::warn!("{remark}"));
    log::info!("{RELOADED}");
    Ok(reloaded.remarks)
}
