//! WEBIRC: a gateway says for whom it speaks. IRCv3, "WebIRC".

use std::net::{IpAddr, SocketAddr};

use chat_protocol::Message;
use chat_protocol::numeric::ERR_ALREADYREGISTERED;
use ctutils::CtEq as _;
use sha2::{Digest as _, Sha256};

use crate::metrics::Refusal;
use crate::state::session::{Farewell, Peer};

use super::{Context, Outcome, Reply};

pub(super) fn webirc(cx: &mut Context<'_>, message: &Message<'_>) -> Outcome {
    if cx.is_registered() {
        return Err(Reply::numeric(ERR_ALREADYREGISTERED));
    }
    let params = &message.params;
    let (password, gateway) = (params[0], params[1]);
    let session = cx.client.session.clone();
    if session.is_spoken_for() || cx.client.registration.has_begun() {
        session.close(Farewell::new("WEBIRC comes first, and once"));
        return Ok(());
    }
    if !is_gateway(cx, password) {
        let why = format!("it may not speak for others as the gateway {gateway:?}");
        cx.server.refused(Refusal::Webirc, &session.peer(), &why);
        session.close(Farewell::new("WEBIRC is not for you"));
        return Ok(());
    }
    let Some(address) = address(params[3]) else {
        session.close(Farewell::new("WEBIRC names no address"));
        return Ok(());
    };
    let is_secure = params.get(4).is_some_and(|options| has_option(options, "secure"));
    session.is_from(Peer {
        // What it comes by is known of the gateway only.
        is_secure: is_secure && (session.is_secure() || session.peer().ip().is_loopback()),
        is_websocket: session.is_websocket(),
        ..Peer::at(SocketAddr::new(address, 0))
    });
    log::info!("{address} comes by way of the gateway {gateway:?}");
    if let Some(why) = cx.server.refusal_of_address(address) {
        session.close(Farewell::new(&why));
    }
    Ok(())
}

/// Whether the peer is one of the gateways, and knows its password.
fn is_gateway(cx: &Context<'_>, password: &str) -> bool {
    // Of one length, whatever was given.
    let digest = |text: &str| Sha256::digest(text.as_bytes());
    let peer = cx.client.session.peer().ip().to_canonical();
    let config = cx.server.config();
    config.webirc.iter().any(|gateway| {
        let is_there = gateway.addresses.iter().any(|network| network.contains(&peer));
        is_there && digest(password).ct_eq(&digest(&gateway.password)).to_bool()
    })
}

/// Gateways put a zero before an address that would begin with a colon, or brackets around one.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    text.parse().ok()
}

fn has_option(options: &str, wanted: &str) -> bool {
    options.split(' ').any(|option| option.split('=').next() == Some(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_both_families_and_options_among_others() {
        for (text, is_one) in [("192.0.2.1", true), ("0::1", true), ("[2001:db8::1]", true)] {
            assert_eq!(address(text).is_some(), is_one, "{text}");
        }
        assert!(address("somewhere").is_none() && address("").is_none());
        assert!(has_option("local-port=1 secure", "secure") && has_option("secure=x", "secure"));
        assert!(!has_option("insecure secured", "secure"));
    }
}
