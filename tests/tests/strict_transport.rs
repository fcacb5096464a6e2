//! The real client and a server that wants to be spoken with by TLS.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use chat_tests::{Server, binaries};
use rcgen::generate_simple_self_signed;
use rustix::process::Signal;
use tempfile::TempDir;

/// A server for `localhost`, which asks for TLS.
struct Site {
    server: Server,
    folder: TempDir,
    port: u16,
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("there is room for a temporary folder");
        let certified = generate_simple_self_signed(vec!["localhost".to_owned()]);
        let certified = certified.expect("a certificate can be made");
        let write = |name: &str, text: String| {
            fs::write(folder.path().join(name), text).expect("the folder is writable");
        };
        write("certificate.pem", certified.cert.pem());
        write("key.pem", certified.signing_key.serialize_pem());
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = free.expect("there is a free port");
        let server = Server::start_at(&address.to_string(), &config(folder.path(), 3600));
        Self { server, folder, port: address.port() }
    }

    fn certificate(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }

    /// Joins and leaves.
    fn visit(&self, host: &str, arguments: &[&str]) -> Output {
        Command::new(binaries::chat_client())
            .arg(format!("{host}:{}", self.port))
            .args(["--nick", "bot"])
            .args(arguments)
            .env("XDG_STATE_HOME", self.folder.path())
            .env_remove("RUST_LOG")
            .stdin(Stdio::null())
            .output()
            .expect("the client starts")
    }

    fn believing(&self, arguments: &[&str]) -> Output {
        let certificate = self.certificate();
        let certificate = certificate.to_str().expect("the path is text");
        self.visit("localhost", &[&["--tls-ca", certificate], arguments].concat())
    }

    /// What the client has noted.
    fn noted(&self) -> Option<String> {
        fs::read_to_string(self.folder.path().join("chat-client/sts")).ok()
    }
}

fn config(folder: &Path, seconds: u64) -> String {
    let [certificate, key] = ["certificate.pem", "key.pem"].map(|name| folder.join(name));
    format!("[tls]\ncertificate = {certificate:?}\nkey = {key:?}\nsts_seconds = {seconds}\n")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_client_goes_to_tls_and_stays_with_it() {
    let site = Site::new();
    let visit = site.believing(&[]);
    assert!(visit.status.success(), "{}", said(&visit));
    let noted = site.noted().expect("the client notes it");
    assert!(noted.starts_with(&format!("localhost {} ", site.port)), "{noted}");

    // The next time at once, and no other way.
    let stranger = site.visit("localhost", &[]);
    assert_eq!(stranger.status.code(), Some(1));
    assert!(said(&stranger).contains("is not to be trusted"), "{}", said(&stranger));
    let refused = site.believing(&["--no-tls"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("has asked to be reached by TLS only"), "{}", said(&refused));

    site.server.reconfigure(&config(site.folder.path(), 0));
    site.server.signal(Signal::HUP);
    site.server.awaits_log("The configuration has been read again");
    assert!(site.believing(&[]).status.success());
    assert_eq!(site.noted().as_deref(), Some(""));
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_no_way_out_of_it() {
    let site = Site::new();
    let visit = site.visit("localhost", &[]);
    assert_eq!(visit.status.code(), Some(1));
    assert!(said(&visit).contains("is not to be trusted"), "{}", said(&visit));
    assert_eq!(site.noted(), None);
}

#[test]
fn an_address_is_not_bound() {
    let site = Site::new();
    let visit = site.visit("127.0.0.1", &[]);
    assert!(visit.status.success(), "{}", said(&visit));
    assert_eq!(site.noted(), None);

    // Nor does it depend on what can't be read.
    let noted = site.folder.path().join("chat-client");
    fs::create_dir(&noted).expect("the folder is writable");
    fs::write(noted.join("sts"), "localhost soon\n").expect("the folder is writable");
    assert!(site.visit("127.0.0.1", &[]).status.success());
    let refused = site.believing(&[]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("line 1, can't be understood"), "{}", said(&refused));
}
