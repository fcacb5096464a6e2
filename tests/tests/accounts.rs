//! Accounts on the command line, beside a server that runs.

use chat_tests::{Client, Server, administration};
use tempfile::TempDir;

const CONFIG: &str = "[accounts]\nscram_iterations = 4096\nregistration = \"invitation\"\n";
/// The password `correcthorse` of the account alice, for SASL PLAIN.
const ALICE: &str = "AUTHENTICATE AGFsaWNlAGNvcnJlY3Rob3JzZQ==";
/// The same of the account dave.
const DAVE: &str = "AUTHENTICATE AGRhdmUAY29ycmVjdGhvcnNl";

#[test]
fn accounts_are_made_and_changed_beside_a_running_server() {
    let data = folder();
    let server = Server::start_with_data(data.path(), CONFIG);
    succeeds(&data, &["account", "add", "alice", "--oper"], "correcthorse");
    let mut alice = comes(&server, "alice", ALICE);
    // The first account needs no other way to become an IRC operator.
    alice.awaits("381 alice :*");
    alice.awaits("MODE alice +o");

    succeeds(&data, &["account", "revoke-oper", "alice"], "");
    alice.awaits("MODE alice -o");
    succeeds(&data, &["account", "grant-oper", "alice"], "");
    alice.awaits("MODE alice +o");

    succeeds(&data, &["account", "passwd", "alice"], "batterystaple");
    let mut other = Client::unregistered(&server, "other");
    other.says("AUTHENTICATE PLAIN");
    other.awaits("AUTHENTICATE +");
    other.says(ALICE);
    other.awaits("904 …");
    succeeds(&data, &["account", "passwd", "alice"], "correcthorse");

    succeeds(&data, &["account", "suspend", "alice", "--reason", "too loud", "--for", "7d"], "");
    alice.awaits("ERROR :*too loud*");
    let list = succeeds(&data, &["account", "list"], "");
    assert!(list.starts_with("alice ") && list.contains(" oper suspended: too loud"), "{list}");
    other.says("AUTHENTICATE PLAIN");
    other.awaits("AUTHENTICATE +");
    other.says(ALICE);
    other.awaits("902 * :*too loud");
    succeeds(&data, &["account", "unsuspend", "alice"], "");
    logs_in(&mut other, ALICE);
    succeeds(&data, &["account", "drop", "alice"], "");
    other.awaits("ERROR :*Your account is gone*");
    assert_eq!(succeeds(&data, &["account", "list"], ""), "");
}

#[test]
fn a_nickname_is_given_up_to_the_account_of_its_name() {
    let data = folder();
    let server = Server::start_with_data(data.path(), CONFIG);
    let mut guest = Client::registered(&server, "alice");
    succeeds(&data, &["account", "add", "alice"], "correcthorse");
    guest.awaits(":alice!* NICK Guest*");
    comes(&server, "alice", ALICE).awaits("001 alice :*");
}

#[test]
fn who_is_away_loses_its_role_as_well() {
    let data = folder();
    let server = Server::start_with_data(data.path(), CONFIG);
    succeeds(&data, &["account", "add", "alice", "--oper"], "correcthorse");
    succeeds(&data, &["account", "add", "dave"], "correcthorse");
    let mut alice = comes(&server, "alice", ALICE);
    alice.awaits("381 alice :*");
    alice.says("NS SET ALWAYS-ON ON");
    alice.awaits("NOTICE alice :Your setting is changed");
    alice.says("QUIT");
    alice.reads_to_end();

    // Once the second change is seen, what came before the first has been looked at.
    let mut dave = comes(&server, "dave", DAVE);
    succeeds(&data, &["account", "revoke-oper", "alice"], "");
    succeeds(&data, &["account", "grant-oper", "dave"], "");
    dave.awaits("MODE dave +o");
    succeeds(&data, &["account", "revoke-oper", "dave"], "");
    dave.awaits("MODE dave -o");
    let mut alice = comes(&server, "alice", ALICE);
    alice.says("WALLOPS :still here");
    alice.awaits("481 alice :*");
}

#[test]
fn an_account_is_an_operator_of_a_role() {
    const ROLE: &str = "[[oper_roles]]\nname = \"moderator\"\nprivileges = [\"wallops\"]\n";
    let data = folder();
    let config = format!("{CONFIG}{ROLE}");
    std::fs::write(data.path().join("config.toml"), &config).expect("the folder is writable");
    let server = Server::start_with_data(data.path(), &config);
    succeeds(&data, &["account", "add", "alice", "--oper", "--role", "moderator"], "correcthorse");
    let mut alice = comes(&server, "alice", ALICE);
    alice.awaits("381 alice :You are now an IRC operator (moderator): wallops");
    alice.says("KILL alice :x");
    alice.awaits("723 alice kill :*");
    succeeds(&data, &["account", "add", "dave"], "correcthorse");
    let mut dave = comes(&server, "dave", DAVE);
    dave.awaits("001 …");

    // With another role it goes on as an operator, who may do other things.
    succeeds(&data, &["account", "grant-oper", "alice"], "");
    succeeds(&data, &["account", "grant-oper", "dave", "--role", "moderator"], "");
    dave.awaits("MODE dave +o");
    alice.says("NS SUSPEND nobody");
    alice.awaits("NOTICE alice :There is no such account");
    let list = succeeds(&data, &["account", "list"], "");
    let [first, second] = list.lines().collect::<Vec<_>>()[..] else { panic!("{list}") };
    assert!(first.ends_with(" oper") && second.ends_with(" oper (moderator)"), "{list}");

    let arguments = ["account", "grant-oper", "alice", "--role", "janitor"];
    let file = data.path().join("config.toml");
    let config = ["--config", file.to_str().expect("its name is text")];
    let why = administration::fails(data.path(), &[&arguments[..], &config].concat(), "");
    assert!(why.contains("no [[oper_roles]] named \"janitor\""), "{why}");
    // Where it is not said which are configured, one that is not makes nobody an operator.
    administration::succeeds(data.path(), &arguments, "");
    alice.awaits("MODE alice -o");
}

#[test]
fn a_room_is_not_offered_to_an_account_that_is_gone() {
    let data = folder();
    let server = Server::start_with_data(data.path(), CONFIG);
    succeeds(&data, &["account", "add", "alice"], "correcthorse");
    succeeds(&data, &["account", "add", "dave"], "correcthorse");
    let mut dave = comes(&server, "dave", DAVE);
    dave.awaits("001 …");
    dave.says("JOIN #club");
    dave.says("CS REGISTER #club");
    dave.says("CS TRANSFER #club alice");
    dave.awaits("NOTICE dave :#club is offered to alice*");

    // Once the second change is seen, what came before the first has been looked at.
    succeeds(&data, &["account", "drop", "alice"], "");
    for (command, mode) in [("grant-oper", "+o"), ("revoke-oper", "-o")] {
        succeeds(&data, &["account", command, "dave"], "");
        dave.awaits(&format!("MODE dave {mode}"));
    }
    succeeds(&data, &["account", "add", "alice"], "correcthorse");
    let mut alice = comes(&server, "alice", ALICE);
    alice.awaits("001 …");
    alice.says("CS TRANSFER #club");
    alice.awaits("NOTICE alice :#club is not offered to you");
}

#[test]
fn an_invitation_lets_one_person_register() {
    let data = folder();
    let server = Server::start_with_data(data.path(), CONFIG);
    let codes = succeeds(&data, &["invite", "--count", "2"], "");
    let codes: Vec<&str> = codes.lines().collect();
    assert_eq!(codes.len(), 2);
    let mut alice = Client::registered(&server, "alice");
    alice.says("REGISTER * * correcthorse");
    alice.awaits("REGISTER VERIFICATION_REQUIRED alice :*");
    alice.says(&format!("VERIFY alice {}", codes[0]));
    alice.awaits("VERIFY SUCCESS alice :*");
    alice.awaits("900 alice * alice :*");

    let mut bob = Client::registered(&server, "bob");
    bob.says(&format!("NS REGISTER correcthorse {}", codes[0]));
    bob.awaits("NOTICE bob :This code is unknown, used or expired");
    bob.says(&format!("NS REGISTER correcthorse bob@example.org {}", codes[1]));
    bob.awaits("900 bob * bob :*");
}

#[test]
fn what_an_account_has_said_is_erased_beside_a_running_server() {
    let data = folder();
    let config = format!("[rooms]\ndefault = [\"#club\"]\n{CONFIG}");
    let server = Server::start_with_data(data.path(), &config);
    succeeds(&data, &["account", "add", "alice"], "correcthorse");
    let mut alice = Client::unregistered(&server, "visitor");
    let capabilities = ["echo-message", "message-tags", "batch", "draft/chathistory"];
    alice.register(&capabilities.map(str::to_owned)).expect("the server lets it in");
    alice.says("NS IDENTIFY alice correcthorse");
    alice.awaits("900 visitor * alice :*");
    alice.says("JOIN #club");
    alice.awaits("366 * #club :*");
    let mut shows = |texts: &[&str], source: &str| {
        alice.says("CHATHISTORY LATEST #club * 10");
        alice.awaits("BATCH * chathistory #club");
        for text in texts {
            alice.gets(&format!(":{source} PRIVMSG #club :{text}"));
        }
        alice.gets("BATCH *");
        alice.says("PRIVMSG #club :said");
        alice.awaits(":visitor!* PRIVMSG #club :said");
    };
    shows(&[], "");
    shows(&["said"], "visitor!*");
    succeeds(&data, &["account", "erase", "alice", "--author"], "");
    shows(&["said", "said"], "erased!erased@erased");
    succeeds(&data, &["account", "erase", "Alice", "--messages"], "");
    shows(&["said", "said"], "erased!erased@erased");
    let shown = succeeds(&data, &["history", "export", "club"], "");
    assert!(shown.contains("<erased> said"), "{shown}");
    let unknown = ["account", "erase", "nobody", "--messages"];
    let why = administration::fails(data.path(), &unknown, "");
    assert!(why.contains("there is no account nobody"), "{why}");
    let both = ["account", "erase", "alice", "--messages", "--author"];
    for unclear in [&both[..], &both[..3]] {
        let output = administration::run(data.path(), unclear, "");
        assert_eq!(output.status.code(), Some(2), "{unclear:?} asks for one of them");
    }
}

#[test]
fn mistakes_are_refused() {
    let data = folder();
    for (arguments, password, why) in [
        (&["account", "add", "1st"][..], "correcthorse", "can't be the name of an account"),
        (&["account", "add", "NickServ"], "correcthorse", "service"),
        (&["account", "add", "alice"], "short", "a password has 8 to 600 bytes"),
        (&["account", "add", "alice", "--email", "x"], "correcthorse", "no e-mail address"),
        (&["account", "passwd", "alice"], "correcthorse", "there is no account alice"),
        (&["account", "suspend", "alice"], "", "there is no account alice"),
        (&["account", "drop", "alice"], "", "there is no account alice"),
        (&["invite", "--expires", "soon"], "", "is no duration"),
    ] {
        let errors = administration::fails(data.path(), arguments, password);
        assert!(errors.contains(why), "{arguments:?}: {errors}");
    }
    succeeds(&data, &["account", "add", "alice"], "correcthorse");
    let again = administration::fails(data.path(), &["account", "add", "Alice"], "correcthorse");
    assert!(again.contains("there is an account"), "{again}");
}

fn comes(server: &Server, name: &str, password: &str) -> Client {
    let mut client = Client::unregistered(server, name);
    client.says("CAP LS 302");
    logs_in(&mut client, password);
    client.says(&format!("NICK {name}"));
    client.says(&format!("USER {name} 0 * :Somebody"));
    client.says("CAP END");
    client
}

/// `password` as SASL PLAIN has it.
fn logs_in(client: &mut Client, password: &str) {
    client.says("AUTHENTICATE PLAIN");
    client.awaits("AUTHENTICATE +");
    client.says(password);
    client.awaits("903 …");
}

fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    // Fewer rounds than by default: a build for tests hashes slowly.
    std::fs::write(folder.path().join("config.toml"), CONFIG).expect("the folder is writable");
    folder
}

/// Runs `chat-server` to its end; says what it prints.
#[track_caller]
fn succeeds(data: &TempDir, arguments: &[&str], password: &str) -> String {
    let config = data.path().join("config.toml");
    let config = ["--config", config.to_str().expect("its name is text")];
    administration::succeeds(data.path(), &[arguments, &config].concat(), password)
}
