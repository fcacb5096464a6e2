//! From a socket that was accepted to whoever serves it, in a thread of the connection's own.

use std::io::IoSlice;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use anyhow::Context as _;
use chat_http::websocket::Subprotocol;

use crate::lock::lock;
use crate::metrics;
use crate::outbound::Outbound;
use crate::server::{NotAdmitted, Server};
use crate::state::session::{Peer, Session};

use super::connection::{Connection, error_line};
use super::door::{Purpose, Refusal, Visitor};
use super::flood::Flood;
use super::stream::{Stream, send_plain};
use super::transport::StreamWire;
use super::websocket::{WebSocketTransport, WebSocketWire};
use super::{Sending, http};

/// Stack of a connection's thread. Only what is touched takes memory.
const STACK_BYTES: usize = 256 * 1024;

/// Starts the thread of a connection.
pub(super) fn start(
    tcp: TcpStream,
    peer: SocketAddr,
    server: &Arc<Server>,
    sending: &Sending,
) -> anyhow::Result<()> {
    tcp.set_nodelay(true).context("can't set the socket up")?;
    let place = match server.take_place(peer.ip()) {
        Ok(place) => place,
        // Whoever floods does not fill the log as well.
        Err(NotAdmitted::Address(why)) => {
            server.metrics.refusals.count(metrics::Refusal::Address);
            turn_away(&tcp, server, why.text());
            log::debug!("{peer} refused: {}", why.text());
            return Ok(());
        }
        Err(refusal) => {
            server.metrics.refusals.count(metrics::Refusal::ServerFull);
            turn_away(&tcp, server, refusal.text());
            anyhow::bail!("{refusal}");
        }
    };
    let visitor = Visitor {
        id: server.next_session_id(),
        peer: Peer::at(peer),
        stream: Stream::Plain(tcp),
        said: Vec::new(),
        until: Instant::now() + server.config().timeouts.registration,
        place,
    };
    let name = format!("client-{}", visitor.id.0);
    // A thread that can't be started would drop what was given to it.
    let handed_over = Arc::new(Mutex::new(Some(visitor)));
    let (taken, server_of_thread, sending) = (handed_over.clone(), server.clone(), sending.clone());
    let run = move || {
        let visitor = lock(&taken).take();
        drop(taken);
        if let Some(visitor) = visitor {
            receive(visitor, server_of_thread, sending);
        }
    };
    let spawned = std::thread::Builder::new().name(name).stack_size(STACK_BYTES).spawn(run);
    if let Err(error) = spawned {
        if let Some(visitor) = lock(&handed_over).take() {
            turn_away(
                visitor.stream.tcp(),
                server,
                "This server is out of threads, try again later",
            );
        }
        return Err(error).context("can't start a thread");
    }
    Ok(())
}

/// Serves a connection to its end.
fn receive(mut visitor: Visitor, server: Arc<Server>, sending: Sending) {
    let before = visitor.peer.address.ip();
    let purpose = visitor.purpose();
    // It may have been banned while it said nothing.
    if let Some(why) = server.refusal_of_address(visitor.peer.address.ip()) {
        server.metrics.refusals.count(metrics::Refusal::BannedAddress);
        return turn_away(visitor.stream.tcp(), &server, &why);
    }
    let address = visitor.peer.address.ip();
    if address != before
        && let Err(why) = server.count_address(&mut visitor.place, address)
    {
        server.metrics.refusals.count(metrics::Refusal::Address);
        return turn_away(visitor.stream.tcp(), &server, why.text());
    }
    match purpose {
        Ok(Purpose::Irc) => serve_irc(visitor, server, sending),
        Ok(Purpose::Http) => {
            if let Some((visitor, subprotocol)) = http::serve(visitor, &server) {
                serve_websocket(visitor, subprotocol, server, sending);
            }
        }
        Err(refusal) => explain(&visitor, &refusal, &server),
    }
}

fn serve_irc(visitor: Visitor, server: Arc<Server>, sending: Sending) {
    let Visitor { id, peer, stream, said, until, place } = visitor;
    let wire = StreamWire { stream, drainer: sending.drainer.clone() };
    let bytes_max = server.config().limits.send_queue_bytes_max;
    let outbound = Outbound::new(wire, bytes_max, server.metrics.clone());
    let session = Session::new(id, peer, outbound.clone());
    let transport = Box::new(outbound);
    let flood = Flood::new(&server, &session);
    let registration_until = until;
    Connection { transport, session, server, sending, registration_until, place, flood }.run(&said);
}

fn serve_websocket(
    visitor: Visitor,
    subprotocol: Subprotocol,
    server: Arc<Server>,
    sending: Sending,
) {
    let Visitor { id, mut peer, stream, said, until, place } = visitor;
    peer.is_websocket = true;
    let inner = StreamWire { stream, drainer: sending.drainer.clone() };
    let wire = WebSocketWire::new(inner, subprotocol);
    let bytes_max = server.config().limits.send_queue_bytes_max;
    let outbound = Outbound::new(wire, bytes_max, server.metrics.clone());
    let session = Session::new(id, peer, outbound.clone());
    let mut transport = Box::new(WebSocketTransport::new(outbound, server.config().line_limits()));
    transport.receive(&said);
    let flood = Flood::new(&server, &session);
    let registration_until = until;
    Connection { transport, session, server, sending, registration_until, place, flood }.run(&[]);
}

fn explain(visitor: &Visitor, refusal: &Refusal, server: &Server) {
    let peer = visitor.peer.address;
    match refusal {
        Refusal::Silent => log::debug!("{peer} left without a word"),
        Refusal::Gone(error) => {
            log::debug!("{peer} said nothing that could be understood: {error}");
        }
        Refusal::NoTls => {
            server.metrics.refusals.count(metrics::Refusal::NoTls);
            log::info!("{peer} refused: it speaks TLS");
        }
    }
}

/// Tells a peer why it is not let in, as far as that needs no waiting: the listener waits for nobody.
pub(super) fn turn_away(tcp: &TcpStream, server: &Server, reason: &str) {
    let line = error_line(&format!("Closing Link: {} ({reason})", server.name()), None);
    let _ = send_plain(tcp, &[IoSlice::new(line.as_bytes())]);
    let _ = tcp.shutdown(Shutdown::Write);
}
