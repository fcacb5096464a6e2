//! What a new configuration changes while the server runs, and what it does not.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use chat_tests::server::write_config;
use chat_tests::{Client, Server, binaries};
use rustix::process::Signal;

const PASSWORD_HASH: &str =
    "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$fIbdC2xakJ6cNlONBQKde0ZQtJof49m9l+7mj3O30mA";

/// A configuration that knows the operator "admin".
fn with_oper(config: &str) -> String {
    format!("{config}\n[[opers]]\nname = \"admin\"\npassword = \"{PASSWORD_HASH}\"\n")
}

/// An operator.
fn oper(server: &Server) -> Client {
    let mut oper = Client::registered(server, "oper");
    oper.says("OPER admin secret");
    oper.awaits("MODE oper +o");
    oper
}

/// Has the configuration read again, which is valid.
#[track_caller]
fn rehash(oper: &mut Client) {
    oper.says("REHASH");
    oper.awaits("382 …");
    oper.awaits("NOTICE oper :The configuration has been read again");
}

#[test]
fn what_is_read_when_it_is_needed_follows() {
    let server = Server::start(&with_oper("motd = \"old\""));
    let mut oper = oper(&server);
    let hash = Server::hash_password("open");
    server.reconfigure(&format!(
        "motd = \"new\"\npassword = \"{hash}\"\n[limits]\nnickname_chars_max = 5"
    ));
    rehash(&mut oper);
    let mut stranger = Client::unregistered(&server, "late");
    stranger.says("NICK longname");
    stranger.gets("432 * longname :*");
    stranger.says("PASS :open");
    stranger.says("NICK late");
    stranger.says("USER late 0 * :Late");
    stranger.awaits("372 late :*new");
    let mut refused = Client::unregistered(&server, "other");
    refused.says("NICK other");
    refused.says("USER other 0 * :Other");
    refused.awaits("464 …");
    // The operator's block is gone, so nobody becomes one any more.
    stranger.says("OPER admin secret");
    stranger.awaits("464 …");
}

#[test]
fn clients_are_told_what_is_supported_now() {
    let server = Server::start(&with_oper(""));
    let mut oper = oper(&server);
    let mut alice = Client::registered(&server, "alice");
    server.reconfigure(&with_oper("[limits]\ntopic_bytes_max = 60\n[history]\nenabled = false\n"));
    rehash(&mut oper);
    alice.gets("005 alice TOPICLEN=60 -CHATHISTORY -MSGREFTYPES :are supported by this server");
    alice.silent().expect("nothing else is different");
    let mut late = Client::unregistered(&server, "late");
    late.says("NICK late");
    late.says("USER late 0 * :Late");
    late.awaits("005 … TOPICLEN=60 …");
    alice.says("JOIN #own");
    alice.awaits("366 …");
    alice.says(&format!("TOPIC #own :{}", "x".repeat(100)));
    alice.awaits(&format!("TOPIC #own {}", "x".repeat(60)));
}

#[test]
fn capabilities_come_and_go() {
    let off = with_oper("[accounts]\nregistration = \"off\"\n[history]\nenabled = false\n");
    let server = Server::start(&with_oper(""));
    let mut oper = oper(&server);
    let caps = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let mut modern = Client::unregistered(&server, "modern");
    modern.says("CAP LS 302");
    modern.awaits("CAP * LS *");
    modern.register(&caps(&["draft/chathistory", "batch"])).expect("it is welcomed");
    let mut notified = Client::unregistered(&server, "notified");
    notified.register(&caps(&["cap-notify"])).expect("it is welcomed");
    let mut simple = Client::unregistered(&server, "simple");
    simple.register(&caps(&["draft/chathistory"])).expect("it is welcomed");

    server.reconfigure(&off);
    rehash(&mut oper);
    const OF_HISTORY: &str = "chat-server/id draft/account-registration draft/chathistory \
         draft/event-playback draft/message-redaction soju.im/search";
    for client in [&mut modern, &mut notified] {
        client.gets(&format!("CAP * DEL :{OF_HISTORY}"));
        client.gets("005 * -CHATHISTORY -MSGREFTYPES :*");
        client.silent().expect("nothing else is different");
    }
    simple.gets("005 * -CHATHISTORY -MSGREFTYPES :*");
    simple.silent().expect("it has not asked to be told");
    for client in [&mut modern, &mut simple] {
        client.says("CAP LIST");
        let list = client.awaits("CAP * LIST *");
        assert!(!list.as_str().contains("chathistory"), "{list:?}");
    }

    server.reconfigure(&with_oper("[accounts]\nregister_before_connect = false\n"));
    rehash(&mut oper);
    modern.gets(
        "CAP modern NEW :chat-server/id draft/account-registration=custom-account-name \
         draft/chathistory draft/event-playback draft/message-redaction soju.im/search",
    );
    modern.awaits("005 * CHATHISTORY=* MSGREFTYPES=* :*");
    notified.gets(&format!("CAP notified NEW :{OF_HISTORY}"));
    // A value is told to those who know values.
    server.reconfigure(&with_oper(""));
    rehash(&mut oper);
    modern.gets("CAP modern NEW :draft/account-registration=before-connect,custom-account-name");
    notified.awaits("005 …");
    notified.silent().expect("it does not know values");
}

#[test]
fn the_privileges_of_a_role_follow() {
    let with_role = |privileges: &str| {
        let oper = format!("[[opers]]\nname = \"mod\"\npassword = \"{PASSWORD_HASH}\"\n");
        let role = format!("[[oper_roles]]\nname = \"mod\"\nprivileges = [{privileges}]\n");
        format!("{oper}role = \"mod\"\n{role}")
    };
    let server = Server::start(&with_role("\"kill\""));
    let mut mods = Client::registered(&server, "mods");
    mods.says("OPER mod secret");
    mods.awaits("MODE mods +o");
    mods.says("REHASH");
    mods.gets("723 mods rehash :*");
    server.reconfigure(&with_role("\"rehash\", \"audit\""));
    server.signal(Signal::HUP);
    server.awaits_log("The configuration has been read again");
    mods.says("REHASH");
    mods.awaits("NOTICE mods :The configuration has been read again");
    mods.says("KILL mods :me");
    mods.gets("723 mods kill :*");
    mods.says("AUDIT");
    mods.awaits("NOTICE mods :*REHASH*");
    // A role that is gone is nobody's.
    server.reconfigure("");
    mods.is_served();
    mods.says("REHASH");
    mods.awaits("MODE mods -o");
    mods.says("REHASH");
    mods.awaits("481 …");
}

#[test]
fn who_is_no_longer_configured_is_no_operator_any_more() {
    let server = Server::start(&with_oper(""));
    let mut oper = oper(&server);
    // A role of its own, and then none.
    let role = "role = \"mod\"\n[[oper_roles]]\nname = \"mod\"\nprivileges = [\"rehash\"]\n";
    server.reconfigure(&format!("{}{role}", with_oper("")));
    rehash(&mut oper);
    oper.says("KILL oper :me");
    oper.awaits("723 oper kill :*");
    server.reconfigure("");
    oper.says("REHASH");
    oper.awaits("MODE oper -o");
    oper.says("REHASH");
    oper.awaits("481 …");
}

#[test]
fn rooms_become_the_servers_own_and_stop_being_it() {
    let server = Server::start(&with_oper("[rooms]\ndefault = [\"#old\"]\n"));
    let mut oper = oper(&server);
    let mut alice = Client::registered(&server, "alice");
    alice.says("JOIN #new");
    alice.awaits("353 alice = #new @alice");
    server.reconfigure(&with_oper("[rooms]\ndefault = [\"#new\", \"#empty\"]\n"));
    rehash(&mut oper);
    alice.awaits(":ChanServ!* MODE #new -o alice");
    oper.says("LIST");
    let mut listed: Vec<String> = Vec::new();
    loop {
        let line = oper.receive().expect("it answers").expect("it stays");
        match line.parts().command {
            "322" => listed.push(line.parts().params[1].to_owned()),
            "323" => break,
            _ => {}
        }
    }
    listed.sort();
    assert_eq!(listed, ["#empty", "#new"]);
    alice.says("JOIN #old");
    alice.awaits("353 alice = #old @alice");
    alice.says("JOIN #empty");
    alice.awaits("353 alice = #empty alice");
}

#[test]
fn history_is_kept_from_now_on_or_no_longer() {
    let server = Server::start(&with_oper("[history]\nenabled = false\n"));
    let mut oper = oper(&server);
    let capabilities = ["cap-notify", "message-tags", "echo-message", "batch"].map(str::to_owned);
    let mut alice = Client::unregistered(&server, "alice");
    alice.register(&capabilities).expect("it is welcomed");
    alice.says("JOIN #general");
    alice.says("PRIVMSG #general :not kept");
    alice.is_served();
    server.reconfigure(&with_oper(""));
    rehash(&mut oper);
    alice.says("CAP REQ draft/chathistory");
    alice.says("PRIVMSG #general :kept");
    alice.is_served();
    server.reconfigure(&with_oper("[history]\nenabled = false\n"));
    rehash(&mut oper);
    alice.says("PRIVMSG #general :not kept either");
    server.reconfigure(&with_oper(""));
    alice.is_served();
    rehash(&mut oper);
    alice.says("CAP REQ draft/chathistory");
    alice.says("CHATHISTORY LATEST #general * 10");
    alice.awaits("BATCH * chathistory #general");
    alice.gets("PRIVMSG #general kept");
    alice.gets("BATCH *");
}

#[test]
fn a_wrong_file_changes_nothing_and_is_named() {
    let server = Server::start(&with_oper("motd = \"old\""));
    let mut oper = oper(&server);
    server.reconfigure("motd = \"new\"\n[limits]\nnickname_chars_max = 0\n");
    oper.says("REHASH");
    oper.awaits("382 …");
    oper.gets("FAIL REHASH INVALID_CONFIG :*config.toml*line 6*nickname_chars_max*from 1 to 128*");
    oper.silent().expect("there is nothing more to say");
    oper.says("MOTD");
    oper.awaits("372 oper :*old");
    server.reconfigure("motd = \"new\"\nnonsense = 0\n");
    server.signal(Signal::HUP);
    server.awaits_log("line 5, column 1: unknown field `nonsense`");
    server.reconfigure("motd = \"new\"\n");
    server.signal(Signal::HUP);
    server.awaits_log("The configuration has been read again");
    oper.says("MOTD");
    oper.awaits("372 oper :*new");
}

#[test]
fn what_takes_a_restart_is_said() {
    let server = Server::start(&with_oper(""));
    let mut oper = oper(&server);
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let config =
        with_oper("[history]\ndurability = \"process\"\n[limits]\nmessage_bytes_max = 600\n");
    server.reconfigure(&config);
    oper.says("REHASH");
    oper.awaits("382 …");
    oper.gets("NOTICE oper :history.durability has changed: that takes a restart");
    oper.gets("NOTICE oper :limits.message_bytes_max has changed: that takes a restart");
    oper.gets("NOTICE oper :The configuration has been read again");
    server.awaits_log("history.durability has changed: that takes a restart");
    drop(folder);
}

#[test]
fn the_limit_of_connections_follows() {
    let server = Server::start(&with_oper(""));
    let mut oper = oper(&server);
    server.reconfigure(&with_oper("[limits]\nconnections_max = 1\n"));
    rehash(&mut oper);
    let mut late = Client::unregistered(&server, "late");
    late.gets("ERROR :*full*");
}

/// What `chat-server check` says on stdout and stderr, and its exit status.
fn check(config: &str, arguments: &[&str]) -> (String, Option<i32>) {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let file = write_config(folder.path(), config);
    let private = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(&file, private).expect("the file is ours");
    let output = Command::new(binaries::chat_server())
        .args(["check", "--config"])
        .arg(&file)
        .args(arguments)
        .current_dir(folder.path())
        .output()
        .expect("it can be run");
    let said = [output.stdout, output.stderr].concat();
    (String::from_utf8(said).expect("it says text"), output.status.code())
}

#[test]
fn a_configuration_can_be_checked_without_a_server() {
    let absolute = "data = \"/tmp\"\n";
    let (said, status) = check(absolute, &["--strict"]);
    assert!(status == Some(0) && said.ends_with("config.toml is valid\n"), "{said}");
    let (said, status) = check("motd = 3\n", &[]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("config.toml is not a valid configuration: line 4, column 8"), "{said}");
    let (said, status) = check("", &[]);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("warning: server.data"), "{said}");
    let (said, status) = check("", &["--strict"]);
    assert_eq!(status, Some(1), "{said}");
}
