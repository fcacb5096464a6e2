//! What is between a client and a server, and fails as networks do.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::server::Server;

/// Passes connections on to a server.
#[derive(Debug)]
pub struct Relay {
    address: SocketAddr,
    state: Arc<(Mutex<State>, Condvar)>,
}

#[derive(Debug, Default)]
struct State {
    is_cut: bool,
    ways: Vec<Way>,
}

/// One connection.
#[derive(Debug)]
struct Way {
    client: TcpStream,
    is_deaf: Arc<AtomicBool>,
}

impl Relay {
    /// Starts one on a free port.
    pub fn to(server: &Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let address = listener.local_addr().expect("it listens");
        let (state, server): (Arc<(Mutex<State>, Condvar)>, _) = (Arc::default(), server.address());
        let passing = state.clone();
        spawn(move || pass_on(&listener, server, &passing));
        Self { address, state }
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whatever the server says on the connections that there are is lost from now on.
    pub fn deafen(&self) {
        lock(&self.state.0).ways.iter().for_each(|way| way.is_deaf.store(true, Ordering::Relaxed));
    }

    /// Ends the connections that there are. Others have to wait until it is mended.
    pub fn cut(&self) {
        let mut state = lock(&self.state.0);
        state.is_cut = true;
        for way in state.ways.drain(..) {
            // It fails where it is over already.
            let _ = way.client.shutdown(Shutdown::Both);
        }
    }

    /// Connections are passed on again.
    pub fn mend(&self) {
        lock(&self.state.0).is_cut = false;
        self.state.1.notify_all();
    }
}

fn pass_on(listener: &TcpListener, server: SocketAddr, shared: &(Mutex<State>, Condvar)) {
    while let Ok((client, _)) = listener.accept() {
        let cut = shared.1.wait_while(lock(&shared.0), |state| state.is_cut);
        let mut state = cut.unwrap_or_else(PoisonError::into_inner);
        // Without a server the client is let go.
        let Ok(server) = TcpStream::connect(server) else { continue };
        let is_deaf = Arc::new(AtomicBool::new(false));
        let share = |stream: &TcpStream| stream.try_clone().expect("a socket can be shared");
        state.ways.push(Way { client: share(&client), is_deaf: is_deaf.clone() });
        let (from_client, to_server) = (share(&client), share(&server));
        spawn(move || copy(from_client, to_server, &AtomicBool::new(false)));
        spawn(move || copy(server, client, &is_deaf));
    }
}

/// Copies until one of both ends, and ends the other.
fn copy(mut from: TcpStream, mut to: TcpStream, is_lost: &AtomicBool) {
    let mut bytes = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        if !is_lost.load(Ordering::Relaxed) && to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

fn spawn(run: impl FnOnce() + Send + 'static) {
    let relay = thread::Builder::new().name("relay".to_owned());
    relay.spawn(run).expect("a thread can be started");
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
