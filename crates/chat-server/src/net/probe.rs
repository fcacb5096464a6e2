//! Asking a server whether it does its work: `chat-server ping`, for what watches over it.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs as _};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};

use crate::config::{Config, DEFAULT_ADDRESS, ListenConfig, ProxyUse, TlsUse};

/// The answer is that long at the most. More is none.
const ANSWER_BYTES_MAX: u64 = 4096;

/// Asks, and says what the answer means. An error if the server does not do its work, or none is there.
pub(crate) fn ping(
    address: Option<&str>,
    config: Option<&Config>,
    timeout: Duration,
) -> anyhow::Result<String> {
    let address = match (address, config) {
        (Some(address), _) => address.to_owned(),
        (None, Some(config)) => entrance(&config.server.listen)?.to_string(),
        (None, None) => DEFAULT_ADDRESS.to_owned(),
    };
    let deadline = Instant::now() + timeout;
    let answer = ask(&address, deadline)?;
    let none =
        || format!("what answers at {address} is no chat-server, or takes no requests there");
    let status = status(&answer).with_context(none)?;
    match (status, answer.rsplit("\r\n\r\n").next()) {
        (200, Some("ok\n")) => Ok(format!("The server at {address} does its work")),
        (503, _) => bail!("the server at {address} can't store what is said; its log says why"),
        (200, _) => bail!(none()),
        _ => bail!("the server at {address} answers with status {status}"),
    }
}

/// Where who is on this machine can ask without TLS.
fn entrance(listen: &[ListenConfig]) -> anyhow::Result<SocketAddr> {
    let is_open =
        |it: &&ListenConfig| it.tls != TlsUse::Only && it.http && it.proxy == ProxyUse::Off;
    let found = listen.iter().find(is_open).map(|it| it.address);
    let mut address = found.context(
        "server.listen: there is no address where requests are taken without TLS and without a proxy",
    )?;
    ensure!(
        address.port() != 0,
        "server.listen: which port is taken is not known: name the address"
    );
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    Ok(address)
}

fn ask(address: &str, deadline: Instant) -> anyhow::Result<String> {
    let nobody = || format!("nobody answers at {address}");
    let hangs_up = || format!("what answers at {address} hangs up");
    let mut stream = connect(address, deadline).with_context(nobody)?;
    let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
    stream.set_write_timeout(Some(left))?;
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).with_context(hangs_up)?;
    let mut answer = Vec::new();
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        ensure!(!left.is_zero(), "what listens at {address} does not answer in time");
        stream.set_read_timeout(Some(left))?;
        let mut bytes = [0; 1024];
        match stream.read(&mut bytes) {
            Ok(0) => return Ok(String::from_utf8_lossy(&answer).into_owned()),
            Ok(count) => answer.extend_from_slice(&bytes[..count]),
            Err(error) if is_temporary(error.kind()) => {}
            Err(error) => return Err(error).with_context(hangs_up),
        }
        ensure!(
            answer.len() as u64 <= ANSWER_BYTES_MAX,
            "what answers at {address} is no chat-server: it says too much"
        );
    }
}

fn is_temporary(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Interrupted | ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

/// To the first of its addresses where somebody listens.
fn connect(address: &str, deadline: Instant) -> anyhow::Result<TcpStream> {
    let mut failed = None;
    for each in address.to_socket_addrs()? {
        let left = deadline.saturating_duration_since(Instant::now());
        ensure!(!left.is_zero(), "it takes too long to connect");
        match TcpStream::connect_timeout(&each, left) {
            Ok(stream) => return Ok(stream),
            Err(error) => failed = Some(error),
        }
    }
    Err(failed.context("it has no address")?.into())
}

fn status(answer: &str) -> Option<u16> {
    let mut words = answer.lines().next()?.split(' ');
    words.next().filter(|version| version.starts_with("HTTP/1."))?;
    words.next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(listen: &str) -> Result<String, String> {
        let listen: Vec<ListenConfig> =
            toml::from_str::<Config>(&format!("[server]\nlisten = {listen}\n"))
                .unwrap()
                .server
                .listen;
        entrance(&listen).map(|it| it.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn it_is_asked_where_this_machine_may_ask_without_tls() {
        for (listen, expected) in [
            ("[\"192.0.2.1:1\"]", "192.0.2.1:1"),
            ("[\"0.0.0.0:1\", \"[::1]:2\"]", "127.0.0.1:1"),
            ("[{ address = \"0.0.0.0:1\", tls = \"only\" }, \"[::]:2\"]", "[::1]:2"),
            ("[{ address = \"[::]:1\", proxy = \"on\" }, \"127.0.0.9:2\"]", "127.0.0.9:2"),
            ("[{ address = \"[::]:1\", http = false }, \"127.0.0.9:2\"]", "127.0.0.9:2"),
        ] {
            assert_eq!(asked(listen).as_deref(), Ok(expected), "{listen}");
        }
        for (listen, expected) in [
            ("[]", "no address"),
            ("[{ address = \"[::]:1\", tls = \"only\" }]", "no address"),
            ("[\"127.0.0.1:0\"]", "port"),
        ] {
            let error = asked(listen).unwrap_err();
            assert!(error.contains(expected), "{listen}: {error}");
        }
    }

    #[test]
    fn an_answer_has_a_status() {
        assert_eq!(status("HTTP/1.1 503 Service Unavailable\r\n\r\n"), Some(503));
        for text in ["", "HTTP/1.1", "HTTP/1.1 \x1b 1", ":chat.example NOTICE * 200", "SSH-2.0"] {
            assert_eq!(status(text), None, "{text}");
        }
    }
}
