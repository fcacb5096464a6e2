//! One request over a connection of its own.

use std::io::{Read, Write};
use std::net::TcpStream;

use anyhow::{Context, Result};
use rustls::{ClientConnection, StreamOwned};

use crate::server::{PATIENCE, Server};
use crate::tls::Tls;

/// What a server has answered until it closed the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// Such as 404.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// What follows the headers.
    pub body: String,
}

impl HttpResponse {
    /// Reads one to the end of the connection.
    pub fn read(stream: &mut impl Read) -> Result<Self> {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).context("the server does not close")?;
        let text = String::from_utf8(bytes).context("an answer that is not UTF-8")?;
        let (head, body) = text.split_once("\r\n\r\n").with_context(|| format!("{text:?}"))?;
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
        let status = status.with_context(|| format!("an answer without a status: {head:?}"))?;
        Ok(Self { status, headers: headers.collect(), body: body.to_owned() })
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }

    /// The value of a line of `/metrics`, by its name and labels.
    #[track_caller]
    pub fn metric(&self, name: &str) -> f64 {
        let value = self.body.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        let value = value.unwrap_or_else(|| panic!("no {name} in\n{}", self.body));
        value.parse().unwrap_or_else(|_| panic!("{name} is {value}"))
    }
}

/// Opens a connection and sends bytes.
#[track_caller]
pub fn send(server: &Server, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).expect("the server is listening");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
    stream.write_all(bytes).expect("the server reads");
    stream
}

/// Like [`send`], by TLS.
#[track_caller]
pub fn send_by_tls(
    server: &Server,
    tls: &Tls,
    bytes: &[u8],
) -> StreamOwned<ClientConnection, TcpStream> {
    let mut stream = tls.connect(send(server, b"")).expect("the server speaks TLS");
    stream.write_all(bytes).and_then(|()| stream.flush()).expect("the server reads");
    stream
}

/// What the server answers to these bytes.
#[track_caller]
pub fn exchange(server: &Server, bytes: &[u8]) -> HttpResponse {
    let answer = HttpResponse::read(&mut send(server, bytes));
    answer.unwrap_or_else(|error| panic!("{:?}: {error:#}", String::from_utf8_lossy(bytes)))
}

/// What the server answers to GET. `headers` are lines with their endings.
#[track_caller]
pub fn get(server: &Server, path: &str, headers: &str) -> HttpResponse {
    let host = server.address();
    exchange(server, format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n").as_bytes())
}
