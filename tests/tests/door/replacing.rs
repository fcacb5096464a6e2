//! Another certificate while people talk.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};
use std::thread;

use chat_tests::{Certificate, Client, Server, Tls, binaries};
use rustix::process::Signal;

use crate::with_certificate;

const LINES: usize = 2000;
const CHANGED: &str = "The certificate has changed";

#[test]
fn nobody_notices_but_those_who_come() {
    let (first, second) = (Certificate::new(), Certificate::new());
    let (config, folder) = with_certificate(&first);
    let server = Server::start(&config);
    let mut listener = Client::registered_by_tls(&server, "listener", &Tls::default());
    let mut talker = Client::registered_by_tls(&server, "talker", &Tls::default());
    let talking = thread::Builder::new().name("talker".to_owned()).spawn(move || {
        for number in 0..LINES {
            talker.says(&format!("PRIVMSG listener :number {number}"));
            // One after the other, so that it takes a while.
            if number % 20 == 0 {
                talker.is_served();
            }
        }
        talker.is_served();
    });
    listener.gets(":talker!* PRIVMSG listener :number 0");
    second.write(folder.path());
    for number in 1..LINES {
        listener.gets(&format!(":talker!* PRIVMSG listener :number {number}"));
    }
    talking.expect("a thread can be started").join().expect("all was said");
    server.awaits_log(CHANGED);
    let newcomer = Client::registered_by_tls(&server, "newcomer", &Tls::default());
    assert_eq!(newcomer.server_certificate(), Some(second.fingerprint()));
    assert_eq!(listener.server_certificate(), Some(first.fingerprint()));
    listener.is_served();
}

#[test]
fn what_is_no_certificate_changes_nothing() {
    let (first, second) = (Certificate::new(), Certificate::new());
    let (config, folder) = with_certificate(&first);
    let server = Server::start(&config);
    let path = folder.path().join("certificate.pem");
    fs::write(&path, "no certificate").expect("the folder is writable");
    server.awaits_log("The certificate before stays in use: there is no certificate in");
    let shown = || Client::registered_by_tls(&server, "x", &Tls::default()).server_certificate();
    assert_eq!(shown(), Some(first.fingerprint()));
    // One that does not belong to the key.
    fs::write(&path, second.pem()).expect("the folder is writable");
    server.awaits_log("can't be used with the key in");
    assert_eq!(shown(), Some(first.fingerprint()));
    second.write(folder.path());
    server.awaits_log(CHANGED);
    assert_eq!(shown(), Some(second.fingerprint()));
}

#[test]
fn the_configuration_may_name_another() {
    let (first, second) = (Certificate::new(), Certificate::new());
    let (config, folder) = with_certificate(&first);
    let server = Server::start(&config);
    let elsewhere = folder.path().join("both.pem");
    fs::write(&elsewhere, second.pem()).expect("the folder is writable");
    let tls = format!("[tls]\ncertificate = {:?}\n", elsewhere.display().to_string());
    server.reconfigure(&tls);
    server.signal(Signal::HUP);
    server.awaits_log("The configuration has been read again");
    let shown = || Client::registered_by_tls(&server, "x", &Tls::default()).server_certificate();
    assert_eq!(shown(), Some(second.fingerprint()));
    server.reconfigure("[tls]\ncertificate = \"/nowhere/at/all.pem\"\n");
    server.signal(Signal::HUP);
    server.awaits_log("can't read /nowhere/at/all.pem");
    assert_eq!(shown(), Some(second.fingerprint()));
}

#[test]
fn a_certificate_for_trying_out() {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (certificate, key) = (path("certificate.pem"), path("key.pem"));
    let arguments = |more: &[&str]| {
        let start = ["cert", "--certificate", &certificate, "--key", &key];
        start.iter().chain(more).map(|it| (*it).to_owned()).collect::<Vec<_>>()
    };
    let made = run(&arguments(&["chat.example", "192.0.2.1"]));
    assert!(made.status.success(), "{made:?}");
    let text = String::from_utf8(made.stdout).expect("it prints text");
    let mode = fs::metadata(&key).expect("it was made").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let server = Server::start(&format!("[tls]\ncertificate = {certificate:?}\nkey = {key:?}\n"));
    let client = Client::registered_by_tls(&server, "x", &Tls::default());
    let shown = client.server_certificate().expect("there is one");
    assert!(text.replace(':', "").to_lowercase().contains(&shown), "{text}");
    let again = run(&arguments(&[]));
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("--overwrite"), "{again:?}");
    let replaced = run(&arguments(&["--overwrite"]));
    assert!(replaced.status.success(), "{replaced:?}");
    server.awaits_log(CHANGED);
}

fn run(arguments: &[String]) -> Output {
    Command::new(binaries::chat_server()).args(arguments).output().expect("it starts")
}
