//! A server of its own for every test.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, prlimit};
use tempfile::TempDir;

use crate::binaries;

/// How long anything may take before a test fails. Far more than it takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// What every server here is called. Lines that follow without a table of their own still belong to
/// `[server]`.
const CONFIG_HEAD: &str = "[server]\nname = \"chat.example\"\nnetwork = \"Example\"\n";
const FAKE_CLOCK: &str = "faketime/libfaketimeMT.so.1";
const LISTENING: &str = "Server listening on ";

/// A running `chat-server`, killed when dropped.
#[derive(Debug)]
pub struct Server {
    process: Child,
    address: SocketAddr,
    log: Log,
    /// Closed when nobody can write to the log any more.
    log_end: Mutex<Receiver<SocketAddr>>,
    config: PathBuf,
    data: PathBuf,
    folder: TempDir,
}

/// What the server has written to stderr so far.
#[derive(Debug, Clone, Default)]
struct Log(Arc<LogText>);

#[derive(Debug, Default)]
struct LogText {
    text: Mutex<String>,
    grown: Condvar,
}

impl Server {
    /// Starts one on a free port, or where its configuration says. `config` is TOML and continues the
    /// table `[server]`.
    pub fn start(config: &str) -> Self {
        Self::start_at(if config.contains("listen = ") { "" } else { "127.0.0.1:0" }, config)
    }

    /// Starts one at an address.
    pub fn start_at(address: &str, config: &str) -> Self {
        let folder = tempfile::tempdir().expect("there is room for a temporary folder");
        let data = folder.path().join("data");
        Self::start_in(folder, &data, address, config)
    }

    /// Starts one on a free port that keeps its data in a folder which outlives it.
    pub fn start_with_data(data: &Path, config: &str) -> Self {
        let folder = tempfile::tempdir().expect("there is room for a temporary folder");
        Self::start_in(folder, data, "127.0.0.1:0", config)
    }

    /// Starts one that panics where a test wants it: where a file of this name is put into the folder
    /// that is returned.
    pub fn start_with_faults(config: &str) -> (Self, PathBuf) {
        let folder = tempfile::tempdir().expect("there is room for a temporary folder");
        let (data, faults) = (folder.path().join("data"), folder.path().join("faults"));
        std::fs::create_dir(&faults).expect("the folder is writable");
        let config = write_config(folder.path(), config);
        let mut command = command_of(binaries::chat_server_with_faults(), &config, &data);
        command.env("CHAT_SERVER_FAULTS", &faults);
        (Self::start_as(command, folder, config, &data, "127.0.0.1:0"), faults)
    }

    /// Starts one whose clock is set by what is written in a file, such as `-3600` (seconds); `None` where
    /// libfaketime is not installed.
    pub fn start_with_clock(config: &str) -> Option<(Self, PathBuf)> {
        let library = library(FAKE_CLOCK)?;
        let folder = tempfile::tempdir().expect("there is room for a temporary folder");
        let (data, clock) = (folder.path().join("data"), folder.path().join("clock"));
        std::fs::write(&clock, "+0").expect("the folder is writable");
        let config = write_config(folder.path(), config);
        let mut command = command(&config, &data);
        command.env("LD_PRELOAD", library).env("FAKETIME_TIMESTAMP_FILE", &clock);
        // What is written counts at once, and how long something takes is not changed by it.
        command.env("FAKETIME_NO_CACHE", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        Some((Self::start_as(command, folder, config, &data, "127.0.0.1:0"), clock))
    }

    /// Starts one as another user of the system, who may have so many processes and threads: root has
    /// no such bound. Takes root.
    pub fn start_as_user(user: u32, threads_max: u32, config: &str) -> Self {
        let folder = tempfile::tempdir().expect("there is room for a temporary folder");
        let (data, binary) = (folder.path().join("data"), folder.path().join("chat-server"));
        let config = write_config(folder.path(), config);
        // What was built may lie where only root gets to.
        std::fs::copy(binaries::chat_server(), &binary).expect("there is room for a copy");
        for path in [folder.path(), &config] {
            chown(path, Some(user), Some(user)).expect("root gives away what is its own");
        }
        let own = command_of(&binary, &config, &data);
        let mut command = Command::new("prlimit");
        command.arg(format!("--nproc={threads_max}")).arg(own.get_program()).args(own.get_args());
        command.env_remove("RUST_LOG").stdin(Stdio::null()).stderr(Stdio::piped());
        command.uid(user).gid(user);
        Self::start_as(command, folder, config, &data, "127.0.0.1:0")
    }

    /// How many threads and descriptors it has.
    pub fn threads_and_files(&self) -> (usize, usize) {
        let count = |what: &str| {
            let entries = std::fs::read_dir(format!("/proc/{}/{what}", self.pid()));
            entries.expect("the server is running").count()
        };
        (count("task"), count("fd"))
    }

    /// Changes how many files it may have open from now on.
    pub fn limit_files(&self, most: u64) {
        // It has raised its limit as far as this process could.
        let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
        let limit = Rlimit { current: Some(most), maximum };
        let pid = Pid::from_child(&self.process);
        prlimit(Some(pid), Resource::Nofile, limit).expect("a lower limit can be set");
    }

    /// Where it keeps its data.
    pub fn data(&self) -> &Path {
        &self.data
    }

    fn start_in(folder: TempDir, data: &Path, address: &str, config: &str) -> Self {
        let config = write_config(folder.path(), config);
        Self::start_as(command(&config, data), folder, config, data, address)
    }

    fn start_as(
        command: Command,
        folder: TempDir,
        config: PathBuf,
        data: &Path,
        address: &str,
    ) -> Self {
        let (data, log) = (data.to_owned(), Log::default());
        let (process, address, log_end) = launch(command, address, &log);
        let log_end = Mutex::new(log_end);
        Self { process, address, log, log_end, config, data, folder }
    }

    /// Ends it as SIGTERM does, and starts it again on a free port with the same data.
    pub fn restart(&mut self) {
        self.signal(Signal::TERM);
        assert!(self.wait(PATIENCE).is_some(), "the server does not end:\n{}", self.log());
        let (process, address, log_end) =
            launch(command(&self.config, &self.data), "127.0.0.1:0", &self.log);
        (self.process, self.address, self.log_end) = (process, address, Mutex::new(log_end));
    }

    /// Ends it without a warning, as when the machine fails.
    pub fn kill(&mut self) {
        self.signal(Signal::KILL);
        assert!(self.wait(PATIENCE).is_some(), "the server does not end:\n{}", self.log());
    }

    /// Starts it again after its end, where it was and with the same data.
    pub fn start_again(&mut self) {
        let address = self.address.to_string();
        let (process, address, log_end) =
            launch(command(&self.config, &self.data), &address, &self.log);
        (self.process, self.address, self.log_end) = (process, address, Mutex::new(log_end));
    }

    /// Runs one that is expected to end by itself.
    pub fn run_to_end(config: &Path, arguments: &[&str]) -> Output {
        let folder = tempfile::tempdir().expect("there is room for a temporary folder");
        Self::run_to_end_with_data(&folder.path().join("data"), config, arguments)
    }

    /// Like [`Server::run_to_end`], with its data in a folder.
    pub fn run_to_end_with_data(data: &Path, config: &Path, arguments: &[&str]) -> Output {
        let process = command(config, data)
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let pid = Pid::from_child(&process);
        let (ended, output) = mpsc::channel();
        thread::Builder::new()
            .name("server-output".to_owned())
            .spawn(move || ended.send(process.wait_with_output()))
            .expect("a thread can be started");
        let Ok(output) = output.recv_timeout(PATIENCE) else {
            let _ = kill_process(pid, Signal::KILL);
            panic!("the server goes on running with {arguments:?} and {}", config.display());
        };
        output.expect("the server's output can be read")
    }

    /// What `chat-server hash-password` makes of a password.
    pub fn hash_password(password: &str) -> String {
        let mut process = Command::new(binaries::chat_server())
            .arg("hash-password")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut stdin = process.stdin.take().expect("stdin is piped");
        writeln!(stdin, "{password}").expect("the server reads the password");
        drop(stdin);
        let output = process.wait_with_output().expect("the server's output can be read");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("a hash is text").trim().to_owned()
    }

    /// Writes another configuration in the place of its own. It does not read it before it is told to.
    pub fn reconfigure(&self, config: &str) {
        let folder = tempfile::tempdir_in(self.folder.path()).expect("the folder is writable");
        let file = write_config(folder.path(), config);
        // As a whole: the server may be reading.
        std::fs::rename(file, &self.config).expect("the folder is writable");
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens, if that is in so many places.
    pub fn addresses(&self, count: usize) -> Vec<SocketAddr> {
        let listening = |log: &str| -> Vec<SocketAddr> {
            let lines = log.lines().filter_map(|line| line.split_once(LISTENING));
            lines.filter_map(|(_, address)| address.trim().parse().ok()).collect()
        };
        let is_missing = |log: &mut String| listening(log).len() < count;
        let waited = self.log.0.grown.wait_timeout_while(self.log.lock(), PATIENCE, is_missing);
        let (log, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let addresses = listening(&log);
        assert_eq!(addresses.len(), count, "{log}");
        addresses
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// What it has written to stderr so far.
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// Waits until it has written this to stderr.
    #[track_caller]
    pub fn awaits_log(&self, text: &str) {
        assert!(self.log.awaits(text), "the log does not say {text:?}:\n{}", self.log());
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process), signal).expect("the server is running");
    }

    /// Waits for its end, at most so long.
    pub fn wait(&mut self, patience: Duration) -> Option<ExitStatus> {
        let log_end = self.log_end.get_mut().unwrap_or_else(PoisonError::into_inner);
        match log_end.recv_timeout(patience) {
            Err(RecvTimeoutError::Disconnected) => self.process.wait().ok(),
            Ok(_) | Err(RecvTimeoutError::Timeout) => None,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if thread::panicking() {
            let _ = writeln!(std::io::stderr(), "the server's log:\n{}", self.log.text());
        }
    }
}

/// A library of this machine's architecture, as Debian places them.
fn library(name: &str) -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?.flatten();
    folders.map(|folder| folder.path().join(name)).find(|library| library.exists())
}

impl Log {
    /// Reads until the server ends, so that it never has to wait for a full pipe.
    fn follow(&self, stderr: ChildStderr, listening: Sender<SocketAddr>) {
        let log = self.clone();
        let reader = thread::Builder::new().name("server-log".to_owned());
        let follow = move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let address = line.split_once(LISTENING).and_then(|(_, at)| at.trim().parse().ok());
                log.push(&line);
                address.map(|address| listening.send(address));
            }
        };
        reader.spawn(follow).expect("a thread can be started");
    }

    fn push(&self, line: &str) {
        let mut log = self.lock();
        log.push_str(line);
        log.push('\n');
        self.0.grown.notify_all();
    }

    fn text(&self) -> String {
        self.lock().clone()
    }

    fn awaits(&self, text: &str) -> bool {
        let is_missing = |log: &mut String| !log.contains(text);
        let waited = self.0.grown.wait_timeout_while(self.lock(), PATIENCE, is_missing);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    fn lock(&self) -> MutexGuard<'_, String> {
        self.0.text.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts a process and waits until it listens.
fn launch(
    mut command: Command,
    address: &str,
    log: &Log,
) -> (Child, SocketAddr, Receiver<SocketAddr>) {
    if !address.is_empty() {
        command.args(["--listen", address]);
    }
    let mut process = command.stdout(Stdio::null()).spawn().expect("the server starts");
    let (listening, log_end) = mpsc::channel();
    log.follow(process.stderr.take().expect("stderr is piped"), listening);
    match log_end.recv_timeout(PATIENCE) {
        Ok(address) => (process, address, log_end),
        Err(error) => {
            let _ = process.kill();
            let what = match error {
                RecvTimeoutError::Timeout => "does not say where it listens",
                RecvTimeoutError::Disconnected => "ended at once",
            };
            panic!("the server {what}; it said:\n{}", log.text());
        }
    }
}

/// Writes a configuration into a folder. `config` is TOML and continues the table `[server]`.
pub fn write_config(folder: &Path, config: &str) -> PathBuf {
    let path = folder.join("config.toml");
    std::fs::write(&path, format!("{CONFIG_HEAD}{config}")).expect("the folder is writable");
    path
}

fn command(config: &Path, data: &Path) -> Command {
    command_of(&binaries::chat_server(), config, data)
}

fn command_of(binary: &Path, config: &Path, data: &Path) -> Command {
    let mut command = Command::new(binary);
    command.env_remove("RUST_LOG").stdin(Stdio::null()).stderr(Stdio::piped());
    command.arg("--config").arg(config).arg("--data").arg(data);
    command
}
