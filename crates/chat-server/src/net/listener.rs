//! Accepting connections.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Context as _;
use rustix::net::{Shutdown, listen, shutdown};

use crate::config::ListenConfig;
use crate::current::Current;
use crate::metrics::Refusal;
use crate::server::Server;

use super::{Sending, arrival};

const STACK_BYTES: usize = 128 * 1024;
/// Connections that wait to be accepted; the kernel may allow fewer (net.core.somaxconn).
const BACKLOG: i32 = 4096;
/// How long accepting pauses when the system has no descriptor left.
const PAUSE: Duration = Duration::from_millis(100);

/// An address that is bound.
pub(super) struct Listener {
    tcp: TcpListener,
    /// What is taken there; counts for connections that come.
    config: Current<ListenConfig>,
    is_closed: AtomicBool,
}

impl Listener {
    pub(super) fn config(&self) -> Arc<ListenConfig> {
        self.config.load()
    }

    /// With the port that the system has chosen, if that was left to it.
    pub(super) fn config_as_bound(&self) -> ListenConfig {
        let mut config = ListenConfig::clone(&self.config());
        config.address.set_port(self.port());
        config
    }

    /// The one that the system has chosen, if that was left to it.
    pub(super) fn port(&self) -> u16 {
        self.tcp.local_addr().map_or(0, |address| address.port())
    }

    /// From now on something else is taken at the same address.
    pub(super) fn change(&self, config: ListenConfig) {
        self.config.replace(config);
    }

    /// Ends the thread that accepts.
    pub(super) fn close(&self) {
        self.is_closed.store(true, Ordering::Relaxed);
        // Linux ends `accept` with an error then.
        if let Err(error) = shutdown(&self.tcp, Shutdown::Both) {
            log::error!("can't stop listening on {}: {error}", self.config().address);
        }
    }
}

/// Binds an address. The error says what to do.
pub(super) fn bind(config: &ListenConfig) -> anyhow::Result<Listener> {
    let address = config.address;
    let bound = TcpListener::bind(address);
    let tcp = bound.with_context(|| format!("can't listen on {address}"))?;
    // The standard library's backlog is too short for many clients that come at once.
    listen(&tcp, BACKLOG).with_context(|| format!("can't listen on {address}"))?;
    let config = Current::new(config.clone());
    Ok(Listener { tcp, config, is_closed: AtomicBool::new(false) })
}

/// Accepts connections in a thread of its own.
pub(super) fn start(
    listener: Arc<Listener>,
    server: Arc<Server>,
    sending: Sending,
) -> anyhow::Result<JoinHandle<()>> {
    let address = listener.tcp.local_addr().context("can't tell the address listened on")?;
    let thread = std::thread::Builder::new()
        .name("listener".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(move || accept(&listener, &server, &sending))
        .context("can't start a thread")?;
    log::info!("Server listening on {address}");
    Ok(thread)
}

fn accept(listener: &Listener, server: &Arc<Server>, sending: &Sending) {
    let mut failing = false;
    loop {
        match listener.tcp.accept() {
            Ok((stream, peer)) => {
                failing = false;
                admit(stream, peer, &listener.config(), server, sending);
            }
            Err(_) if listener.is_closed.load(Ordering::Relaxed) => {
                return log::info!("Server no longer listening on {}", listener.config().address);
            }
            Err(error) if is_passing(&error) => {}
            Err(error) => {
                if !std::mem::replace(&mut failing, true) {
                    log::error!("can't accept connections at present: {error}");
                }
                std::thread::sleep(PAUSE);
            }
        }
    }
}

/// Whether only this one connection failed.
fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::Interrupted)
}

fn admit(
    stream: TcpStream,
    peer: SocketAddr,
    entrance: &Arc<ListenConfig>,
    server: &Arc<Server>,
    sending: &Sending,
) {
    if let Some(why) = server.refusal_of_address(peer.ip()) {
        server.refused(Refusal::BannedAddress, &peer, &why);
        return arrival::turn_away(&stream, entrance, server, &why);
    }
    arrival::start(stream, peer, entrance, server, sending);
}
