//! TLS: whom the client believes, and what it does if it can't.

#![allow(clippy::unwrap_used, reason = "what goes wrong here fails the test")]

mod fake;

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use fake::{Client, Ended, Server, accepted};
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::crypto::ring;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoClientAuth, WebPkiClientVerifier};
use rustls::version::{TLS12, TLS13};
use rustls::{
    RootCertStore, ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion,
};
use sha2::{Digest, Sha256};

/// A server with a certificate that it has signed itself.
struct Site {
    listener: TcpListener,
    address: String,
    certified: CertifiedKey<KeyPair>,
}

impl Site {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("localhost:{}", listener.local_addr().unwrap().port());
        let certified = generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        Self { listener, address, certified }
    }

    /// Its certificate in a file of its own.
    fn file(&self, folder: &tempfile::TempDir) -> String {
        let path = folder.path().join("ca.pem");
        fs::write(&path, self.certified.cert.pem()).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn fingerprint(&self) -> String {
        let digest = Sha256::digest(self.certified.cert.der());
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Takes a connection that believes it.
    fn accept(&self, versions: &[&'static SupportedProtocolVersion]) -> Server {
        Server::speaking(self.secured(versions, Arc::new(NoClientAuth)))
    }

    fn secured(
        &self,
        versions: &[&'static SupportedProtocolVersion],
        clients: Arc<dyn ClientCertVerifier>,
    ) -> StreamOwned<ServerConnection, TcpStream> {
        let key = PrivatePkcs8KeyDer::from(self.certified.signing_key.serialize_der());
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_client_cert_verifier(clients)
            .with_single_cert(vec![self.certified.cert.der().clone()], key.into())
            .unwrap();
        let connection = ServerConnection::new(Arc::new(config)).unwrap();
        StreamOwned::new(connection, accepted(&self.listener))
    }

    /// Takes a connection that does not, and sees how the client ends.
    fn is_refused_by(&self, client: Client) -> Ended {
        let mut refused = self.secured(&[&TLS13], Arc::new(NoClientAuth));
        refused.conn.complete_io(&mut refused.sock).unwrap_err();
        client.wait()
    }
}

/// The next line that is no question whether the server is there.
fn next(server: &mut Server) -> String {
    loop {
        let line = server.receive();
        match line.strip_prefix("PING ") {
            Some(token) => server.send(&format!(":irc.test PONG irc.test {token}")),
            None => return line,
        }
    }
}

#[test]
fn a_server_with_a_signed_certificate_is_talked_to() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::new();
    let file = site.file(&folder);
    for version in [&TLS12, &TLS13] {
        let mut client = Client::start(&site.address, &["--tls", "--tls-ca", &file]);
        let mut server = site.accept(&[version]);
        server.register("");
        server.lets_in();
        // More than one record, and than one read.
        let text = "天气很好 ".repeat(25);
        for _ in 0..200 {
            client.write(&format!("{text}\n"));
            assert!(next(&mut server).starts_with("PRIVMSG #ops :天气很好"));
            server.send(&format!(":alice!a@host PRIVMSG #ops :{text}"));
            while !client.line().contains("alice") {}
        }
        client.close_input();
        assert_eq!(next(&mut server), "QUIT");
        drop(server);
        let ended = client.wait();
        assert_eq!((ended.status, ended.stderr.as_str()), (Some(0), ""));
    }
}

#[test]
fn a_server_that_nobody_vouches_for_is_refused_where_nobody_can_be_asked() {
    let site = Site::new();
    let ended = site.is_refused_by(Client::start(&site.address, &["--tls"]));
    assert_eq!(ended.status, Some(1));
    let fingerprint = format!("sha256:{} (for localhost)", site.fingerprint());
    for said in ["nobody this machine trusts has signed it", &fingerprint, "--tls-fingerprint"] {
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
    }
}

#[test]
fn a_fingerprint_is_enough_and_no_other_certificate_will_do() {
    let (site, other) = (Site::new(), Site::new());
    let fingerprint = site.fingerprint().to_uppercase();
    let options = ["--tls", "--tls-fingerprint", &fingerprint];
    let mut client = Client::start(&site.address, &options);
    let mut server = site.accept(&[&TLS13]);
    server.register("");
    server.expect("JOIN #ops");
    drop(server);
    client.ignore_output();
    client.wait();
    let ended = other.is_refused_by(Client::start(&other.address, &options));
    assert_eq!(ended.status, Some(1));
    assert!(ended.stderr.contains(&other.fingerprint()), "{}", ended.stderr);
}

#[test]
fn a_certificate_for_another_server_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::new();
    let address = site.address.replace("localhost", "127.0.0.1");
    let client = Client::start(&address, &["--tls", "--tls-ca", &site.file(&folder)]);
    let ended = site.is_refused_by(client);
    assert!(ended.stderr.contains("it is for another server"), "{}", ended.stderr);
}

#[test]
fn a_server_without_tls_is_told_from_one_with_it() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let client = Client::start(&format!("ircs://localhost:{port}"), &[]);
    let mut stream = accepted(&listener);
    std::io::Write::write_all(&mut stream, b":irc.test NOTICE * :Welcome\r\n").unwrap();
    let ended = client.wait();
    assert_eq!(ended.status, Some(1));
    assert!(ended.stderr.contains("does not speak TLS"), "{}", ended.stderr);
}

#[test]
fn a_certificate_logs_in() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::new();
    let own = generate_simple_self_signed(vec!["alice".to_owned()]).unwrap();
    let path = folder.path().join("own.pem");
    fs::write(&path, own.cert.pem() + &own.signing_key.serialize_pem()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(own.cert.der().clone()).unwrap();
    let provider = Arc::new(ring::default_provider());
    let known = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);

    let (ca, own) = (site.file(&folder), path.to_str().unwrap().to_owned());
    let client = Client::start(&site.address, &["--tls", "--tls-ca", &ca, "--tls-cert", &own]);
    let mut server = Server::speaking(site.secured(&[&TLS13], known.build().unwrap()));
    server.negotiate("sasl=EXTERNAL,PLAIN");
    server.expect("AUTHENTICATE EXTERNAL");
    server.send("AUTHENTICATE +");
    server.expect("AUTHENTICATE +");
    server.send(":irc.test 904 bot :SASL authentication failed");
    let ended = server.sees_off(client);
    assert_eq!(ended.status, Some(1));
    assert!(ended.stderr.contains("No account has your certificate"), "{}", ended.stderr);
}

#[test]
fn input_waits_while_the_client_goes_to_tls() {
    const LINES: usize = 60;

    let folder = tempfile::tempdir().unwrap();
    let site = Site::new();
    let port = site.listener.local_addr().unwrap().port();
    let mut client = Client::start(&site.address, &["--tls-ca", &site.file(&folder)]);
    let mut server = Server::accept(&site.listener);
    server.register("");
    server.lets_in();
    server.send(&format!(":irc.test CAP bot NEW :sts=port={port}"));
    let mut server = site.accept(&[&TLS13]);
    (1..=LINES).for_each(|number| client.write(&format!("line {number}\n")));
    client.close_input();
    server.register("");
    server.lets_in();
    (1..=LINES)
        .for_each(|number| assert_eq!(next(&mut server), format!("PRIVMSG #ops :line {number}")));
    assert_eq!(next(&mut server), "QUIT");
    drop(server);
    let ended = client.wait();
    assert_eq!((ended.status, ended.stderr.as_str()), (Some(0), ""));
}
