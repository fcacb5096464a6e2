//! The only sockets and threads.

mod arrival;
mod capacity;
mod connection;
mod door;
mod drainer;
mod entrances;
mod flood;
mod flushers;
mod housekeeping;
mod http;
mod listener;
mod probe;
mod read_timeout;
mod rows;
mod sequencing;
mod signals;
mod stopping;
mod stream;
mod supervisor;
mod tls_stream;
mod transport;
mod websocket;

use std::sync::Arc;

use anyhow::Context as _;
use chat_store::DataLock;

use crate::commands;
use crate::config::Source;
use crate::data;
use crate::metrics::Metrics;
use crate::outbound::{Delivery, Flusher};
use crate::panics;
use crate::server::{Server, Setup};

use drainer::Drainer;
use entrances::Entrances;
pub(crate) use probe::ping;
use rows::Rows;
use signals::Signals;

/// Who sends when the connection's own thread does not.
#[derive(Clone)]
struct Sending {
    drainer: Arc<Drainer>,
    flusher: Arc<Flusher>,
    rows: Arc<Rows>,
}

impl Sending {
    fn start(metrics: &Arc<Metrics>) -> anyhow::Result<Self> {
        let drainer = drainer::start()?;
        let rows = Rows::new(drainer.clone(), metrics.clone());
        Ok(Self { drainer, flusher: flushers::start(metrics)?, rows })
    }
}

/// Runs the server until it is told to stop.
pub(crate) fn run(source: Source) -> anyhow::Result<()> {
    let config = source.read()?;
    // A signal that comes once somebody can connect finds the server ready.
    let signals = Signals::listen()?;
    // Nothing is started before every address is bound.
    let bound = config.server.listen.iter().map(listener::bind);
    let bound = bound.collect::<anyhow::Result<Vec<_>>>()?;
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
    let sending = Sending::start(&server.metrics)?;
    server
        .restore_always_on(&mut Delivery::new(sending.flusher.clone()))
        .context("can't read who is always on")?;
    server.review_names().context("can't read the accounts")?;
    sequencing::start(&server, &sending)?;
    housekeeping::start(server.clone(), sending.clone())?;
    let entrances = Entrances::open(bound, &server, &sending)?;
    server.opens_and_closes(move |wanted| entrances.follow(wanted));
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

fn reload(server: &Arc<Server>, sending: &Sending) {
    log::info!("SIGHUP received, reading the configuration again");
    supervisor::is_reloading();
    let status = match commands::reload(server, &mut Delivery::new(sending.flusher.clone())) {
        Ok(_) => "Listening",
        Err(_) => "Listening, with an older configuration than what is written: it is not valid",
    };
    supervisor::is_ready(status);
}
