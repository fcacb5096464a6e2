//! From a socket that was accepted to whoever serves it, in a thread of the connection's own.

use std::io::IoSlice;
use std::net::{IpAddr, Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use chat_http::websocket::Subprotocol;

use crate::config::{ListenConfig, ProxyUse, TlsUse};
use crate::lock::lock;
use crate::metrics::Refusal;
use crate::outbound::Outbound;
use crate::server::Server;
use crate::state::session::{Peer, Session};

use super::connection::{Connection, error_line};
use super::door::{Purpose, Visitor};
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
    entrance: &Arc<ListenConfig>,
    server: &Arc<Server>,
    sending: &Sending,
) {
    if let Err(error) = tcp.set_nodelay(true) {
        return log::debug!("{peer} is gone already: {error}");
    }
    let place = match server.take_place(counted(entrance, peer.ip())) {
        Ok(place) => place,
        Err(why) => {
            if let Some(refusal) = why.counted() {
                server.refused(refusal, &peer, &why);
            }
            return turn_away(&tcp, entrance, server, why.text());
        }
    };
    let visitor = Box::new(Visitor {
        id: server.next_session_id(),
        peer: Peer::at(peer),
        stream: Stream::Plain(tcp),
        said: Vec::new(),
        until: Instant::now() + server.config().timeouts.registration,
        place,
        entrance: entrance.clone(),
    });
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
    let Err(error) = spawned else { return };
    server.refused(Refusal::OutOfThreads, &peer, &format!("can't start a thread: {error}"));
    if let Some(visitor) = lock(&handed_over).take() {
        let why = "This server is out of threads, try again later";
        turn_away(visitor.stream.tcp(), entrance, server, why);
    }
}

/// The address whose connections are counted, if it is known by now: not that of a proxy.
fn counted(entrance: &ListenConfig, address: IpAddr) -> Option<IpAddr> {
    (entrance.proxy == ProxyUse::Off).then_some(address)
}

/// Serves a connection to its end.
fn receive(visitor: Box<Visitor>, server: Arc<Server>, sending: Sending) {
    if let Some((mut connection, said)) = admit(visitor, server, sending) {
        connection.run(said);
    }
}

/// Finds out what a connection is. What it has said already is left of one that becomes a session.
// Kept out of the frame of a thread that is idle for hours: stack once touched stays memory.
#[inline(never)]
fn admit(
    mut visitor: Box<Visitor>,
    server: Arc<Server>,
    sending: Sending,
) -> Option<(Box<Connection>, Vec<u8>)> {
    match visitor.purpose(&server) {
        Ok(Purpose::Irc) => Some(irc(*visitor, server, sending)),
        Ok(Purpose::Http) => {
            let (visitor, subprotocol) = http::serve(visitor, &server)?;
            Some(websocket(*visitor, subprotocol, server, sending))
        }
        Err(refusal) => {
            refusal.explain(&visitor, &server);
            None
        }
    }
}

#[inline(never)]
fn irc(visitor: Visitor, server: Arc<Server>, sending: Sending) -> (Box<Connection>, Vec<u8>) {
    let Visitor { id, peer, stream, said, until, place, .. } = visitor;
    let bytes_max = server.config().limits.send_queue_bytes_max;
    let outbound = sending.rows.take(stream, bytes_max);
    let session = Session::new(id, peer, outbound.clone());
    let transport = Box::new(outbound);
    (Connection::new(transport, session, server, sending, until, place), said)
}

#[inline(never)]
fn websocket(
    visitor: Visitor,
    subprotocol: Subprotocol,
    server: Arc<Server>,
    sending: Sending,
) -> (Box<Connection>, Vec<u8>) {
    let Visitor { id, mut peer, stream, said, until, place, .. } = visitor;
    peer.is_websocket = true;
    let inner = StreamWire::new(stream, sending.drainer.clone());
    let wire = WebSocketWire::new(inner, subprotocol);
    let bytes_max = server.config().limits.send_queue_bytes_max;
    let outbound = Outbound::new(wire, bytes_max, server.metrics.clone());
    let session = Session::new(id, peer, outbound.clone());
    let mut transport = Box::new(WebSocketTransport::new(outbound, server.config().line_limits()));
    transport.receive(&said);
    (Connection::new(transport, session, server, sending, until, place), Vec::new())
}

/// Tells a peer why it is not let in, as far as that needs no waiting: the listener waits for nobody.
pub(super) fn turn_away(tcp: &TcpStream, entrance: &ListenConfig, server: &Server, reason: &str) {
    // Who speaks TLS would not understand it.
    if entrance.tls != TlsUse::Only {
        let line = error_line(&format!("Closing Link: {} ({reason})", server.name()), None);
        let _ = send_plain(tcp, &[IoSlice::new(line.as_bytes())]);
    }
    let _ = tcp.shutdown(Shutdown::Write);
}
