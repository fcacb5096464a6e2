//! What others see in place of an address.

use chat_tests::{Client, Server};

const GATEWAY: &str =
    "[[webirc]]\npassword = \"a-long-secret-of-it\"\naddresses = [\"127.0.0.1\"]\n";
/// No part of an address that is shown to nobody.
const HIDDEN: &str = "192.0.2";

/// Registers somebody who comes from an address.
#[track_caller]
fn from(server: &Server, nickname: &str, address: &str) -> (Client, String) {
    let mut client = Client::unregistered(server, nickname);
    client.says(&format!("WEBIRC a-long-secret-of-it web host {address}"));
    client.register(&[]).expect("it is let in");
    client.says(&format!("WHOIS {nickname}"));
    let whois = client.awaits("311 …");
    let host = whois.parts().params[3].to_owned();
    client.awaits(&format!("338 {nickname} {nickname} {address} …"));
    client.is_served();
    (client, host)
}

#[track_caller]
fn shows_no_address(client: &mut Client) -> Vec<String> {
    let lines: Vec<String> = client.drain().iter().map(|it| it.as_str().to_owned()).collect();
    let telling = lines.iter().find(|line| line.contains(HIDDEN));
    assert_eq!(telling, None);
    lines
}

/// What somebody does who has an address, seen by those who are in a room with it.
fn lives(victim: &mut Client) {
    for line in [
        "JOIN #room",
        "PRIVMSG #room :hello",
        "TOPIC #room :about",
        "MODE #room +b nobody!*@*",
        "AWAY :gone",
        "AWAY",
        "SETNAME :Somebody",
        "NICK victim2",
        "NICK victim",
        "INVITE observer #room",
        "PRIVMSG observer :hello",
    ] {
        victim.says(line);
    }
    victim.is_served();
}

/// Says every command there is, with whatever could make it speak of the victim or the room.
fn asks_everything(observer: &mut Client) {
    observer.says("HELP");
    let commands: Vec<String> = shows_no_address(observer)
        .iter()
        .filter_map(|line| line.split_once(" 705 observer * :").map(|(_, names)| names.to_owned()))
        .flat_map(|names| names.split(' ').map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert!(commands.len() > 50, "{commands:?}");
    for command in commands.iter().filter(|it| !["QUIT", "OPER"].contains(&it.as_str())) {
        for params in [
            "",
            "victim",
            "#room",
            "victim victim",
            "#room victim",
            "victim #room",
            "LATEST #room * 100",
            "LATEST victim * 100",
            "in=#room;limit=100",
            "#room b",
            "victim %tcuihsnfdlaor",
            "#room %tcuihsnfdlaor",
            "*.ip %tcuihsnfdlaor",
            "L",
            "S",
        ] {
            observer.says(&format!("{command} {params}"));
            shows_no_address(observer);
        }
        observer.says("NICK observer");
        observer.says("JOIN #room");
    }
}

#[test]
fn nobody_is_shown_an_address_whatever_is_asked() {
    let server = Server::start(GATEWAY);
    let (mut victim, host) = from(&server, "victim", "192.0.2.77");
    assert!(host.ends_with(".ip") && host.len() == 29, "{host}");
    let mut observer = Client::unregistered(&server, "observer");
    let capabilities = [
        "message-tags",
        "batch",
        "draft/chathistory",
        "draft/event-playback",
        "extended-join",
        "userhost-in-names",
        "away-notify",
        "setname",
        "invite-notify",
        "extended-monitor",
        "multi-prefix",
        "server-time",
        "echo-message",
    ];
    observer.register(&capabilities.map(str::to_owned)).expect("it is let in");
    observer.says("MONITOR + victim,victim2");
    victim.says("JOIN #room");
    victim.says("PART #room");
    victim.is_served();
    lives(&mut victim);
    observer.says("JOIN #room");
    lives(&mut victim);
    let seen = shows_no_address(&mut observer);
    assert!(
        seen.iter().any(|line| line.contains(&format!("@{host} PRIVMSG observer"))),
        "{seen:?}"
    );
    asks_everything(&mut observer);
    observer.is_served();
    observer.says("WHO 192.0.2.*");
    observer.gets("315 observer 192.0.2.* :*");
    victim.says("QUIT :bye");
    observer.awaits("QUIT …");
    for line in ["WHOWAS victim", "WHOWAS victim2", "CHATHISTORY LATEST #room * 100"] {
        observer.says(line);
        shows_no_address(&mut observer);
    }
}

#[test]
fn it_is_found_by_nobody_but_who_may_see_it() {
    let hash = Server::hash_password("secret");
    let roles = [("sees", "see-addresses"), ("sees-not", "kill\", \"audit")].map(|(role, may)| {
        format!(
            "[[oper_roles]]\nname = \"{role}\"\nprivileges = [\"{may}\"]\n[[opers]]\nname = \
             \"{role}\"\npassword = \"{hash}\"\nrole = \"{role}\"\n"
        )
    });
    let server = Server::start(&format!("{GATEWAY}{}", roles.concat()));
    let (mut victim, host) = from(&server, "victim", "192.0.2.77");
    let questions = ["WHOIS victim", "WHO 192.0.2.77 %in", "WHO victim %in", "AUDIT who=192.0.2.*"];
    let mut found = Vec::new();
    for role in ["sees-not", "sees"] {
        let mut oper = Client::registered(&server, role);
        oper.says(&format!("OPER {role} secret"));
        oper.awaits("381 …");
        oper.is_served();
        let mut answers = Vec::new();
        for question in questions {
            oper.says(question);
            let lines = oper.drain();
            // What was asked stands in the last line.
            let found = lines.iter().filter(|it| !it.as_str().contains(" 315 "));
            answers.push(found.filter(|it| it.as_str().contains("192.0.2.77")).count());
        }
        found.push(answers);
    }
    assert_eq!(found, [[0, 0, 0, 0], [1, 1, 1, 0]]);
    victim.says("OPER sees-not secret");
    victim.awaits("381 …");
    let mut oper = Client::registered(&server, "reader");
    oper.says("OPER sees-not secret");
    oper.awaits("381 …");
    oper.says("AUDIT who=192.0.2.*");
    oper.awaits("NOTICE reader :End of audit log: 0 entries");
    oper.says(&format!("AUDIT who=*@{host}"));
    oper.awaits("NOTICE reader :End of audit log: 1 entries");
}

#[test]
fn bans_of_rooms_mean_what_is_seen_and_its_networks() {
    let server = Server::start(GATEWAY);
    let (mut alice, _) = from(&server, "alice", "198.51.100.1");
    let (mut bob, host) = from(&server, "bob", "192.0.2.77");
    let (mut near, near_host) = from(&server, "near", "192.0.2.78");
    let (mut far, _) = from(&server, "far", "192.0.3.1");
    alice.says("JOIN #room");
    alice.says("MODE #room +b *!*@192.0.2.*");
    alice.is_served();
    // Or who is in the room would find out the address by trying.
    bob.says("JOIN #room");
    bob.awaits("JOIN #room");
    let network = host.split_once('.').expect("it has several codes").1;
    assert_eq!(near_host.split_once('.').map(|(_, network)| network), Some(network));
    alice.says(&format!("MODE #room +b *!*@*.{network}"));
    alice.is_served();
    near.says("JOIN #room");
    near.awaits("474 near #room :*");
    far.says("JOIN #room");
    far.awaits("JOIN #room");
}

#[test]
fn bans_from_the_server_mean_the_address_as_well() {
    let hash = Server::hash_password("secret");
    let oper = format!("[[opers]]\nname = \"admin\"\npassword = \"{hash}\"\n");
    let server = Server::start(&format!("{GATEWAY}{oper}masks = [\"*!*@198.51.100.1\"]\n"));
    let (mut admin, _) = from(&server, "admin", "198.51.100.1");
    admin.says("OPER admin secret");
    admin.awaits("381 …");
    let (mut bob, _) = from(&server, "bob", "192.0.2.77");
    let (mut carol, host) = from(&server, "carol", "192.0.2.78");
    admin.says("KLINE *!*@192.0.2.77 :no");
    bob.awaits("ERROR …");
    admin.says(&format!("KLINE *!*@{host} :no"));
    carol.awaits("ERROR …");
}

#[test]
fn the_same_address_is_seen_alike_as_long_as_the_secret_is_there() {
    let mut server = Server::start(GATEWAY);
    let (_, before) = from(&server, "victim", "2001:db8::7");
    server.restart();
    assert_eq!(from(&server, "victim", "2001:db8::8").1, before, "it is the same /64");
    std::fs::remove_file(server.data().join("cloak-secret")).expect("it is there");
    server.restart();
    assert_ne!(from(&server, "victim", "2001:db8::7").1, before);
    let server = Server::start(&format!("cloak = false\n{GATEWAY}"));
    assert_eq!(from(&server, "victim", "2001:db8::7").1, "2001:db8::7");
}

#[test]
fn who_is_let_in_is_told_how_it_is_seen() {
    let server = Server::start(GATEWAY);
    let mut client = Client::unregistered(&server, "client");
    client.says("WEBIRC a-long-secret-of-it web host 192.0.2.77");
    client.says("NICK client");
    client.says("USER client 0 * :Client");
    client.awaits("396 client *.ip :is now your displayed host");
    let mut local = Client::unregistered(&server, "local");
    local.says("NICK local");
    local.says("USER local 0 * :Local");
    assert!(local.drain().iter().all(|line| line.parts().command != "396"));
}
