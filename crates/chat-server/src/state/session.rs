//! The protocol state of one connection.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use chat_protocol::{Capability, CapabilitySet};
use chat_store::{Account, AccountName};

use crate::lock::lock;
use crate::metrics::ConnectionKind;
use crate::outbound::Outbound;

use super::user::User;

/// Names a session while the server runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SessionId(pub(crate) u64);

/// Who is at the other end of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    /// Nobody on the way can read along: TLS.
    pub(crate) is_secure: bool,
    pub(crate) is_websocket: bool,
    /// It may ask where to connect by TLS, and not register.
    pub(crate) needs_tls: bool,
    /// The SHA-256 of its certificate in lower-case hex.
    pub(crate) certificate: Option<String>,
}

impl Peer {
    /// One that has shown nothing but its address.
    pub(crate) const fn at(address: SocketAddr) -> Self {
        Self { address, is_secure: false, is_websocket: false, needs_tls: false, certificate: None }
    }
}

/// One connection as the rest of the server sees it. Its own thread alone reads from it; every
/// thread may append to its [`Outbound`].
pub(crate) struct Session {
    pub(crate) id: SessionId,
    peer: Peer,
    /// For whom the peer speaks, if it is a gateway.
    client: OnceLock<Peer>,
    pub(crate) outbound: Arc<Outbound>,
    cap_302: AtomicBool,
    user: OnceLock<Arc<User>>,
    login: Mutex<Option<Login>>,
    closing: Mutex<Option<Farewell>>,
    /// Whether it is: looked at before every line.
    is_closing: AtomicBool,
}

/// The account a session has proved to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Login {
    pub(crate) account: AccountName,
    /// Makes its user an IRC operator.
    pub(crate) is_oper: bool,
    /// Which one; with every privilege if not said.
    pub(crate) oper_role: Option<String>,
    /// When the account was made, in microseconds since the Unix epoch.
    pub(crate) created: u64,
    /// Its user stays with no session; the server's default if not said.
    pub(crate) always_on: Option<bool>,
}

impl Login {
    pub(crate) fn to(account: &Account) -> Self {
        Self {
            account: account.name.clone(),
            is_oper: account.is_oper,
            oper_role: account.oper_role.clone(),
            created: account.created,
            always_on: account.always_on,
        }
    }
}

/// Why a session is being closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Farewell {
    /// What the peer is told in ERROR.
    pub(crate) error: String,
    /// What others are told in QUIT.
    pub(crate) quit: String,
    /// The label of the command that ERROR answers.
    pub(crate) label: Option<String>,
}

impl Farewell {
    /// Others are told the same as the peer.
    pub(crate) fn new(reason: &str) -> Self {
        Self { error: reason.to_owned(), quit: reason.to_owned(), label: None }
    }
}

impl Session {
    pub(crate) fn new(id: SessionId, peer: Peer, outbound: Arc<Outbound>) -> Arc<Self> {
        Arc::new(Self {
            id,
            peer,
            client: OnceLock::new(),
            outbound,
            cap_302: AtomicBool::new(false),
            user: OnceLock::new(),
            login: Mutex::new(None),
            closing: Mutex::new(None),
            is_closing: AtomicBool::new(false),
        })
    }

    pub(crate) fn capabilities(&self) -> CapabilitySet {
        self.outbound.capabilities()
    }

    pub(crate) fn set_capabilities(&self, capabilities: CapabilitySet) {
        self.outbound.set_capabilities(capabilities);
    }

    /// Takes away capabilities that there are no longer; says which of them it had.
    pub(crate) fn withdraw(&self, gone: CapabilitySet) -> CapabilitySet {
        self.outbound.withdraw(gone)
    }

    /// Whether it knows version 302 of capability negotiation.
    pub(crate) fn cap_302(&self) -> bool {
        self.cap_302.load(Ordering::Relaxed)
    }

    pub(crate) fn set_cap_302(&self) {
        self.cap_302.store(true, Ordering::Relaxed);
    }

    pub(crate) fn has(&self, capability: Capability) -> bool {
        self.capabilities().contains(capability)
    }

    /// The user it belongs to, once registered.
    pub(crate) fn user(&self) -> Option<&Arc<User>> {
        self.user.get()
    }

    pub(crate) fn belongs_to(&self, user: Arc<User>) {
        let first = self.user.set(user).is_ok();
        debug_assert!(first, "a session registers once");
    }

    /// From now on the client is somebody else, for whom its peer speaks.
    pub(crate) fn is_from(&self, client: Peer) {
        let first = self.client.set(client).is_ok();
        debug_assert!(first, "a gateway speaks once");
    }

    /// Whether its peer speaks for somebody else.
    pub(crate) fn is_spoken_for(&self) -> bool {
        self.client.get().is_some()
    }

    fn client(&self) -> &Peer {
        self.client.get().unwrap_or(&self.peer)
    }

    /// Where the client is.
    pub(crate) fn peer(&self) -> SocketAddr {
        self.client().address
    }

    /// The client's address as it is shown: one that starts with a colon has a zero before it.
    pub(crate) fn address(&self) -> String {
        shown(self.client().address.ip())
    }

    /// What carries it.
    pub(crate) fn kind(&self) -> ConnectionKind {
        ConnectionKind::of(self.peer.is_websocket, self.peer.is_secure)
    }

    pub(crate) fn is_websocket(&self) -> bool {
        self.peer.is_websocket
    }

    /// Whether nobody on the way to the client can read along.
    pub(crate) fn is_secure(&self) -> bool {
        self.client().is_secure
    }

    /// Whether it may only ask where to connect by TLS.
    pub(crate) fn needs_tls(&self) -> bool {
        self.peer.needs_tls
    }

    /// The SHA-256 of the client's certificate in lower-case hex.
    pub(crate) fn certificate(&self) -> Option<&str> {
        self.client().certificate.as_deref()
    }

    /// The account it is logged in to, before registration as well.
    pub(crate) fn login(&self) -> Option<Login> {
        lock(&self.login).clone()
    }

    /// Logs in or out; returns what it was logged in to.
    pub(crate) fn set_login(&self, login: Option<Login>) -> Option<Login> {
        std::mem::replace(&mut lock(&self.login), login)
    }

    /// Whether it is logged in to this account.
    pub(crate) fn is_logged_in_to(&self, account: &AccountName) -> bool {
        lock(&self.login).as_ref().is_some_and(|login| login.account == *account)
    }

    /// Remembers why it is closed; the first reason counts. Its own thread does the closing.
    pub(crate) fn close(&self, farewell: Farewell) {
        lock(&self.closing).get_or_insert(farewell);
        self.is_closing.store(true, Ordering::Release);
    }

    /// Like [`Session::close`], from another thread: the connection's own looks up.
    pub(crate) fn end(&self, farewell: Farewell) {
        self.close(farewell);
        self.outbound.interrupt();
    }

    /// Puts a label on the farewell, if there is one by now; says whether there is.
    pub(crate) fn label_farewell(&self, label: &str) -> bool {
        let mut closing = lock(&self.closing);
        closing.as_mut().map(|farewell| farewell.label = Some(label.to_owned())).is_some()
    }

    /// Why it is being closed, if it is.
    pub(crate) fn closing(&self) -> Option<Farewell> {
        if self.is_closing() { lock(&self.closing).clone() } else { None }
    }

    /// Whether it is being closed.
    pub(crate) fn is_closing(&self) -> bool {
        self.is_closing.load(Ordering::Acquire)
    }
}

fn shown(address: IpAddr) -> String {
    let address = address.to_canonical().to_string();
    if address.starts_with(':') { format!("0{address}") } else { address }
}
