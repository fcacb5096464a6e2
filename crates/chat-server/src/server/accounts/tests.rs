//! Logins that no transport can bring about yet: by certificate.

use std::io::{self, IoSlice};
use std::sync::Arc;

use chat_store::{Account, AccountChange, AccountName, Durability, Suspension};

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
    let directory = tempfile::tempdir().unwrap();
    let store = data::open(directory.path(), Durability::Process).unwrap();
    let server = Server::new(Config::default(), store, None, [0; 32]).unwrap();
    let peer = "192.0.2.1:1".parse().unwrap();
    let session = Session::new(server.next_session_id(), peer, Outbound::new(Sink, 65_536));
    let (known, unknown) = ("ab".repeat(32), "cd".repeat(32));
    let verifier = verifier::create("correct horse", verifier::ITERATIONS_MIN);
    let account = new_account(AccountName::new("alice"), verifier, server.now_micros());
    let account = Account { certificates: vec![known.clone()], ..account };
    server.store.create_account(&account, None).unwrap();

    let found = server.check_certificate(&session, &known).unwrap();
    assert_eq!(found.name, account.name);
    let refused = server.check_certificate(&session, &unknown);
    assert!(matches!(refused, Err(LoginError::Wrong)), "{refused:?}");

    let (by, reason) = ("oper".to_owned(), "too loud".to_owned());
    let suspension = Suspension { by, reason, since: 0, until: None };
    let change = AccountChange { suspension: Some(Some(suspension)), ..Default::default() };
    server.change_account(&account.name, |_| change.clone()).unwrap();
    let refused = server.check_certificate(&session, &known);
    assert!(
        matches!(&refused, Err(LoginError::Suspended(why)) if why == "too loud"),
        "{refused:?}"
    );
}
