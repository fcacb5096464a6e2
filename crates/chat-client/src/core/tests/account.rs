//! Logging in, and the account.

use base64ct::{Base64, Encoding};

use super::*;
use crate::core::secret::Secret;

const WELCOME: &str = ":s.x 001 alice :Welcome";

fn with_account(password: &str) -> Config {
    Config { account: Some(("user".to_owned(), Secret::new(password))), ..config() }
}

fn offered(config: Config, capabilities: &str) -> (Bench, Vec<String>) {
    let mut bench = Bench::with(config);
    bench.line(&format!(":s.x CAP * LS :{capabilities}"));
    let names: Vec<&str> =
        capabilities.split(' ').map(|name| name.split('=').next().unwrap()).collect();
    let sent = bench.line(&format!(":s.x CAP * ACK :{}", names.join(" ")));
    (bench, sent)
}

fn said(message: &str) -> String {
    format!("AUTHENTICATE {}", Base64::encode_string(message.as_bytes()))
}

fn secret(bench: &mut Bench, text: &str) -> Vec<String> {
    bench.event(Event::Secret(Some(&Secret::new(text))))
}

/// The exchange of RFC 7677, up to the server's last message.
fn in_scram() -> Bench {
    let random = || "rOprNGfwEbeRWgbNEkqO".to_owned();
    let config = Config { random, is_insecure: false, ..with_account("pencil") };
    let (mut bench, sent) = offered(config, "sasl=PLAIN,SCRAM-SHA-256");
    assert_eq!(sent, ["> AUTHENTICATE SCRAM-SHA-256"]);
    let first = bench.line("AUTHENTICATE +");
    assert_eq!(first, [format!("> {}", said("n,,n=user,r=rOprNGfwEbeRWgbNEkqO"))]);
    let challenge = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                     s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    assert!(bench.line(&said(challenge))[0].starts_with("> AUTHENTICATE Yz1iaXdz"));
    bench
}

#[test]
fn scram_comes_first_and_the_server_has_to_prove_itself() {
    let mut bench = in_scram();
    let proof = said("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    assert_eq!(bench.line(&proof), ["> AUTHENTICATE +"]);
    assert_eq!(
        bench.line(":s.x 900 alice alice!a@h user :You are now logged in as user"),
        ["14:02 -- You are logged in as user."]
    );
    assert_eq!(bench.line(":s.x 903 alice :SASL authentication successful"), ["> CAP END"]);
    assert_eq!(bench.line(WELCOME)[1], "> JOIN #general");
}

#[test]
fn a_server_that_proves_nothing_is_left() {
    let mut bench = in_scram();
    let sent = bench.line(&said("v=AAAA"));
    assert_eq!(sent[0], "> AUTHENTICATE *");
    assert!(sent[1].ends_with("it does not prove that it knows the account."), "{sent:?}");
    assert_eq!(*bench.0.phase(), Phase::LoginRefused);
    assert_eq!(bench.0.question(), None);
    let mut bench = in_scram();
    assert!(bench.line(":s.x 903 alice :Fine")[0].contains("has not proved"));
    assert_eq!(*bench.0.phase(), Phase::LoginRefused);
    assert!(bench.line(WELCOME).is_empty());
}

#[test]
fn plain_is_for_connections_nobody_else_can_read() {
    let (mut bench, sent) = offered(with_account("pencil"), "sasl=PLAIN");
    assert_eq!(sent, ["> AUTHENTICATE PLAIN"]);
    assert_eq!(bench.line("AUTHENTICATE +"), [format!("> {}", said("\0user\0pencil"))]);
    assert_eq!(bench.line(":s.x 903 alice :Fine"), ["> CAP END"]);
    let config = Config { is_insecure: false, ..with_account("pencil") };
    let (bench, sent) = offered(config, "sasl=PLAIN");
    assert!(sent[0].contains("not encrypted") && sent[0].contains("--insecure"), "{sent:?}");
    assert_eq!(*bench.0.phase(), Phase::LoginRefused);
}

#[test]
fn a_server_that_names_no_mechanisms_is_asked() {
    let (mut bench, sent) = offered(with_account("pencil"), "sasl");
    assert_eq!(sent, ["> AUTHENTICATE SCRAM-SHA-256"]);
    bench.line(":s.x 908 alice PLAIN,EXTERNAL :are available SASL mechanisms");
    assert_eq!(bench.line(":s.x 904 alice :Failed"), ["> AUTHENTICATE PLAIN"]);
    let (mut bench, _) = offered(with_account("pencil"), "sasl");
    bench.line(":s.x 908 alice EXTERNAL :are available SASL mechanisms");
    let told = bench.line(":s.x 904 alice :Failed");
    assert!(told[0].contains("no way to log in that this client knows"), "{told:?}");
}

#[test]
fn a_server_may_say_why() {
    let (mut bench, _) = offered(with_account("x"), "sasl=PLAIN");
    bench.line("AUTHENTICATE +");
    let told = bench.line(":s.x 904 alice :SASL authentication failed: Too many tries, wait");
    assert_eq!(told, ["14:02 !! You can't log in: Too many tries, wait"]);
}

#[test]
fn a_wrong_password_is_asked_for_again_twice() {
    let (mut bench, _) = offered(with_account("x"), "sasl=PLAIN");
    for left in [2, 1, 0] {
        bench.line("AUTHENTICATE +");
        assert_eq!(
            bench.line(":s.x 904 alice :SASL authentication failed"),
            ["14:02 !! The account or the password is not right."]
        );
        assert_eq!(*bench.0.phase(), Phase::LoginRefused);
        let question = (left > 0).then(|| "Password for user: ".to_owned());
        assert_eq!(bench.0.question(), question);
        if left > 0 {
            assert_eq!(secret(&mut bench, "y"), ["> AUTHENTICATE PLAIN"]);
            assert_eq!(*bench.0.phase(), Phase::Registering);
        }
    }
}

#[test]
fn a_name_and_a_password_may_both_be_wrong() {
    let (mut bench, _) = offered(with_account("x"), "sasl=PLAIN");
    bench.line(":s.x 433 * alice :Nickname is already in use");
    bench.line("AUTHENTICATE +");
    bench.line(":s.x 904 * :SASL authentication failed");
    assert_eq!(*bench.0.phase(), Phase::LoginRefused);
    secret(&mut bench, "y");
    assert_eq!(*bench.0.phase(), Phase::NicknameRefused);
    bench.event(Event::Nickname("al"));
    assert_eq!(*bench.0.phase(), Phase::Registering);
    bench.line("AUTHENTICATE +");
    assert_eq!(bench.line(":s.x 903 al :Fine"), ["> CAP END"]);
}

#[test]
fn a_program_is_not_asked_again() {
    let config = Config { is_person: false, ..with_account("x") };
    let (mut bench, _) = offered(config, "sasl=PLAIN");
    bench.line("AUTHENTICATE +");
    bench.line(":s.x 904 alice :SASL authentication failed");
    assert_eq!((bench.0.phase(), bench.0.question()), (&Phase::LoginRefused, None));
}

#[test]
fn nobody_ends_up_in_a_room_without_the_login() {
    let (mut bench, told) = offered(with_account("x"), "batch");
    assert_eq!(told, ["14:02 !! The server has no accounts to log in to."]);
    assert!(bench.line(WELCOME).is_empty());
    let mut bench = Bench::with(with_account("x"));
    bench.line(":s.x 421 alice CAP :Unknown command");
    assert_eq!(bench.line(WELCOME), ["14:02 !! The server has no accounts to log in to."]);
    assert_eq!(*bench.0.phase(), Phase::LoginRefused);
}

#[test]
fn an_account_is_made_with_a_password_that_is_never_in_the_line() {
    let mut bench = Bench::in_room("draft/account-registration");
    assert!(bench.typed("/register al al@example.org").is_empty());
    assert_eq!(bench.0.question().as_deref(), Some("New password: "));
    assert!(secret(&mut bench, "two words").is_empty());
    assert_eq!(bench.0.question().as_deref(), Some("Once more: "));
    let sent = secret(&mut bench, "two words");
    assert_eq!(sent, ["> REGISTER al al@example.org :two words"]);
    assert_eq!(
        bench.line(":s.x REGISTER VERIFICATION_REQUIRED al :Mail is on its way."),
        ["14:02 -- Mail is on its way. Then: /verify al CODE"]
    );
    assert_eq!(bench.typed("/verify al 123"), ["> VERIFY al 123"]);
    assert_eq!(
        bench.line(":s.x VERIFY SUCCESS al :Done"),
        ["14:02 -- The account al is yours, and you are logged in."]
    );
    bench.typed("/register");
    secret(&mut bench, "one");
    let told = secret(&mut bench, "other");
    assert_eq!(told, ["14:02 !! The two passwords differ, so nothing is done."]);
    assert_eq!(bench.0.question(), None);
    let told = bench.typed("/register al hunter2");
    assert_eq!(told, ["14:02 !! That is too much: a password is asked for, never typed here."]);
    assert_eq!(
        bench.line(":s.x FAIL REGISTER WEAK_PASSWORD al :Use more words"),
        ["14:02 !! That password is too easy to guess: Use more words"]
    );
}

#[test]
fn a_server_may_want_an_address() {
    let mut bench = Bench::with(config());
    bench.line(":s.x CAP * LS :draft/account-registration=before-connect,email-required");
    bench.line(":s.x CAP * ACK :draft/account-registration");
    bench.line(WELCOME);
    let told = bench.typed("/register");
    assert_eq!(told, ["14:02 !! The server wants an address of mail: /register ACCOUNT EMAIL"]);
    bench.typed("/register a@b");
    secret(&mut bench, "x");
    assert_eq!(secret(&mut bench, "x"), ["> REGISTER * a@b :x"]);
}

#[test]
fn the_password_is_changed() {
    let mut bench = Bench::in_room("");
    bench.typed("/passwd");
    for (question, entered) in [("Old password: ", "old"), ("New password: ", "new:one")] {
        assert_eq!(bench.0.question().as_deref(), Some(question));
        assert!(secret(&mut bench, entered).is_empty());
    }
    assert_eq!(secret(&mut bench, "new:one"), ["> NS PASSWD old :new:one"]);
    bench.typed("/passwd");
    (0..2).for_each(|_| drop(secret(&mut bench, "two words")));
    assert!(secret(&mut bench, "two words")[0].contains("no password with spaces"));
    bench.typed("/passwd");
    let told = bench.event(Event::Secret(None));
    assert_eq!(told, ["14:02 !! Nothing was entered, so nothing is done."]);
}

#[test]
fn passwords_do_not_go_where_others_can_read_them() {
    let config = Config { is_insecure: false, ..config() };
    let mut bench = Bench::in_room_with(config, "draft/account-registration");
    for command in ["/register", "/passwd"] {
        let told = bench.typed(command);
        assert!(told[0].contains("not encrypted"), "{told:?}");
        assert_eq!(bench.0.question(), None);
    }
}

#[test]
fn logging_in_later_and_out_again() {
    let mut bench = Bench::in_room("sasl");
    bench.typed("/login user");
    assert_eq!(bench.0.question().as_deref(), Some("Password for user: "));
    assert_eq!(secret(&mut bench, "x"), ["> AUTHENTICATE SCRAM-SHA-256"]);
    bench.line(":s.x 904 alice :No");
    bench.line("AUTHENTICATE +");
    let told = bench.line(":s.x 904 alice :No");
    assert_eq!(told, ["14:02 !! The account or the password is not right."]);
    assert_eq!((bench.0.phase(), bench.0.question()), (&Phase::Registered, None));
    assert_eq!(bench.typed("/logout"), ["> NS LOGOUT"]);
    assert_eq!(
        bench.line(":s.x 901 alice alice!a@h :You are now logged out"),
        ["14:02 -- You are logged out."]
    );
    assert_eq!(bench.typed("/sessions"), ["> NS SESSIONS"]);
    assert_eq!(
        bench.line(":NickServ!NickServ@s.x NOTICE alice :1: \x1b[31mphone"),
        ["14:02 -- NickServ: 1: [31mphone"]
    );
}

#[test]
fn who_joins_with_another_account_says_so() {
    let mut bench = Bench::in_room("extended-join");
    for (line, shown) in [
        (":bob!b@h JOIN #general * :Bob", "14:02 -- bob joined"),
        (":bob!b@h JOIN #general BOB :Bob", "14:02 -- bob joined"),
        (":bob!b@h JOIN #general robert :Bob", "14:02 -- bob joined (account robert)"),
    ] {
        assert_eq!(bench.line(line), [shown]);
    }
}
