//! A client over WebSocket. Its frames are tungstenite's, or whatever a test sends instead.

use std::io::{Read, Write};
use std::net::TcpStream;

use tungstenite::protocol::frame::coding::{Data, OpCode};
use tungstenite::protocol::frame::{Frame, FrameHeader};
use tungstenite::protocol::{Message, Role, WebSocketContext};

use crate::http;
use crate::line::Line;
use crate::pattern::{Pattern, Variables};
use crate::server::{PATIENCE, Server};
use crate::tls::{Stream, Tls};

const MASK: [u8; 4] = [7, 0, 255, 42];

/// A WebSocket to a server.
#[derive(Debug)]
pub struct WebClient {
    stream: Stream,
    context: WebSocketContext,
    /// What the server has chosen.
    pub subprotocol: Option<String>,
    /// How many came between the lines.
    pub pongs: usize,
    is_binary: bool,
}

impl WebClient {
    /// Opens one. `headers` are lines with their endings, besides those that every handshake has.
    #[track_caller]
    pub fn open(server: &Server, subprotocols: &str, headers: &str) -> Self {
        Self::open_saying(server, subprotocols, headers, &[])
    }

    /// Like [`WebClient::open`], with bytes that are sent at once behind the handshake.
    #[track_caller]
    pub fn open_saying(server: &Server, subprotocols: &str, headers: &str, bytes: &[u8]) -> Self {
        let request = offering(server, subprotocols, headers);
        let stream = http::send(server, &[request.as_bytes(), bytes].concat());
        Self::over(Stream::Plain(stream))
    }

    /// Like [`WebClient::open`], by TLS.
    #[track_caller]
    pub fn open_by_tls(server: &Server, subprotocols: &str, headers: &str, tls: &Tls) -> Self {
        let request = offering(server, subprotocols, headers);
        let stream = http::send_by_tls(server, tls, request.as_bytes());
        Self::over(Stream::Tls(Box::new(stream)))
    }

    /// Reads the answer to the handshake, which has been sent.
    #[track_caller]
    fn over(mut stream: Stream) -> Self {
        stream.tcp().set_nodelay(true).expect("the socket takes options");
        let head = read_head(&mut stream);
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        assert!(
            head.contains("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"),
            "{head}"
        );
        assert!(!head.contains("Sec-WebSocket-Extensions"), "{head}");
        let chosen = head.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Protocol: "));
        let subprotocol = chosen.map(str::to_owned);
        let is_binary = chosen == Some("binary.ircv3.net");
        let context = WebSocketContext::new(Role::Client, None);
        Self { stream, context, subprotocol, pongs: 0, is_binary }
    }

    /// A registered client.
    #[track_caller]
    pub fn registered(server: &Server, nickname: &str) -> Self {
        let mut client = Self::open(server, "text.ircv3.net", "");
        client.registers(nickname);
        client
    }

    /// Registers, and drops what greets it.
    #[track_caller]
    pub fn registers(&mut self, nickname: &str) {
        self.says(&format!("NICK {nickname}"));
        self.says("USER web 0 * :Web");
        self.awaits("001 …");
        self.is_served();
    }

    /// Sends one line as one message.
    #[track_caller]
    pub fn says(&mut self, line: &str) {
        let opcode = if self.is_binary { Data::Binary } else { Data::Text };
        self.sends(&frame(OpCode::Data(opcode), line.as_bytes(), true));
    }

    /// Sends bytes as they are.
    #[track_caller]
    pub fn sends(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).expect("the server reads on");
    }

    /// The next line; the message is of the kind that was agreed on, and has no line ending.
    #[track_caller]
    pub fn receives(&mut self) -> Line {
        loop {
            match self.message() {
                Message::Text(text) if !self.is_binary => return line(text.as_bytes()),
                Message::Binary(bytes) if self.is_binary => return line(&bytes),
                Message::Pong(_) => self.pongs += 1,
                other => panic!("instead of a line: {other:?}"),
            }
        }
    }

    /// The next message that is no line.
    #[track_caller]
    pub fn message(&mut self) -> Message {
        self.context.read(&mut self.stream).expect("the server sends something")
    }

    /// Receives a line, which has to match.
    #[track_caller]
    pub fn gets(&mut self, pattern: &str) {
        let line = self.receives();
        assert!(matches(pattern, &line), "expected\n    {pattern}\nand got\n    {}", line.as_str());
    }

    /// Receives lines until one matches, and returns that one.
    #[track_caller]
    pub fn awaits(&mut self, pattern: &str) -> Line {
        loop {
            let line = self.receives();
            if matches(pattern, &line) {
                return line;
            }
        }
    }

    /// A PING and its PONG; other lines are dropped.
    #[track_caller]
    pub fn is_served(&mut self) {
        self.says("PING served");
        self.awaits("PONG * served");
    }

    /// Reads lines until the server closes; the code it closes with, and the last line.
    #[track_caller]
    pub fn reads_to_close(&mut self) -> (u16, Option<Line>) {
        let mut last = None;
        loop {
            match self.message() {
                Message::Close(close) => {
                    let code = close.map_or(1005, |close| close.code.into());
                    let rest = self.stream.read_to_end(&mut Vec::new());
                    assert!(matches!(rest, Ok(0)), "something follows the close: {rest:?}");
                    return (code, last);
                }
                Message::Text(text) => last = Some(line(text.as_bytes())),
                Message::Binary(bytes) => last = Some(line(&bytes)),
                _ => {}
            }
        }
    }

    /// The socket, for tests that mistreat it.
    pub fn stream(&self) -> &TcpStream {
        self.stream.tcp()
    }
}

/// A masked frame, as clients send it.
pub fn frame(opcode: OpCode, payload: &[u8], is_final: bool) -> Vec<u8> {
    let header = FrameHeader { is_final, opcode, mask: Some(MASK), ..FrameHeader::default() };
    let frame = Frame::from_payload(header, payload.to_vec().into());
    let mut bytes = Vec::new();
    frame.format(&mut bytes).expect("a Vec takes what is written");
    bytes
}

/// The request that opens a WebSocket.
pub fn handshake(server: &Server, headers: &str) -> String {
    format!(
        "GET /ws HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n",
        server.address()
    )
}

/// The request that opens a WebSocket for one of these subprotocols, if there are any.
fn offering(server: &Server, subprotocols: &str, headers: &str) -> String {
    let offered = Some(subprotocols).filter(|offered| !offered.is_empty());
    let offered =
        offered.map_or_else(String::new, |it| format!("Sec-WebSocket-Protocol: {it}\r\n"));
    handshake(server, &format!("{offered}{headers}"))
}

/// Not a byte more than the head: frames follow.
#[track_caller]
fn read_head(stream: &mut Stream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        let read = stream.read(&mut byte);
        assert!(matches!(read, Ok(1)), "no answer within {PATIENCE:?}: {read:?} after {head:?}");
        head.extend(byte);
    }
    String::from_utf8(head).expect("a head is text")
}

#[track_caller]
fn line(message: &[u8]) -> Line {
    Line::from_wire(&[message, b"\r\n"].concat()).expect("a message is one line")
}

fn matches(pattern: &str, line: &Line) -> bool {
    let pattern = Pattern::parse(pattern).expect("a pattern in a test is one");
    pattern.matches(line, &mut Variables::new())
}
