//! The audit log: all that operators and services do is in it, once, and nothing is done that is not.

use chat_tests::{Client, Server, administration};
use rusqlite::Connection;
use tempfile::TempDir;

const CONFIG: &str = "
[[opers]]
name = \"admin\"
password = \"$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$fIbdC2xakJ6cNlONBQKde0ZQtJof49m9l+7mj3O30mA\"
[accounts]
scram_iterations = 4096
";

/// A server whose log is looked at after every step.
struct Watched {
    data: TempDir,
    server: Server,
    entries: usize,
}

impl Watched {
    fn start() -> Self {
        Self::start_with("")
    }

    fn start_with(config: &str) -> Self {
        let data = tempfile::tempdir().expect("there is room for a temporary folder");
        let server = Server::start_with_data(data.path(), &format!("{CONFIG}{config}"));
        Self { data, server, entries: 0 }
    }

    fn log(&self) -> Vec<String> {
        let log = administration::succeeds(self.data.path(), &["audit", "--json"], "");
        log.lines().map(str::to_owned).collect()
    }

    /// Exactly one entry has come, which says this.
    #[track_caller]
    fn one(&mut self, parts: &[&str]) {
        let log = self.log();
        assert_eq!(log.len(), self.entries + 1, "{parts:?}: {:#?}", &log[self.entries..]);
        let entry = &log[self.entries];
        for part in parts {
            assert!(entry.contains(part), "{part} is missing in {entry}");
        }
        self.entries = log.len();
    }

    /// None has come.
    #[track_caller]
    fn none(&self) {
        let log = self.log();
        assert_eq!(log.len(), self.entries, "{:#?}", &log[self.entries..]);
    }

    /// Says something, and waits until it is done.
    #[track_caller]
    fn does(&mut self, client: &mut Client, line: &str, parts: &[&str]) {
        client.says(line);
        client.is_served();
        self.one(parts);
    }
}

#[test]
fn each_deed_of_an_operator_is_there_once() {
    let mut it = Watched::start();
    let mut admin = Client::registered(&it.server, "admin");
    let mut bob = Client::registered(&it.server, "bob");
    it.does(&mut admin, "OPER admin wrong", &[r#""action":"OPER""#, "refused"]);
    it.does(&mut admin, "OPER admin secret", &[r#""target":"admin""#, r#""address":"127.0.0.1""#]);
    it.does(&mut admin, "WALLOPS :noon", &[r#""action":"WALLOPS""#, r#""detail":"noon""#]);
    let eve = Client::registered(&it.server, "eve");
    let killed = [r#""action":"KILL""#, r#""target":"eve!~user@127.0.0.1""#, r#""reason":"spam""#];
    it.does(&mut admin, "KILL eve :spam", &killed);
    drop(eve);
    it.does(&mut admin, "KLINE 1h eve!*@* :spam", &[r#""action":"KLINE""#, r#""detail":"for 1h""#]);
    it.does(&mut admin, "UNKLINE eve!*@*", &[r#""action":"UNKLINE""#, r#""target":"eve!*@*""#]);
    it.does(&mut admin, "DLINE 192.0.2.0/24 :spam", &[r#""action":"DLINE""#]);
    it.does(&mut admin, "UNDLINE 192.0.2.0/24", &[r#""action":"UNDLINE""#]);
    it.does(&mut admin, "NS SAREGISTER dave correcthorse", &["NickServ SAREGISTER", "dave"]);
    it.does(
        &mut admin,
        "NS SUSPEND dave 7d loud",
        &["NickServ SUSPEND", r#""detail":"7d""#, "loud"],
    );
    it.does(&mut admin, "NS UNSUSPEND dave", &["NickServ UNSUSPEND"]);
    it.does(&mut admin, "NS RENAME dave david", &["NickServ RENAME", "to david"]);
    assert!(!it.log().iter().any(|entry| entry.contains("correcthorse")));

    // What is refused, or changes nothing, leaves no entry.
    for refused in ["KILL nobody", "UNKLINE x!*@*", "NS SUSPEND nobody", "KLINE * :x"] {
        admin.says(refused);
    }
    for refused in ["KILL admin", "KLINE admin", "WALLOPS x", "NS SUSPEND david", "AUDIT"] {
        bob.says(refused);
    }
    admin.is_served();
    bob.is_served();
    it.none();

    // In a room of the server's own, operators govern; what anybody may do there is no deed of one.
    bob.says("JOIN #general");
    bob.is_served();
    admin.says("JOIN #general");
    admin.says("PRIVMSG #general :hello");
    admin.says("MODE #general b");
    admin.is_served();
    it.none();
    it.does(
        &mut admin,
        "MODE #general +m",
        &[r#""action":"MODE""#, "#general", r#""detail":"+m""#],
    );
    it.does(&mut admin, "KICK #general bob :out", &[r#""action":"KICK""#, "bob", "out"]);
}

#[test]
fn each_deed_of_a_service_is_there_once() {
    let mut it = Watched::start();
    administration::succeeds(
        it.data.path(),
        &["account", "add", "dave", "--config", &config(&it.data)],
        "correcthorse",
    );
    it.one(&["account add", "command line (uid ", "dave"]);
    let mut bob = Client::unregistered(&it.server, "bob");
    let capabilities = ["echo-message", "message-tags", "draft/message-redaction"];
    bob.register(&capabilities.map(str::to_owned)).expect("the server lets it in");
    let mut carol = Client::registered(&it.server, "carol");
    bob.says("NS REGISTER correcthorse");
    bob.says("NS SET EMAIL bob@example.org");
    bob.says("JOIN #club");
    bob.is_served();
    carol.says("JOIN #club");
    carol.is_served();
    it.none();
    let by_bob = r#""account":"bob""#;
    it.does(&mut bob, "CS REGISTER #club", &["ChanServ REGISTER", by_bob, "#club"]);
    it.does(&mut bob, "CS ACCESS #club ADD dave o", &["ChanServ ACCESS", "+o dave"]);
    it.does(&mut bob, "CS AMODE #club -o dave", &["ChanServ ACCESS", "- dave"]);
    it.does(&mut bob, "CS SET #club KEEP-DAYS 30", &["ChanServ SET", "keep-days 30"]);
    it.does(&mut bob, "CS SET #club PRIVATE ON", &["ChanServ MODE", "+i"]);
    it.does(&mut bob, "CS VOICE #club carol", &["ChanServ MODE", "+v carol"]);
    it.does(&mut bob, "CS TRANSFER #club dave", &["ChanServ TRANSFER", "offered to dave"]);
    it.does(
        &mut bob,
        "RENAME #club #club2 :moved",
        &[r#""action":"RENAME""#, "to #club2", "moved"],
    );
    it.does(&mut bob, "CS CLEAR #club2 USERS bye", &["ChanServ KICK", "carol", "bye"]);

    // One's own message is nobody else's business.
    bob.says("PRIVMSG #club2 :mine");
    let mine = bob.awaits("@msgid=* PRIVMSG #club2 :mine");
    bob.says(&format!("REDACT #club2 {}", msgid(mine.as_str())));
    bob.awaits("REDACT …");
    it.none();
    bob.says("INVITE carol #club2");
    bob.is_served();
    carol.says("JOIN #club2");
    carol.says("PRIVMSG #club2 :theirs");
    carol.is_served();
    let theirs = bob.awaits("@msgid=* PRIVMSG #club2 :theirs");
    let redact = format!("REDACT #club2 {} :rude", msgid(theirs.as_str()));
    it.does(&mut bob, &redact, &[r#""action":"REDACT""#, "#club2", "rude"]);

    bob.says("CS VOICE #club2 carol");
    bob.is_served();
    it.one(&["+v carol"]);
    // It is so already.
    bob.says("CS VOICE #club2 carol");
    carol.says("CS CLEAR #club2 BANS");
    carol.is_served();
    bob.is_served();
    it.none();
    bob.says("CS DROP #club2");
    let code = bob.awaits("NOTICE bob :To end the registration *");
    let code = code.as_str().rsplit(' ').next().expect("it ends with the code").to_owned();
    it.does(&mut bob, &format!("CS DROP #club2 {code}"), &["ChanServ DROP"]);
}

#[test]
fn what_is_done_without_a_history_is_there_as_well() {
    let mut it = Watched::start_with("[history]\nenabled = false\n");
    let mut admin = Client::registered(&it.server, "admin");
    let mut bob = Client::registered(&it.server, "bob");
    it.does(&mut admin, "OPER admin secret", &["OPER"]);
    admin.says("JOIN #general");
    admin.is_served();
    it.does(&mut admin, "TOPIC #general :Welcome", &[r#""action":"TOPIC""#, "#general"]);
    bob.says("NS REGISTER correcthorse");
    bob.says("JOIN #club");
    bob.is_served();
    it.none();
    it.does(&mut bob, "CS REGISTER #club", &["ChanServ REGISTER"]);
    it.does(&mut bob, "RENAME #club #club2", &[r#""action":"RENAME""#]);
}

#[test]
fn who_takes_a_nickname_back_is_there_with_whom_it_was_taken_from() {
    let mut it = Watched::start();
    let mut alice = Client::registered(&it.server, "alice");
    alice.says("NS REGISTER correcthorse");
    alice.awaits("900 …");
    let mut other = Client::registered(&it.server, "other");
    other.says("NS IDENTIFY alice correcthorse");
    other.awaits("NOTICE other :You are logged in");
    it.none();
    it.does(&mut other, "NS RECLAIM", &["NickServ RECLAIM", "alice!~user@", "other!~user@"]);
}

#[test]
fn each_deed_on_the_command_line_is_there_once() {
    let mut it = Watched::start();
    let config = config(&it.data);
    for (arguments, expected) in [
        (&["account", "add", "alice"][..], "account add"),
        (&["account", "passwd", "alice"], "account passwd"),
        (&["account", "grant-oper", "alice"], "account grant-oper"),
        (&["account", "revoke-oper", "alice"], "account revoke-oper"),
        (&["account", "suspend", "alice", "--for", "7d"], "account suspend"),
        (&["account", "unsuspend", "alice"], "account unsuspend"),
        (&["account", "erase", "alice", "--author"], "account erase"),
        (&["account", "drop", "alice"], "account drop"),
        (&["ban", "add", "192.0.2.1"], "ban add"),
        (&["ban", "remove", "192.0.2.1"], "ban remove"),
        (&["invite"], "invite"),
    ] {
        let with_config = [arguments, &["--config", &config]].concat();
        administration::succeeds(it.data.path(), &with_config, "correcthorse");
        it.one(&[&format!("\"action\":\"{expected}\""), "command line (uid "]);
    }
    let list = ["account", "list"];
    administration::succeeds(it.data.path(), &list, "");
    administration::fails(it.data.path(), &["ban", "remove", "192.0.2.1"], "");
    administration::fails(it.data.path(), &["account", "drop", "alice"], "");
    it.none();
    let log = |arguments: &[&str]| {
        let all = [&["audit"], arguments].concat();
        administration::succeeds(it.data.path(), &all, "").lines().count()
    };
    assert_eq!(log(&["--action", "ban *"]), 2);
    assert_eq!(log(&["--on", "ALICE", "--limit", "3"]), 3);
    assert_eq!(log(&["--since", "1h", "--who", "command line*"]), 11);
    assert_eq!(log(&["--until", "2001-01-01"]), 0);
    let text = administration::succeeds(it.data.path(), &["audit", "--limit", "1"], "");
    assert!(text.starts_with("#11 2") && text.ends_with(" invite (for 7d)\n"), "{text}");
}

#[test]
fn a_role_by_account_is_written_down_when_it_is_taken() {
    let mut it = Watched::start();
    let add = ["account", "add", "alice", "--oper", "--config", &config(&it.data)];
    administration::succeeds(it.data.path(), &add, "correcthorse");
    it.one(&["account add", "\"detail\":\"oper\""]);
    let mut alice = Client::registered(&it.server, "visitor");
    alice.says("NS IDENTIFY alice correcthorse");
    alice.awaits("MODE visitor +o");
    it.one(&["\"action\":\"OPER\"", "\"account\":\"alice\"", "by account: every privilege"]);
}

#[test]
fn what_can_not_be_written_down_is_not_done() {
    let it = Watched::start();
    let mut admin = Client::registered(&it.server, "admin");
    admin.says("OPER admin secret");
    admin.awaits("MODE admin +o");
    let mut bob = Client::registered(&it.server, "bob");
    bob.says("NS REGISTER correcthorse");
    bob.says("JOIN #club");
    bob.says("CS REGISTER #club");
    bob.is_served();
    let before = it.log().len();
    let raw = Connection::open(it.data.path().join("chat.db")).expect("the store is a database");
    raw.execute_batch(
        "CREATE TRIGGER broken BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'broken'); END",
    )
    .expect("the schema can be changed");

    for (line, refusal) in [
        ("KILL bob :spam", "FAIL KILL TEMPORARILY_UNAVAILABLE :Not done: *broken"),
        ("KLINE bob :spam", "FAIL KLINE TEMPORARILY_UNAVAILABLE :Not done: *broken"),
        ("DLINE 192.0.2.1", "FAIL DLINE TEMPORARILY_UNAVAILABLE :Not done: *broken"),
        ("WALLOPS :hello", "FAIL WALLOPS TEMPORARILY_UNAVAILABLE :Not done: *broken"),
        ("OPER admin secret", "FAIL OPER TEMPORARILY_UNAVAILABLE :Not done: *broken"),
        ("NS SUSPEND bob", "NOTICE admin :*broken"),
        ("NS SAREGISTER eve correcthorse", "NOTICE admin :*broken"),
        ("CS CLEAR #club USERS", "NOTICE admin :Not done: *broken"),
    ] {
        admin.says(line);
        admin.gets(refusal);
    }
    bob.says("CS SET #club DESCRIPTION x");
    bob.awaits("NOTICE bob :Not done: *broken");
    bob.says("CS INFO #club");
    bob.awaits("NOTICE bob :#club belongs to bob since *");
    admin.says("KLINE");
    admin.gets("219 admin K :*");
    raw.execute_batch("DROP TRIGGER broken").expect("the schema can be changed");
    assert_eq!(it.log().len(), before);
    assert!(raw.execute("DELETE FROM audit", []).is_err());
    admin.says("KILL bob :spam");
    bob.awaits("ERROR :*spam*");
}

fn msgid(line: &str) -> &str {
    let rest = line.split_once("msgid=").expect("it has a message id").1;
    rest.split([';', ' ']).next().expect("it has an end")
}

/// Fewer rounds than by default: a build for tests hashes slowly.
fn config(data: &TempDir) -> String {
    let file = data.path().join("config.toml");
    std::fs::write(&file, "[accounts]\nscram_iterations = 4096\n").expect("the folder is writable");
    file.to_str().expect("its name is text").to_owned()
}
