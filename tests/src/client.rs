//! A client that sends what it is told to and hides nothing of what it gets.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream};

use anyhow::{Context, Result, bail, ensure};
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, connect, socket_with};

use crate::line::Line;
use crate::pattern::{Pattern, Variables};
use crate::server::{PATIENCE, Server};
use crate::tls::{Stream, Tls, fingerprint};
use crate::transcript::Transcript;

/// A connection to a server.
#[derive(Debug)]
pub struct Client {
    name: String,
    stream: BufReader<Stream>,
    received: VecDeque<Line>,
    closed: bool,
    barriers: u32,
    transcript: Transcript,
}

impl Client {
    /// Opens a connection and sends nothing.
    pub fn open(name: &str, address: SocketAddr, transcript: Transcript) -> Result<Self> {
        let stream = TcpStream::connect(address).context("the server accepts no connection")?;
        Self::over(name, stream, transcript)
    }

    /// Opens a connection over TLS. The handshake is over, as far as the client can tell.
    pub fn open_tls(name: &str, address: SocketAddr, tls: &Tls) -> Result<Self> {
        let stream = TcpStream::connect(address).context("the server accepts no connection")?;
        let mut client = Self::over(name, stream, Transcript::default())?;
        client.start_tls(tls)?;
        Ok(client)
    }

    /// What is said from now on is encrypted.
    pub fn start_tls(&mut self, tls: &Tls) -> Result<()> {
        let tcp = self.stream.get_ref().tcp().try_clone()?;
        self.stream = BufReader::new(Stream::Tls(Box::new(tls.connect(tcp)?)));
        Ok(())
    }

    /// The fingerprint of the certificate that the server has shown.
    pub fn server_certificate(&self) -> Option<String> {
        match self.stream.get_ref() {
            Stream::Plain(_) => None,
            Stream::Tls(stream) => {
                let certificates = stream.conn.peer_certificates()?;
                certificates.first().map(|certificate| fingerprint(certificate))
            }
        }
    }

    fn over(name: &str, stream: TcpStream, transcript: Transcript) -> Result<Self> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        let stream = Stream::Plain(stream);
        Ok(Self {
            name: name.to_owned(),
            stream: BufReader::new(stream),
            received: VecDeque::new(),
            closed: false,
            barriers: 0,
            transcript,
        })
    }

    /// Registers with the client's name as nickname and drops what greets it.
    pub fn register(&mut self, capabilities: &[String]) -> Result<()> {
        if !capabilities.is_empty() {
            self.send(format!("CAP REQ :{}", capabilities.join(" ")))?;
        }
        self.send(format!("NICK {}", self.name))?;
        self.send("USER user 0 * :Real Name")?;
        if !capabilities.is_empty() {
            self.send("CAP END")?;
        }
        self.barrier()?;
        let greeting = std::mem::take(&mut self.received);
        let has = |pattern: &str| greeting.iter().any(|line| matches(pattern, line));
        ensure!(has("001 … :*"), "{} is not welcomed", self.name);
        let acknowledged = capabilities.is_empty() || has("CAP * ACK *");
        ensure!(acknowledged, "{} is refused {}", self.name, capabilities.join(" "));
        Ok(())
    }

    /// Sends one line; the line ending is added.
    pub fn send(&mut self, line: impl AsRef<[u8]>) -> Result<()> {
        let line = line.as_ref();
        self.transcript.push(&self.name, '>', &String::from_utf8_lossy(line));
        self.write(&[line, b"\r\n"].concat())
    }

    /// Sends bytes as they are and leaves them out of the transcript.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream.get_mut().write_all(bytes).with_context(|| format!("{} can't send", self.name))
    }

    /// The next line, or `None` if the server has closed the connection.
    pub fn receive(&mut self) -> Result<Option<Line>> {
        match self.received.pop_front() {
            Some(line) => Ok(Some(line)),
            None => self.read(),
        }
    }

    /// Makes sure that the server has handled every line sent so far. What it sends meanwhile is
    /// kept for [`Client::receive`].
    pub fn barrier(&mut self) -> Result<()> {
        if self.closed {
            return Ok(());
        }
        self.barriers += 1;
        let token = format!("barrier-{}", self.barriers);
        // A connection that is closed already has nothing left to handle, but perhaps to say.
        let _ = self.write(format!("PING {token}\r\n").as_bytes());
        while let Some(line) = self.read()? {
            if line.is_pong(&token) {
                return Ok(());
            }
            self.received.push_back(line);
        }
        Ok(())
    }

    /// Drops every line the server has sent up to now.
    pub fn skip(&mut self) -> Result<()> {
        self.barrier()?;
        self.received.clear();
        Ok(())
    }

    /// Demands that nothing has come that was not received yet.
    pub fn silent(&mut self) -> Result<()> {
        self.barrier()?;
        match self.received.pop_front() {
            Some(line) => bail!("{} receives\n    {}", self.name, line.as_str()),
            None if self.closed => bail!("the server closes the connection of {}", self.name),
            None => Ok(()),
        }
    }

    /// The socket, for tests that mistreat it.
    pub fn stream(&self) -> &TcpStream {
        self.stream.get_ref().tcp()
    }

    fn read(&mut self) -> Result<Option<Line>> {
        if self.closed {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        match self.stream.read_until(b'\n', &mut bytes) {
            Ok(0) => self.closed = true,
            Ok(_) => return self.take_in(&bytes).map(Some),
            // What the server sent before it gave up on unread bytes may be lost with them.
            Err(error) if is_end(&error) => self.closed = true,
            Err(_) => bail!("{} receives nothing within {PATIENCE:?}", self.name),
        }
        self.transcript.push(&self.name, '<', "(closed)");
        Ok(None)
    }

    fn take_in(&self, bytes: &[u8]) -> Result<Line> {
        let line = Line::from_wire(bytes).with_context(|| {
            format!("{} receives {:?}", self.name, String::from_utf8_lossy(bytes))
        })?;
        if !line.is_pong(&format!("barrier-{}", self.barriers)) {
            self.transcript.push(&self.name, '<', line.as_str());
        }
        Ok(line)
    }
}

/// Over TLS, an end that was not announced counts as one too.
fn is_end(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof)
}

/// For tests written in Rust: each of these panics with the transcript where it is called.
impl Client {
    /// A registered client.
    #[track_caller]
    pub fn registered(server: &Server, nickname: &str) -> Self {
        let mut client = Self::unregistered(server, nickname);
        let registered = client.register(&[]);
        client.demand(registered);
        client
    }

    /// A registered client with these capabilities that is in a room and has been told who else is.
    #[track_caller]
    pub fn member(server: &Server, nickname: &str, room: &str, capabilities: &[&str]) -> Self {
        let mut client = Self::unregistered(server, nickname);
        let capabilities: Vec<_> = capabilities.iter().map(|&name| name.to_owned()).collect();
        let registered = client.register(&capabilities);
        client.demand(registered);
        client.says(&format!("JOIN {room}"));
        client.awaits(&format!("366 * {room} :*"));
        client
    }

    /// A registered client that comes by TLS.
    #[track_caller]
    pub fn registered_by_tls(server: &Server, nickname: &str, tls: &Tls) -> Self {
        let mut client = Self::by_tls(server.address(), nickname, tls);
        let registered = client.register(&[]);
        client.demand(registered);
        client
    }

    /// A connection by TLS that has not said anything.
    #[track_caller]
    pub fn by_tls(address: SocketAddr, name: &str, tls: &Tls) -> Self {
        match Self::open_tls(name, address, tls) {
            Ok(client) => client,
            Err(error) => panic!("{name} does not come in by TLS: {error:#}"),
        }
    }

    /// A connection that has not said anything.
    #[track_caller]
    pub fn unregistered(server: &Server, name: &str) -> Self {
        Self::open(name, server.address(), Transcript::default()).expect("the server is listening")
    }

    /// The same, from an address of one's own: every one that starts with 127 is.
    #[track_caller]
    pub fn unregistered_from(server: &Server, name: &str, address: Ipv4Addr) -> Self {
        Self::from_to(address, server.address(), name)
    }

    /// The same, to wherever somebody listens.
    #[track_caller]
    pub fn from_to(address: Ipv4Addr, to: SocketAddr, name: &str) -> Self {
        let connect = || {
            let flags = SocketFlags::CLOEXEC;
            let socket = socket_with(AddressFamily::INET, SocketType::STREAM, flags, None)?;
            bind(&socket, &SocketAddrV4::new(address, 0))?;
            connect(&socket, &to)?;
            Ok::<_, rustix::io::Errno>(TcpStream::from(socket))
        };
        let stream = connect().expect("the server is listening");
        Self::over(name, stream, Transcript::default()).expect("the socket can be set up")
    }

    /// Sends one line.
    #[track_caller]
    pub fn says(&mut self, line: &str) {
        let sent = self.send(line);
        self.demand(sent);
    }

    /// Receives lines until one matches, and returns that one.
    #[track_caller]
    pub fn awaits(&mut self, pattern: &str) -> Line {
        loop {
            let received = self.receive();
            match self.demand(received) {
                Some(line) if matches(pattern, &line) => return line,
                Some(_) => {}
                None => self.fail(&format!("the server closes, and never sends\n    {pattern}")),
            }
        }
    }

    /// Receives lines until one matches one of these, and returns it.
    #[track_caller]
    pub fn awaits_any(&mut self, patterns: &[&str]) -> Line {
        loop {
            let received = self.receive();
            match self.demand(received) {
                Some(line) if patterns.iter().any(|it| matches(it, &line)) => return line,
                Some(_) => {}
                None => self.fail(&format!("the server closes, and never sends\n    {patterns:?}")),
            }
        }
    }

    /// Receives a line, which has to match.
    #[track_caller]
    pub fn gets(&mut self, pattern: &str) {
        let received = self.receive();
        let line = self.demand(received);
        if !line.as_ref().is_some_and(|line| matches(pattern, line)) {
            let got = line.as_ref().map_or("(closed)", Line::as_str);
            self.fail(&format!("expected\n    {pattern}\nand got\n    {got}"));
        }
    }

    /// All that has come by now.
    #[track_caller]
    pub fn drain(&mut self) -> Vec<Line> {
        let served = self.barrier();
        self.demand(served);
        self.received.drain(..).collect()
    }

    /// Receives lines until the server closes, and returns them.
    #[track_caller]
    pub fn reads_to_end(&mut self) -> Vec<Line> {
        let mut lines = Vec::new();
        loop {
            let received = self.receive();
            match self.demand(received) {
                Some(line) => lines.push(line),
                None => return lines,
            }
        }
    }

    /// A PING and its PONG; other lines are dropped.
    #[track_caller]
    pub fn is_served(&mut self) {
        let served = self.skip();
        self.demand(served);
        if self.closed {
            self.fail("the server closed the connection");
        }
    }

    #[track_caller]
    fn demand<T>(&self, result: Result<T>) -> T {
        match result {
            Ok(value) => value,
            Err(error) => self.fail(&format!("{error:#}")),
        }
    }

    #[track_caller]
    fn fail(&self, why: &str) -> ! {
        panic!("{}: {why}\nso far:\n{}", self.name, self.transcript)
    }
}

fn matches(pattern: &str, line: &Line) -> bool {
    let pattern = Pattern::parse(pattern).expect("a pattern in a test is one");
    pattern.matches(line, &mut Variables::new())
}
