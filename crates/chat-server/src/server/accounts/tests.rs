//! Logins that no transport can bring about yet, by certificate, and those that take long.

use std::io::{self, IoSlice};
use std::sync::Arc;

use chat_store::{Account, AccountChange, AccountName, Durability, Suspension};
use tempfile::TempDir;

use crate::accounts::new_account::new_account;
use crate::accounts::verifier;
use crate::config::Config;
use crate::data;
use crate::outbound::{Outbound, Wire};
use crate::server::Server;
use crate::state::session::Session;

use super::LoginError;

/// A peer that takes everything.
struct Sink;

impl Wire for Sink {
    fn send(&self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        Ok(pieces.iter().map(|piece| piece.len()).sum())
    }

    fn park(&self, _: Arc<Outbound>) {}

    fn wake_reader(&self) {}
}

#[test]
fn a_certificate_logs_in_to_the_account_that_has_it() {
    let (server, session, _directory) = server();
    let (known, unknown) = ("ab".repeat(32), "cd".repeat(32));
    let account = Account { certificates: vec![known.clone()], ..alice(&server) };
    server.store.create_account(&account, None).unwrap();

    let found = server.check_certificate(&session, &known).unwrap();
    assert_eq!(found.name, account.name);
    let refused = server.check_certificate(&session, &unknown);
    assert!(matches!(refused, Err(LoginError::Wrong)), "{refused:?}");

    suspend(&server, &account);
    let refused = server.check_certificate(&session, &known);
    assert!(
        matches!(&refused, Err(LoginError::Suspended(why)) if why == "too loud"),
        "{refused:?}"
    );
}

#[test]
fn a_login_that_takes_long_counts_by_what_the_account_is_at_its_end() {
    let (server, session, _directory) = server();
    let account = alice(&server);
    let begin = || server.begin_login(&session, &account.name).unwrap().0;
    let finish = |proved| server.finish_login(&session, &account.name, proved);
    server.store.create_account(&account, None).unwrap();

    let (first, second, third) = (begin(), begin(), begin());
    assert!(finish(first).is_ok());
    suspend(&server, &account);
    assert!(matches!(finish(second), Err(LoginError::Suspended(_))));
    let verifier = Some(Some(verifier::create("battery staple", verifier::ITERATIONS_MIN)));
    let change = AccountChange { verifier, suspension: Some(None), ..Default::default() };
    server.change_account(&account.name, |_| change.clone()).unwrap();
    assert!(matches!(finish(third), Err(LoginError::Wrong)));

    // Whoever has the name by then is somebody else.
    let fourth = begin();
    server.store.drop_account(&account.name).unwrap();
    server.store.create_account(&alice(&server), None).unwrap();
    assert!(matches!(finish(fourth), Err(LoginError::Wrong)));
}

fn server() -> (Arc<Server>, Arc<Session>, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let store = data::open(directory.path(), Durability::Process).unwrap();
    let server = Server::new(Config::default(), store, None, [0; 32]).unwrap();
    let peer = "192.0.2.1:1".parse().unwrap();
    let session = Session::new(server.next_session_id(), peer, Outbound::new(Sink, 65_536));
    (server, session, directory)
}

fn alice(server: &Server) -> Account {
    let verifier = verifier::create("correct horse", verifier::ITERATIONS_MIN);
    new_account(AccountName::new("alice"), verifier, server.now_micros())
}

fn suspend(server: &Server, account: &Account) {
    let (by, reason) = ("oper".to_owned(), "too loud".to_owned());
    let suspension = Suspension { by, reason, since: 0, until: None };
    let change = AccountChange { suspension: Some(Some(suspension)), ..Default::default() };
    server.change_account(&account.name, |_| change.clone()).unwrap();
}
