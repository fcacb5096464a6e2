//! CAP. IRCv3, "Capability Negotiation".

use chat_protocol::capability::{LIST_BYTES_MAX, list_lines};
use chat_protocol::numeric::ERR_INVALIDCAPCMD;
use chat_protocol::{Capability, CapabilitySet, Message};

use crate::config::{AccountsConfig, Config, Registration};
use crate::state::session::Session;

use super::{Context, Outcome, Reply, authenticate, registration};

/// Strict transport security: told, never asked for. IRCv3, "Strict Transport Security".
const STS: &str = "sts";
/// The version from which clients understand values, lists of several lines and cap-notify.
const VERSION_302: u32 = 302;

pub(super) fn cap(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    let subcommand = message.params[0];
    let argument = message.params.get(1).copied().unwrap_or_default();
    match subcommand.to_ascii_uppercase().as_str() {
        "LS" => {
            begin_negotiation(cx);
            if argument.parse().is_ok_and(|version: u32| version >= VERSION_302) {
                cx.client.session.set_cap_302();
                enable(cx, Capability::CapNotify, true);
            }
            let with_values = cx.client.session.cap_302();
            let offered = offered(&cx.server.config());
            let shown = if with_values { offered } else { ratified(offered) };
            list(cx, "LS", shown, with_values);
        }
        "LIST" => list(cx, "LIST", cx.client.session.capabilities(), false),
        "REQ" => {
            begin_negotiation(cx);
            request(cx, argument);
        }
        "END" => {
            cx.client.registration.negotiating = false;
            if !cx.is_registered() {
                authenticate::abort(cx);
                return registration::try_complete(cx);
            }
        }
        _ => return Err(Reply::numeric(ERR_INVALIDCAPCMD).param(subcommand)),
    }
    Ok(())
}

fn begin_negotiation(cx: &mut Context<'_>) {
    cx.client.registration.negotiating = !cx.is_registered();
}

fn enable(cx: &Context<'_>, capability: Capability, on: bool) {
    let mut capabilities = cx.client.session.capabilities();
    capabilities.set(capability, on);
    cx.client.session.set_capabilities(capabilities);
}

/// What is of use only where there is a history.
const OF_HISTORY: [Capability; 5] = [
    Capability::Chathistory,
    Capability::EventPlayback,
    Capability::MessageRedaction,
    Capability::ResendId,
    Capability::Search,
];

/// The capabilities there are: accounts that can't be registered need no command for it.
fn offered(config: &Config) -> CapabilitySet {
    let mut offered = CapabilitySet::all();
    let registers = config.accounts.registration != Registration::Off;
    offered.set(Capability::AccountRegistration, registers);
    for capability in OF_HISTORY {
        offered.set(capability, config.history.enabled);
    }
    offered
}

/// Tells a client that there are other capabilities than before, or others of their values, and
/// takes from it those that are gone.
pub(super) fn show_changes(cx: &mut Context<'_>, before: &Config, after: &Config) {
    let (was, is) = (offered(before), offered(after));
    let gone = was.without(is);
    cx.client.session.withdraw(gone);
    if !cx.has(Capability::CapNotify) {
        return;
    }
    if !gone.is_empty() {
        let names: Vec<String> = gone.iter().map(|it| it.name().to_owned()).collect();
        notify(cx, "DEL", &names);
    }
    let session = cx.client.session.clone();
    let with_values = session.cap_302();
    let has_changed = |capability: &Capability| {
        let value = |config: &Config| with_value(*capability, &config.accounts, &session);
        !was.contains(*capability) || (with_values && value(before) != value(after))
    };
    let mut shown: Vec<String> = is
        .iter()
        .filter(has_changed)
        .map(|capability| match with_values {
            true => with_value(capability, &after.accounts, &session),
            false => capability.name().to_owned(),
        })
        .collect();
    let (sts_before, sts) = (before.sts(session.is_secure()), after.sts(session.is_secure()));
    if with_values && sts != sts_before && !session.is_websocket() {
        // What is taken back is taken back by a duration of 0.
        shown.extend(sts.map(|value| format!("{STS}={value}")));
    }
    if !shown.is_empty() {
        notify(cx, "NEW", &shown);
    }
}

fn notify(cx: &mut Context<'_>, subcommand: &str, capabilities: &[String]) {
    let client = cx.client_name();
    for line in list_lines(capabilities.iter().map(String::as_str), LIST_BYTES_MAX) {
        cx.send("CAP", &[&client, subcommand, &line]);
    }
}

/// Those without a vendor or a draft's prefix: what fits the one line of a client before 302.
fn ratified(capabilities: CapabilitySet) -> CapabilitySet {
    let ratified = capabilities.iter().filter(|capability| !capability.name().contains('/'));
    ratified.fold(CapabilitySet::EMPTY, |mut set, capability| {
        set.set(capability, true);
        set
    })
}

/// A capability as version 302 shows it.
fn with_value(capability: Capability, accounts: &AccountsConfig, session: &Session) -> String {
    let value = match capability {
        Capability::AccountRegistration if accounts.register_before_connect => {
            "before-connect,custom-account-name".to_owned()
        }
        Capability::AccountRegistration => "custom-account-name".to_owned(),
        Capability::Sasl => authenticate::mechanisms(session),
        _ => return capability.name().to_owned(),
    };
    format!("{}={value}", capability.name())
}

fn list(cx: &mut Context<'_>, subcommand: &str, capabilities: CapabilitySet, with_values: bool) {
    let client = cx.client_name();
    let shown: Vec<String> = capabilities
        .iter()
        .map(|capability| match with_values {
            true => with_value(capability, &cx.server.config().accounts, &cx.client.session),
            false => capability.name().to_owned(),
        })
        .collect();
    let sts = cx.server.config().sts(cx.client.session.is_secure());
    let is_told = subcommand == "LS" && with_values && !cx.client.session.is_websocket();
    let sts = sts.filter(|_| is_told).map(|value| format!("{STS}={value}"));
    let shown: Vec<String> = shown.into_iter().chain(sts).collect();
    let bytes_max = if cx.client.session.cap_302() { LIST_BYTES_MAX } else { usize::MAX };
    let lines = list_lines(shown.iter().map(String::as_str), bytes_max);
    let (last, others) = lines.split_last().expect("there is always one line");
    for line in others {
        cx.send("CAP", &[&client, subcommand, "*", line]);
    }
    cx.send("CAP", &[&client, subcommand, last]);
}

/// All or nothing: one unknown name refuses the whole request.
fn request(cx: &mut Context<'_>, names: &str) {
    let mut wanted = cx.client.session.capabilities();
    let offered = offered(&cx.server.config());
    // What could not be answered in one line is not a set of names this server knows.
    let is_short = names.len() <= LIST_BYTES_MAX;
    let all_known = is_short
        && names.split_ascii_whitespace().all(|name| {
            let (name, on) = name.strip_prefix('-').map_or((name, true), |name| (name, false));
            // A client of version 302 can't do without cap-notify.
            let refused =
                name == Capability::CapNotify.name() && !on && cx.client.session.cap_302();
            let known = Capability::from_name(name)
                .filter(|&capability| !refused && offered.contains(capability));
            known.inspect(|&capability| wanted.set(capability, on)).is_some()
        });
    if all_known {
        cx.client.session.set_capabilities(wanted);
    }
    let client = cx.client_name();
    cx.send("CAP", &[&client, if all_known { "ACK" } else { "NAK" }, names]);
}
