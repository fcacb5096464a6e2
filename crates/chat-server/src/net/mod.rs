//! The only sockets and threads.

mod arrival;
mod capacity;
mod connection;
mod door;
mod drainer;
mod flood;
mod flushers;
mod housekeeping;
mod http;
mod listener;
mod probe;
mod read_timeout;
mod sequencing;
mod signals;
mod stopping;
mod stream;
mod supervisor;
mod tls_stream;
mod transport;
mod websocket;

use std::sync::Arc;

use anyhow::{Context as _, ensure};
use chat_store::DataLock;

use crate::commands;
use crate::config::{ListenConfig, ProxyUse, Source, TlsUse};
use crate::data;
use crate::outbound::{Delivery, Flusher};
use crate::panics;
use crate::server::{Server, Setup};

use drainer::Drainer;
pub(crate) use probe::ping;
use signals::Signals;

/// Who sends when the connection's own thread does not.
#[derive(Clone)]
struct Sending {
    drainer: Arc<Drainer>,
    flusher: Arc<Flusher>,
}

/// Runs the server until it is told to stop.
pub(crate) fn run(source: Source) -> anyhow::Result<()> {
    let config = source.read()?;
    // A signal that comes once somebody can connect finds the server ready.
    let signals = Signals::listen()?;
    let entrances = config.server.listen.clone();
    // Nothing is started before every address is bound.
    let bound = entrances.iter().map(|entrance| listener::bind(entrance.address));
    let listeners = bound.collect::<anyhow::Result<Vec<_>>>()?;
    let allowed = capacity::connections_allowed(config.limits.connections_max);
    let directory = config.server.data.clone();
    // Held until the process ends: one server works on the data at a time.
    let _lock = DataLock::acquire(&directory)?;
    let unusable = || format!("can't use the data directory {}", directory.display());
    let store = data::open(&directory, config.history.durability).with_context(unusable)?;
    let last_entry = store.last_entry().with_context(unusable)?;
    let setup = Setup {
        source,
        connections_allowed: allowed,
        last_entry,
        secret: data::login_secret(&directory)?,
        cloak_secret: data::cloak_secret(&directory)?,
    };
    let server = Server::new(config, store, setup)?;
    check_entrances(&server, &entrances)?;
    let sending =
        Sending { drainer: drainer::start()?, flusher: flushers::start(&server.metrics)? };
    server
        .restore_always_on(&mut Delivery::new(sending.flusher.clone()))
        .context("can't read who is always on")?;
    server.review_names().context("can't read the accounts")?;
    sequencing::start(&server, &sending)?;
    housekeeping::start(server.clone(), sending.clone())?;
    for (listener, entrance) in listeners.into_iter().zip(entrances) {
        listener::start(listener, entrance, server.clone(), sending.clone())?;
    }
    supervisor::is_ready("Listening");
    let signal = signals.wait_for_stop(|| reload(&server, &sending));
    server.lets_nobody_in();
    log::info!("{signal} received, shutting down");
    supervisor::is_stopping();
    stopping::stop(&server);
    match panics::count() {
        0 => log::info!("Stopped"),
        count => {
            log::warn!("Stopped; there were {count} panics, which are mistakes in this program");
        }
    }
    Ok(())
}

/// Says where nobody can come in.
fn check_entrances(server: &Server, entrances: &[ListenConfig]) -> anyhow::Result<()> {
    for ListenConfig { address, tls, proxy, .. } in entrances {
        let speaks_tls = server.tls.is_on() && *tls != TlsUse::Never;
        ensure!(
            speaks_tls || *tls != TlsUse::Only,
            "on {address} only TLS is to be spoken, and there is no certificate in [tls]"
        );
        let takes_plaintext = server.config().tls.takes_plaintext_from(address.ip());
        if !speaks_tls && !takes_plaintext && *proxy == ProxyUse::Off {
            log::warn!(
                "on {address} nobody from elsewhere gets in: there is no certificate in [tls], and \
                 tls.plaintext is for this machine"
            );
        }
    }
    Ok(())
}

fn reload(server: &Arc<Server>, sending: &Sending) {
    log::info!("SIGHUP received, reading the configuration again");
    supervisor::is_reloading();
    let status = match commands::reload(server, &mut Delivery::new(sending.flusher.clone())) {
        Ok(_) => "Listening",
        Err(_) => "Listening, with an older configuration than what is written: it is not valid",
    };
    supervisor::is_ready(status);
}
