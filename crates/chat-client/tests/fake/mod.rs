//! A server that says what a test tells it to, and the client talking to it.

#![allow(clippy::unwrap_used, reason = "what goes wrong here fails the test")]
#![allow(dead_code, reason = "each test uses its part of it")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

/// Longer than anything takes: a test that waits this long has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// The client's end of a pipe.
pub(crate) struct Client {
    child: Child,
    stdin: Option<ChildStdin>,
    pub(crate) stdout: Option<BufReader<ChildStdout>>,
}

/// How the client ended.
pub(crate) struct Ended {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Client {
    /// Starts a client for this address.
    pub(crate) fn start(address: &str, args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_chat-client"))
            .arg(address)
            .args(["--nick", "bot", "--room", "ops"])
            .args(args)
            .env_remove("RUST_LOG")
            // Nothing of the user's who runs the tests.
            .env("XDG_STATE_HOME", env!("CARGO_TARGET_TMPDIR"))
            .env("TZ", "UTC")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().map(BufReader::new);
        Self { child, stdin, stdout }
    }

    /// Writes to its standard input, which stays open.
    pub(crate) fn write(&mut self, text: &str) {
        let stdin = self.stdin.as_mut().expect("the test has not closed it");
        stdin.write_all(text.as_bytes()).unwrap();
        stdin.flush().unwrap();
    }

    /// Ends its standard input.
    pub(crate) fn close_input(&mut self) {
        self.stdin = None;
    }

    /// The next line of its standard output.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.as_mut().expect("the test has not closed it").read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Takes whatever it prints from now on, so that it never waits for a reader.
    pub(crate) fn ignore_output(&mut self) {
        let mut stdout = self.stdout.take().expect("the test has not closed it");
        let reader = std::thread::Builder::new().name("stdout".to_owned());
        reader.spawn(move || std::io::copy(&mut stdout, &mut std::io::sink())).unwrap();
    }

    /// Waits for its end.
    pub(crate) fn wait(mut self) -> Ended {
        let mut ended = Ended { status: None, stdout: String::new(), stderr: String::new() };
        if let Some(mut stdout) = self.stdout.take() {
            stdout.read_to_string(&mut ended.stdout).unwrap();
        }
        let mut stderr = self.child.stderr.take().expect("it is piped");
        stderr.read_to_string(&mut ended.stderr).unwrap();
        ended.status = self.child.wait().unwrap().code();
        ended
    }
}

/// The server's end of one connection.
pub(crate) struct Server {
    stream: BufReader<Box<dyn Stream>>,
}

/// What a connection is, with TLS or without.
pub(crate) trait Stream: Read + Write {}

impl<T: Read + Write> Stream for T {}

impl Server {
    /// Starts a client and takes its connection.
    pub(crate) fn with_client(args: &[&str]) -> (Self, Client) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = Client::start(&listener.local_addr().unwrap().to_string(), args);
        (Self::accept(&listener), client)
    }

    /// Takes a client's connection.
    pub(crate) fn accept(listener: &TcpListener) -> Self {
        Self::speaking(accepted(listener))
    }

    /// A server on a connection that is there.
    pub(crate) fn speaking(stream: impl Stream + 'static) -> Self {
        Self { stream: BufReader::new(Box::new(stream)) }
    }

    /// The same, with the client registered and in `#ops`.
    pub(crate) fn with_member(capabilities: &str, args: &[&str]) -> (Self, Client) {
        let (mut server, client) = Self::with_client(args);
        server.register(capabilities);
        server.lets_in();
        (server, client)
    }

    /// Welcomes the client, which may use these capabilities.
    pub(crate) fn register(&mut self, capabilities: &str) {
        self.negotiate(capabilities);
        self.welcome();
    }

    /// Takes the first lines of the client, which may use these capabilities.
    pub(crate) fn negotiate(&mut self, capabilities: &str) {
        self.expect("CAP LS 302");
        self.expect("NICK bot");
        self.receive();
        self.send(&format!(":irc.test CAP * LS :{capabilities}"));
        if !capabilities.is_empty() {
            let names = capabilities.split(' ').map(|name| name.split('=').next().unwrap());
            let names = names.collect::<Vec<_>>().join(" ");
            self.expect(&format!("CAP REQ :{names}"));
            self.send(&format!(":irc.test CAP * ACK :{names}"));
        }
    }

    /// Ends the registration.
    pub(crate) fn welcome(&mut self) {
        self.expect("CAP END");
        self.send(":irc.test 001 bot :Welcome");
    }

    /// Lets the client into its room.
    pub(crate) fn lets_in(&mut self) {
        self.expect("JOIN #ops");
        self.send(":bot!b@host JOIN #ops");
    }

    /// Says that it has everything up to this message.
    pub(crate) fn confirms(&mut self, number: usize) {
        self.expect(&format!("PING sent-{number}"));
        self.send(&format!(":irc.test PONG irc.test :sent-{number}"));
    }

    /// The client says goodbye, and ends.
    pub(crate) fn sees_off(mut self, client: Client) -> Ended {
        self.expect("QUIT");
        drop(self);
        client.wait()
    }

    /// Sends a line.
    pub(crate) fn send(&mut self, line: &str) {
        self.stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).unwrap();
    }

    /// The next line.
    pub(crate) fn receive(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        line.trim_end_matches("\r\n").to_owned()
    }

    /// Demands that the next line is this one.
    pub(crate) fn expect(&mut self, line: &str) {
        assert_eq!(self.receive(), line);
    }
}

/// The next connection, on which nothing is waited for too long.
pub(crate) fn accepted(listener: &TcpListener) -> TcpStream {
    let (stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}
