//! Logins that no transport can bring about yet, those that take long, and several at one time.

use std::io::{self, IoSlice};
use std::sync::Arc;

use chat_protocol::Nickname;
use chat_store::{Account, AccountChange, AccountName, Durability, Suspension};
use tempfile::TempDir;

use crate::accounts::new_account::new_account;
use crate::accounts::verifier;
use crate::config::Config;
use crate::data;
use crate::outbound::{Delivery, Flusher, Outbound, Wire};
use crate::server::{Origin, Server, Setup};
use crate::state::session::{Login, Peer, Session};
use crate::state::user::Profile;

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
    server.store.create_account(&account, None, None).unwrap();

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
fn a_name_without_an_account_has_the_iterations_that_accounts_have() {
    let (server, session, _directory) = server();
    let iterations =
        |name| server.begin_login(&session, &AccountName::new(name)).unwrap().1.iterations;
    let configured = server.config().accounts.scram_iterations;
    assert_eq!(iterations("ghost"), configured);
    server.store.create_account(&alice(&server), None, None).unwrap();
    server.review_names().unwrap();
    assert_ne!(configured, verifier::ITERATIONS_MIN);
    assert_eq!(["alice", "ghost"].map(iterations), [verifier::ITERATIONS_MIN; 2]);
}

#[test]
fn a_login_that_takes_long_counts_by_what_the_account_is_at_its_end() {
    let (server, session, _directory) = server();
    let account = alice(&server);
    let begin = || server.begin_login(&session, &account.name).unwrap().0;
    let finish = |proved| server.finish_login(&session, &account.name, proved);
    server.store.create_account(&account, None, None).unwrap();

    let (first, second, third) = (begin(), begin(), begin());
    assert!(finish(first).is_ok());
    suspend(&server, &account);
    assert!(matches!(finish(second), Err(LoginError::Suspended(_))));
    let verifier = Some(Some(verifier::create("battery staple", verifier::ITERATIONS_MIN)));
    let change = AccountChange { verifier, suspension: Some(None), ..Default::default() };
    server.change_account(&account.name, None, |_| change.clone()).unwrap();
    assert!(matches!(finish(third), Err(LoginError::Wrong)));

    // Whoever has the name by then is somebody else.
    let fourth = begin();
    server.store.drop_account(&account.name, None).unwrap();
    server.store.create_account(&alice(&server), None, None).unwrap();
    assert!(matches!(finish(fourth), Err(LoginError::Wrong)));
}

#[test]
fn who_has_left_gets_no_nickname_and_stands_for_no_account() {
    let (server, session, _directory) = server();
    let mut delivery = Delivery::new(Flusher::new(1, Arc::default()));
    register(&server, &session, "alice");
    let user = session.user().unwrap();
    server.depart(&session, "bye", &mut delivery);

    // Its connection is there until its peer has heard the last words.
    let nickname = Nickname::parse("guest", 32).unwrap();
    let origin = Origin { user, session: None };
    server.rename(&nickname, origin, &mut delivery).unwrap();
    assert!(server.user("guest").is_none());
    let alicia = AccountName::new("alicia");
    let login = session.login().map(|login| Login { account: alicia.clone(), ..login });
    server.set_login(&session, login, None, &mut delivery);
    assert!(server.user_of_account(&alicia).is_none());
}

#[test]
fn sessions_that_come_at_the_same_moment_are_one_user() {
    let (server, _, _directory) = server();
    for _ in 0..100 {
        let sessions = [session(&server), session(&server)];
        std::thread::scope(|scope| {
            let both = sessions.iter().zip(["alice", "other"]);
            for (session, nickname) in both {
                let server = &server;
                scope.spawn(move || register(server, session, nickname));
            }
        });
        assert_eq!(server.user_count(), 1);
        for session in &sessions {
            server.depart(session, "bye", &mut Delivery::new(Flusher::new(1, Arc::default())));
        }
        assert_eq!(server.user_count(), 0);
    }
}

#[test]
fn who_is_always_on_is_not_away_with_a_device_that_comes_as_the_other_goes() {
    let (server, mut before, _directory) = server();
    register(&server, &before, "alice");
    let user = before.user().unwrap().clone();
    user.profile().always_on = true;
    for _ in 0..1000 {
        let next = session(&server);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                server.depart(&before, "bye", &mut Delivery::new(Flusher::new(1, Arc::default())));
            });
            scope.spawn(|| register(&server, &next, "alice"));
        });
        assert_eq!(user.profile().away, None);
        assert!(user.profile().absent_since.is_none());
        before = next;
    }
}

/// Registers a session that is logged in to the account alice.
fn register(server: &Server, session: &Arc<Session>, nickname: &str) {
    let account = AccountName::new("alice");
    let login = Login { account, is_oper: false, oper_role: None, created: 0, always_on: None };
    let nickname = Nickname::parse(nickname, 32).unwrap();
    let mut profile = Profile::new(nickname, "~user", "192.0.2.1", "Alice", 0);
    profile.log_in(Some(&login), false);
    session.set_login(Some(login));
    let mut delivery = Delivery::new(Flusher::new(1, Arc::default()));
    server.register(session, &profile, &mut delivery).unwrap();
}

fn session(server: &Server) -> Arc<Session> {
    let peer = Peer::at("192.0.2.1:1".parse().unwrap());
    Session::new(server.next_session_id(), peer, Outbound::new(Sink, 65_536, Arc::default()))
}

fn server() -> (Arc<Server>, Arc<Session>, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let store = data::open(directory.path(), Durability::Process).unwrap();
    let server = Server::new(Config::default(), store, Setup::of_a_test()).unwrap();
    let session = session(&server);
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
    server.change_account(&account.name, None, |_| change.clone()).unwrap();
}
