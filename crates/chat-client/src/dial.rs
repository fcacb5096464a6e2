//! Connecting, and whom to believe.

use std::io::{self, BufRead};

use anyhow::Context;

use crate::address::Address;
use crate::net::{Dialer, NotConnected, Stranger, Wire};
use crate::output;

/// Connects; asks about a certificate that nobody vouches for, if there is somebody to ask.
pub(crate) fn dial(dialer: &Dialer, may_ask: bool) -> anyhow::Result<Wire> {
    let stranger = match dialer.connect() {
        Ok(wire) => return Ok(wire),
        Err(NotConnected::Failed(why) | NotConnected::Refused(why)) => anyhow::bail!(why),
        Err(NotConnected::Stranger(stranger)) => stranger,
    };
    if !may_ask || !ask_about(dialer.address(), &stranger)? {
        anyhow::bail!(stranger.refusal(dialer.address()));
    }
    dialer.accept(&stranger)?;
    match dialer.connect() {
        Ok(wire) => Ok(wire),
        Err(NotConnected::Failed(why) | NotConnected::Refused(why)) => anyhow::bail!(why),
        Err(NotConnected::Stranger(_)) => anyhow::bail!("the server has yet another certificate"),
    }
}

fn ask_about(address: &Address, stranger: &Stranger) -> anyhow::Result<bool> {
    output::ask(&format!(
        "Nobody this machine trusts says that {address} is what it claims to be: {}.\n\
         Its certificate is {}:\n  sha256:{}\n\
         Compare that with what whoever runs the server tells you.\n\
         Is it the right one, now and from now on? [yes/no]: ",
        stranger.why,
        stranger.shown_names(),
        stranger.fingerprint
    ));
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).context("cannot read an answer")?;
    Ok(answer.trim().eq_ignore_ascii_case("yes"))
}
