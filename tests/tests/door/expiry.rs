//! Until when the certificate is valid, and who is told.

use std::process::Command;
use std::time::{Duration, SystemTime};

use chat_tests::http::get;
use chat_tests::server::write_config;
use chat_tests::{Certificate, Server, binaries};

use crate::with_certificate;

const METRIC: &str = "chat_certificate_expiry_timestamp_seconds";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// In so many days and an hour, in seconds since the Unix epoch.
fn in_days(days: u32) -> u64 {
    let then = SystemTime::now() + DAY * days + DAY / 24;
    then.duration_since(SystemTime::UNIX_EPOCH).expect("it is later than 1970").as_secs()
}

#[track_caller]
fn metric(server: &Server) -> f64 {
    get(server, "/metrics", "").metric(METRIC)
}

#[test]
fn it_is_among_the_metrics_and_follows_the_files() {
    let (first, second) = (in_days(90), in_days(3));
    let (config, folder) = with_certificate(&Certificate::valid_until(first));
    let server = Server::start(&config);
    assert_eq!(metric(&server), first as f64);
    Certificate::valid_until(second).write(folder.path());
    server.awaits_log("tls.certificate: the certificate expires in 3 days (");
    assert_eq!(metric(&server), second as f64);
    Certificate::valid_until(1_000_000_000).write(folder.path());
    server.awaits_log("days ago (2001-09-09T01:46:40Z)");
    assert_eq!(server.log().matches("the certificate expires in").count(), 1, "{}", server.log());
}

#[test]
fn without_tls_nothing_expires() {
    let answer = get(&Server::start(""), "/metrics", "");
    assert!(answer.body.contains("chat_uptime_seconds "), "{answer:?}");
    assert!(!answer.body.contains(METRIC), "{answer:?}");
}

#[test]
fn the_check_says_it_too() {
    for (seconds, expected) in [
        (in_days(90), None),
        (in_days(13), Some("warning: tls.certificate: the certificate expires in 13 days (")),
        (in_days(0), Some("the certificate expires in less than a day (")),
        (1_000_000_000, Some("days ago (2001-09-09T01:46:40Z)")),
    ] {
        let (config, folder) = with_certificate(&Certificate::valid_until(seconds));
        let said = check(&config, folder.path());
        match expected {
            Some(expected) => assert!(said.contains(expected), "{said}"),
            None => assert!(!said.contains("tls.certificate"), "{said}"),
        }
    }
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let said = check("[tls]\ncertificate = \"/nowhere.pem\"\n", folder.path());
    assert!(said.contains("warning: tls.certificate: can't read /nowhere.pem"), "{said}");
}

/// What `chat-server check` prints of a configuration that is valid.
#[track_caller]
fn check(config: &str, folder: &std::path::Path) -> String {
    let file = write_config(folder, config);
    let output = Command::new(binaries::chat_server())
        .args(["check", "--config"])
        .arg(file)
        .output()
        .expect("chat-server starts");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("it prints text")
}
