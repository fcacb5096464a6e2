//! Bans from the server: where they count, and on the command line beside a server that runs.

use std::net::Ipv4Addr;

use chat_tests::{Client, Server, administration};
use tempfile::TempDir;

const CONFIG: &str = "
[[opers]]
name = \"admin\"
password = \"$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$fIbdC2xakJ6cNlONBQKde0ZQtJof49m9l+7mj3O30mA\"
[accounts]
scram_iterations = 4096
";
/// Not where operators are.
const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

#[test]
fn a_banned_address_is_refused_before_it_says_anything() {
    let server = Server::start(CONFIG);
    let mut admin = oper(&server);
    let mut silent = Client::unregistered_from(&server, "silent", ELSEWHERE);
    let mut bob = Client::unregistered_from(&server, "bob", ELSEWHERE);
    bob.register(&[]).expect("nobody is banned yet");
    admin.says("DLINE 127.0.0.2/31 :too many of you");
    admin.awaits("NOTICE admin :Banned 127.0.0.2/31; disconnected: 1");
    bob.gets("ERROR :Closing Link: 127.0.0.2 (Banned: too many of you)");
    assert!(bob.reads_to_end().is_empty());
    // Who has said nothing is nobody yet.
    silent.says("NICK silent");
    silent.gets("ERROR :Closing Link: * (Banned: too many of you)");
    assert!(silent.reads_to_end().is_empty());

    let mut refused = Client::unregistered_from(&server, "refused", ELSEWHERE);
    refused.gets("ERROR :Closing Link: * (Banned: too many of you)");
    assert!(refused.reads_to_end().is_empty());
    Client::registered(&server, "carol").is_served();

    admin.says("UNDLINE 127.0.0.3/31");
    admin.awaits("NOTICE admin :127.0.0.2/31 is no longer banned");
    let mut free = Client::unregistered_from(&server, "free", ELSEWHERE);
    free.register(&[]).expect("it is no longer banned");
}

#[test]
fn who_is_killed_is_not_heard_any_more() {
    let server = Server::start(CONFIG);
    let mut admin = oper(&server);
    for round in 0..200 {
        let mut bob = Client::registered(&server, &format!("bob{round}"));
        admin.says(&format!("KILL bob{round} :enough"));
        admin.is_served();
        // The socket may be closed already.
        let _ = bob.write(b"PRIVMSG admin :one more thing\r\n");
        bob.awaits("ERROR :*(Killed (admin (enough)))");
        bob.reads_to_end();
        let heard = admin.drain();
        let spoke = heard.iter().find(|line| line.as_str().contains("one more thing"));
        assert_eq!(spoke, None);
    }
}

#[test]
fn a_mask_may_hold_a_network() {
    let server = Server::start(CONFIG);
    let mut admin = oper(&server);
    admin.says("KLINE *!~user@127.0.0.2/31 :not from there");
    admin.awaits("NOTICE admin :Banned *!~user@127.0.0.2/31; *");
    let mut bob = Client::unregistered_from(&server, "bob", ELSEWHERE);
    bob.says("NICK bob");
    bob.says("USER user 0 * :Bob");
    bob.gets("465 bob :*not from there");
    bob.gets("ERROR :*(Banned: not from there)");
    let mut other = Client::unregistered_from(&server, "other", ELSEWHERE);
    other.says("NICK other");
    other.says("USER somebody 0 * :Other");
    other.awaits("001 other :*");
}

#[test]
fn a_ban_is_over_when_its_time_is() {
    let server = Server::start(CONFIG);
    let mut admin = oper(&server);
    admin.says("KLINE 2s bob!*@* :for a moment");
    admin.awaits("NOTICE admin :Banned bob!*@* for 2s; *");
    let mut refused = 0;
    loop {
        let mut bob = Client::unregistered(&server, "bob");
        bob.says("NICK bob");
        bob.says("USER bob 0 * :Bob");
        if bob.awaits("* …").parts().command == "001" {
            break;
        }
        refused += 1;
    }
    assert!(refused > 0, "the ban did not count");
    admin.says("KLINE");
    admin.gets("219 admin K :*");
}

#[test]
fn bans_are_set_and_lifted_beside_a_running_server() {
    let data = folder();
    let server = Server::start_with_data(data.path(), CONFIG);
    let mut bob = Client::registered(&server, "bob");
    let mut carol = Client::registered(&server, "carol");
    let said = succeeds(&data, &["ban", "add", "bob", "--reason", "spam", "--for", "7d"]);
    assert_eq!(said, "bob!*@* is banned\n");
    bob.awaits("ERROR :*(Banned: spam)");
    let mut again = Client::unregistered(&server, "bob");
    again.says("NICK bob");
    again.says("USER bob 0 * :Bob");
    again.awaits("465 bob :*spam");
    let list = succeeds(&data, &["ban", "list"]);
    assert!(list.starts_with("bob!*@* until 2") && list.ends_with("Z: spam\n"), "{list}");

    succeeds(&data, &["ban", "remove", "BOB!*@*"]);
    // Once the second change is seen, what came before it has been looked at.
    succeeds(&data, &["ban", "add", "~a:carol"]);
    succeeds(&data, &["ban", "add", "carol!*@*"]);
    carol.awaits("ERROR :*(Banned: No reason given)");
    Client::registered(&server, "bob").is_served();

    for (mask, why) in [("*", "it means too many"), ("0.0.0.0/0", "too many addresses")] {
        let refused = administration::fails(data.path(), &["ban", "add", mask], "");
        assert!(refused.contains(why), "{refused}");
    }
    let refused = administration::fails(data.path(), &["ban", "remove", "192.0.2.1"], "");
    assert!(refused.contains("192.0.2.1 is not banned"), "{refused}");
}

#[test]
fn who_stays_with_no_session_goes_with_the_account() {
    let data = folder();
    let mut server = Server::start_with_data(data.path(), CONFIG);
    let mut dave = Client::registered(&server, "dave");
    dave.says("NS REGISTER correcthorse");
    dave.says("NS SET ALWAYS-ON ON");
    dave.says("JOIN #club");
    dave.awaits("366 dave #club :*");
    dave.says("QUIT");
    dave.reads_to_end();
    let mut admin = oper(&server);
    admin.says("JOIN #club");
    admin.awaits("353 admin = #club :*dave*");
    admin.says("KLINE ~a:dave :evil");
    admin.awaits(":dave!* QUIT :Banned from this server");
    drop(admin);
    server.restart();
    let mut admin = oper(&server);
    admin.says("WHOIS dave");
    admin.awaits("401 admin dave :*");
}

fn oper(server: &Server) -> Client {
    let mut admin = Client::registered(server, "admin");
    admin.says("OPER admin secret");
    admin.awaits("MODE admin +o");
    admin
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("there is room for a temporary folder")
}

#[track_caller]
fn succeeds(data: &TempDir, arguments: &[&str]) -> String {
    administration::succeeds(data.path(), arguments, "")
}
