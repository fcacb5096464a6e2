//! Accepting connections.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;

use crate::config::ListenConfig;
use crate::metrics::Refusal;
use crate::server::Server;

use super::{Sending, arrival};

const STACK_BYTES: usize = 128 * 1024;
/// Connections that wait to be accepted; the kernel may allow fewer (net.core.somaxconn).
const BACKLOG: i32 = 4096;
/// How long accepting pauses when the system has no descriptor left.
const PAUSE: Duration = Duration::from_millis(100);

/// Binds an address. The error says what to do.
pub(super) fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener =
        TcpListener::bind(address).with_context(|| format!("can't listen on {address}"))?;
    // The standard library's backlog is too short for many clients that come at once.
    rustix::net::listen(&listener, BACKLOG)
        .with_context(|| format!("can't listen on {address}"))?;
    Ok(listener)
}

/// Accepts connections in a thread of its own.
pub(super) fn start(
    listener: TcpListener,
    entrance: ListenConfig,
    server: Arc<Server>,
    sending: Sending,
) -> anyhow::Result<()> {
    let address = listener.local_addr().context("can't tell the address listened on")?;
    let entrance = Arc::new(entrance);
    std::thread::Builder::new()
        .name("listener".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(move || accept(&listener, &entrance, &server, &sending))
        .context("can't start a thread")?;
    log::info!("Server listening on {address}");
    Ok(())
}

fn accept(
    listener: &TcpListener,
    entrance: &Arc<ListenConfig>,
    server: &Arc<Server>,
    sending: &Sending,
) {
    let mut failing = false;
    loop {
        match listener.accept() {
            Ok((stream, peer)) => {
                failing = false;
                admit(stream, peer, entrance, server, sending);
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
