//! How often a user does what others notice.

use chat_tests::{Client, Server};

use super::rehash;

const RATES: &str = "[throttle]\nexempt = []\nnickname_changes_burst = 2\n\
    nickname_change_seconds = 3600\njoins_burst = 2\njoin_seconds = 3600\ninvitations_burst = 2\n\
    invitation_seconds = 3600\ndirect_targets_burst = 2\ndirect_target_seconds = 3600\n";

#[test]
fn a_nickname_is_changed_so_often() {
    let server = Server::start(RATES);
    let mut alice = Client::registered(&server, "alice");
    for nickname in ["a1", "a1", "nosuch,nick", "a2"] {
        alice.says(&format!("NICK {nickname}"));
    }
    alice.is_served();
    alice.says("NICK a3");
    alice.gets("438 a2 a3 :Nickname change too fast, wait 3600 seconds");
    alice.says("NICK a2");
    alice.is_served();
}

#[test]
fn rooms_are_joined_so_often() {
    let server = Server::start(RATES);
    let mut alice = Client::registered(&server, "alice");
    alice.says("JOIN #a,#b,#a");
    alice.is_served();
    alice.says("JOIN #c");
    alice.gets("439 alice #c :Target change too fast, wait 3600 seconds");
}

#[test]
fn users_are_invited_so_often() {
    let server = Server::start(RATES);
    let mut alice = Client::registered(&server, "alice");
    let _guests = ["bob", "carol", "dave"].map(|it| Client::registered(&server, it));
    alice.says("JOIN #a");
    alice.says("INVITE alice #a");
    alice.awaits("443 …");
    for guest in ["bob", "carol"] {
        alice.says(&format!("INVITE {guest} #a"));
        alice.gets(&format!("341 alice {guest} #a"));
    }
    alice.says("INVITE dave #a");
    alice.gets("439 alice dave :Target change too fast, wait 3600 seconds");
}

#[test]
fn so_many_are_written_to_who_have_not_written_before() {
    let server = Server::start(RATES);
    let mut alice = Client::registered(&server, "alice");
    let mut others = ["bob", "carol", "dave", "eve"].map(|it| Client::registered(&server, it));
    for target in ["bob", "carol", "bob", "alice", "carol"] {
        alice.says(&format!("PRIVMSG {target} :hello"));
    }
    alice.awaits("PRIVMSG alice hello");
    alice.says("PRIVMSG dave :hello");
    alice.gets("439 alice dave :Target change too fast, wait 3600 seconds");
    alice.says("NOTICE dave :hello");
    alice.is_served();
    // Whoever has written is answered.
    let [_, _, dave, eve] = &mut others;
    eve.says("PRIVMSG alice :hello");
    alice.awaits("PRIVMSG alice hello");
    alice.says("PRIVMSG eve :hello");
    eve.awaits(":alice!* PRIVMSG eve hello");
    assert!(dave.drain().is_empty());
}

#[test]
fn who_is_exempt_and_operators_do_as_they_like() {
    let hash = Server::hash_password("secret");
    let oper = format!("[[opers]]\nname = \"admin\"\npassword = \"{hash}\"\n");
    let server = Server::start(&format!("{RATES}{oper}"));
    let mut alice = Client::registered(&server, "alice");
    let nicknames = |client: &mut Client, name: &str| {
        for at in 0..4 {
            client.says(&format!("NICK {name}{at}"));
            client.awaits(&format!("NICK {name}{at}"));
        }
    };
    alice.says("OPER admin secret");
    alice.awaits("381 …");
    nicknames(&mut alice, "op");
    let mut bob = Client::registered(&server, "bob");
    rehash(&server, "", 1);
    nicknames(&mut bob, "free");
}
