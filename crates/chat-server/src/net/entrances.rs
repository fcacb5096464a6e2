//! Where the server listens: opened and closed while it runs, as the configuration has it.

use std::io;
use std::sync::{Arc, Mutex, Weak};
use std::thread::JoinHandle;

use anyhow::ensure;

use crate::config::{ListenConfig, ProxyUse, TlsUse};
use crate::lock::lock;
use crate::server::Server;

use super::Sending;
use super::listener::{self, Listener};

/// All that is listened on.
pub(super) struct Entrances {
    server: Weak<Server>,
    sending: Sending,
    open: Mutex<Vec<Entrance>>,
}

/// An address that is listened on, and the thread that does it.
struct Entrance {
    listener: Arc<Listener>,
    thread: JoinHandle<()>,
}

impl Entrances {
    /// From now on connections to what is bound are accepted.
    pub(super) fn open(
        bound: Vec<Listener>,
        server: &Arc<Server>,
        sending: &Sending,
    ) -> anyhow::Result<Self> {
        for listener in &bound {
            check(server, &listener.config())?;
        }
        let open = bound.into_iter().map(|listener| start(listener, server, sending));
        let open = Mutex::new(open.collect::<anyhow::Result<Vec<_>>>()?);
        Ok(Self { server: Arc::downgrade(server), sending: sending.clone(), open })
    }

    /// Opens and closes what another configuration has otherwise, and says what could not be done. Then
    /// what is listened on stays open, so that nobody is locked out. Connections stay in any case.
    pub(super) fn follow(&self, wanted: &[ListenConfig]) -> Vec<String> {
        let Some(server) = self.server.upgrade() else { return Vec::new() };
        let mut open = lock(&self.open);
        let mut gone = std::mem::take(&mut *open);
        let mut failures = Vec::new();
        for config in wanted {
            let is_it = |it: &Entrance| it.listener.config().address == config.address;
            let known = gone.iter().position(is_it).map(|at| gone.remove(at));
            if let Err(error) = check(&server, config) {
                failures.push(error);
                open.extend(known);
            } else if let Some(known) = known {
                known.listener.change(config.clone());
                open.push(known);
            } else {
                let opened = self.open_one(config, &server, &mut gone);
                open.extend(opened.map_err(|error| failures.push(error)).ok());
            }
        }
        if failures.is_empty() {
            gone.into_iter().for_each(Entrance::close);
        } else {
            open.extend(gone);
        }
        failures.iter().map(|error| format!("server.listen: {error:#}")).collect()
    }

    /// Opens one more. What is about to be closed is closed now if it is in the way, as 127.0.0.1 is
    /// where 0.0.0.0 is wanted, and opened again if that was not it.
    fn open_one(
        &self,
        config: &ListenConfig,
        server: &Arc<Server>,
        gone: &mut Vec<Entrance>,
    ) -> anyhow::Result<Entrance> {
        let is_in_the_way = |it: &Entrance| it.listener.port() == config.address.port();
        match listener::bind(config) {
            Err(error) if is_taken(&error) && gone.iter().any(is_in_the_way) => {}
            bound => return start(bound?, server, &self.sending),
        }
        let (closed, rest): (Vec<_>, _) = std::mem::take(gone).into_iter().partition(is_in_the_way);
        *gone = rest;
        let before: Vec<_> =
            closed.iter().map(|entrance| entrance.listener.config_as_bound()).collect();
        closed.into_iter().for_each(Entrance::close);
        let opened = listener::bind(config).and_then(|it| start(it, server, &self.sending));
        if opened.is_err() {
            for config in before {
                let bound = listener::bind(&config);
                gone.push(bound.and_then(|it| start(it, server, &self.sending))?);
            }
        }
        opened
    }
}

impl Entrance {
    /// Accepts nobody any more, and gives the address back.
    fn close(self) {
        self.listener.close();
        if self.thread.join().is_err() {
            log::error!("the thread that listened has panicked");
        }
    }
}

fn start(listener: Listener, server: &Arc<Server>, sending: &Sending) -> anyhow::Result<Entrance> {
    let listener = Arc::new(listener);
    let thread = listener::start(listener.clone(), server.clone(), sending.clone())?;
    Ok(Entrance { listener, thread })
}

fn is_taken(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::AddrInUse)
}

/// Says where nobody can come in.
fn check(server: &Server, config: &ListenConfig) -> anyhow::Result<()> {
    let ListenConfig { address, tls, proxy, .. } = config;
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
    Ok(())
}
