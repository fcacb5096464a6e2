//! HAProxy in front: it ends TLS itself, or passes it through. Real addresses either way.

use std::fs;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::fd::AsRawFd;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use chat_tests::{Certificate, Client, Server, Tls};
use rustix::io::{FdFlags, fcntl_setfd};

use crate::proxy::BEHIND_PROXY;
use crate::with_certificate;

/// From where clients come: another address than that of HAProxy.
const CLIENT: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 77);

/// A running HAProxy, killed when dropped.
struct Haproxy {
    process: Child,
    address: SocketAddr,
}

impl Haproxy {
    /// Starts one in front of a server, if it is installed. `bind` and `to` are the options of the two
    /// sides.
    fn start(folder: &Path, server: &Server, bind: &str, to: &str) -> Option<Self> {
        let program = program()?;
        // It takes over a socket that listens already: no port is guessed, and nobody comes too early.
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
        fcntl_setfd(&listener, FdFlags::empty()).expect("it can be inherited");
        let address = listener.local_addr().expect("it listens");
        let config = format!(
            "defaults\n  mode tcp\n  timeout connect 5s\n  timeout client 60s\n  timeout server 60s\n\
             listen chat\n  bind fd@{} {bind}\n  server chat {} {to}\n",
            listener.as_raw_fd(),
            server.address(),
        );
        let path = folder.join("haproxy.cfg");
        fs::write(&path, config).expect("the folder is writable");
        let process = Command::new(program)
            .arg("-db")
            .arg("-f")
            .arg(&path)
            .stdin(Stdio::null())
            .spawn()
            .expect("HAProxy starts");
        Some(Self { process, address })
    }
}

impl Drop for Haproxy {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Where it is. A test without it says so, past the capture of what tests print.
fn program() -> Option<&'static str> {
    let found = ["/usr/sbin/haproxy", "/usr/local/sbin/haproxy", "/usr/bin/haproxy"];
    let found = found.into_iter().find(|path| Path::new(path).exists());
    if found.is_none() {
        let _ = writeln!(
            std::io::stderr(),
            "\nNOT TESTED: HAProxy is not installed (apt-get install haproxy)\n"
        );
    }
    found
}

#[track_caller]
fn is_seen(mut client: Client, proxy: &Haproxy) {
    client.start_tls(&Tls::default()).expect("somebody shakes hands");
    client.register(&[]).expect("it is let in");
    client.says("WHOIS client");
    let whois = client.drain();
    let says = |text: &str| whois.iter().any(|line| line.as_str().contains(text));
    assert!(says(&format!(" 338 client client {CLIENT} ")), "{whois:?}");
    assert!(says(" 671 client client "), "{whois:?}");
    client.says("QUIT :bye");
    client.gets("ERROR :*Quit: bye*");
    assert_eq!(client.reads_to_end(), [], "{}", proxy.address);
}

#[test]
fn tls_ends_at_haproxy() {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let certificate = folder.path().join("both.pem");
    fs::write(&certificate, Certificate::new().pem()).expect("the folder is writable");
    let server = Server::start(BEHIND_PROXY);
    let bind = format!("ssl crt {}", certificate.display());
    let Some(proxy) = Haproxy::start(folder.path(), &server, &bind, "send-proxy-v2-ssl") else {
        return;
    };
    is_seen(Client::from_to(CLIENT, proxy.address, "client"), &proxy);
}

#[test]
fn tls_ends_at_haproxy_which_does_not_say_so() {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let certificate = folder.path().join("both.pem");
    fs::write(&certificate, Certificate::new().pem()).expect("the folder is writable");
    let server = Server::start(&BEHIND_PROXY.replace("\"on\"", "\"tls\""));
    let bind = format!("ssl crt {}", certificate.display());
    let Some(proxy) = Haproxy::start(folder.path(), &server, &bind, "send-proxy") else { return };
    is_seen(Client::from_to(CLIENT, proxy.address, "client"), &proxy);
}

#[test]
fn tls_goes_through_haproxy() {
    let own = Certificate::new();
    let (config, folder) = with_certificate(&own);
    let server = Server::start(&format!("{BEHIND_PROXY}{config}"));
    for to in ["send-proxy", "send-proxy-v2"] {
        let Some(proxy) = Haproxy::start(folder.path(), &server, "", to) else { return };
        let mut client = Client::from_to(CLIENT, proxy.address, "other");
        client.start_tls(&Tls::showing(&Certificate::new())).expect("the server shakes hands");
        assert_eq!(client.server_certificate(), Some(own.fingerprint()));
        is_seen(Client::from_to(CLIENT, proxy.address, "client"), &proxy);
    }
}
