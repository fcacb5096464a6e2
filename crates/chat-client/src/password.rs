//! Where the password of an account comes from. It is never an argument: those are for all to see.

use std::fs::{File, Metadata};
use std::io::{self, IsTerminal, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use anyhow::{Context, bail, ensure};
use rustix::process::geteuid;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use signal_hook::consts::SIGINT;
use signal_hook::flag;

use crate::core::secret::Secret;
use crate::sanitize;

/// The most bytes that are read of a file or of a command's output.
const BYTES_MAX: u64 = 4096;
/// What others than the owner may do with a file.
const OTHERS: u32 = 0o077;

/// Where to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// The user is asked.
    Prompt,
    /// The first line of what a shell command prints.
    Command(String),
    /// The first line of a file that nobody else can read.
    File(PathBuf),
}

impl Source {
    /// Reads the password for this account.
    pub(crate) fn read(&self, account: &str) -> anyhow::Result<Secret> {
        let entered = match self {
            Self::Prompt => prompt(&format!("Password for {account}: "))?,
            Self::Command(command) => first_line(&printed_by(command)?),
            Self::File(path) => {
                let failure = || format!("cannot read the password from {}", path.display());
                first_line(&private_file(path).with_context(failure)?)
            }
        };
        let password = Secret::new(&entered);
        ensure!(!password.is_empty(), "the password is empty");
        Ok(password)
    }
}

/// Whether Ctrl-C ends the process, once [`end_on_interrupt`] decides about that.
static INTERRUPT_ENDS: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// From now on Ctrl-C ends the process except while a password is typed: the terminal has to be
/// given back first. While the line editor has the terminal, it takes Ctrl-C itself.
pub(crate) fn end_on_interrupt() -> io::Result<()> {
    let ends = INTERRUPT_ENDS.get_or_init(|| Arc::new(AtomicBool::new(true)));
    flag::register_conditional_default(SIGINT, ends.clone())?;
    Ok(())
}

/// A time in which passwords are asked for: what is typed is not shown, not even between two
/// questions, and Ctrl-C is typed like anything else.
pub(crate) struct Asking {
    tty: File,
    before: Termios,
}

impl Asking {
    /// Makes the terminal show nothing.
    pub(crate) fn start() -> io::Result<Self> {
        let tty = File::open("/dev/tty")?;
        let before = tcgetattr(&tty)?;
        let mut silent = before.clone();
        let loud = LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG;
        silent.local_modes.remove(loud);
        tcsetattr(&tty, OptionalActions::Now, &silent)?;
        set_interrupt_ends(false);
        Ok(Self { tty, before })
    }

    /// Asks. Ctrl-C is [`ErrorKind::Interrupted`].
    ///
    /// [`ErrorKind::Interrupted`]: io::ErrorKind::Interrupted
    pub(crate) fn prompt(&self, question: &str) -> io::Result<String> {
        rpassword::prompt_password(sanitize::text(question))
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        if let Err(error) = tcsetattr(&self.tty, OptionalActions::Now, &self.before) {
            log::warn!("cannot give the terminal back: {error}");
        }
        set_interrupt_ends(true);
    }
}

/// Asks one question on the terminal.
pub(crate) fn prompt(question: &str) -> anyhow::Result<String> {
    let entered = Asking::start().and_then(|asking| asking.prompt(question));
    entered.context("cannot ask for a password")
}

fn set_interrupt_ends(ends: bool) {
    if let Some(flag) = INTERRUPT_ENDS.get() {
        flag.store(ends, Ordering::Relaxed);
    }
}

fn printed_by(command: &str) -> anyhow::Result<Vec<u8>> {
    // What is piped in is for the room, not for the command.
    let stdin = if io::stdin().is_terminal() { Stdio::inherit() } else { Stdio::null() };
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).stdin(stdin).stdout(Stdio::piped());
    let mut child = shell.spawn().context("cannot run the password command")?;
    let mut printed = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        let mut limited = stdout.take(BYTES_MAX);
        let read = limited.read_to_end(&mut printed);
        let read = read.and_then(|_| io::copy(&mut limited.into_inner(), &mut io::sink()));
        read.context("cannot read from the password command")?;
    }
    let status = child.wait().context("cannot wait for the password command")?;
    ensure!(status.success(), "the password command failed: {status}");
    Ok(printed)
}

fn private_file(path: &Path) -> anyhow::Result<Vec<u8>> {
    let file = File::open(path)?;
    check_private(&file.metadata()?)?;
    let mut bytes = Vec::new();
    file.take(BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn check_private(metadata: &Metadata) -> anyhow::Result<()> {
    if metadata.is_dir() {
        bail!("it is a folder");
    }
    ensure!(metadata.uid() == geteuid().as_raw(), "it belongs to somebody else");
    let mode = metadata.mode() & 0o777;
    ensure!(mode & OTHERS == 0, "others may read it (mode {mode:04o}): chmod 600");
    Ok(())
}

fn first_line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_prints_the_password() {
        let source = Source::Command("printf 'secret word\\nmore\\n'".to_owned());
        assert_eq!(source.read("alice").unwrap(), Secret::new("secret word"));
        let failing = Source::Command("echo secret; exit 3".to_owned());
        let why = failing.read("alice").unwrap_err().to_string();
        assert!(why.contains("failed") && !why.contains("secret"), "{why}");
        let silent = Source::Command("true".to_owned());
        assert_eq!(silent.read("alice").unwrap_err().to_string(), "the password is empty");
    }

    #[test]
    fn a_file_is_read_if_it_is_there_and_a_file() {
        let why = |path: &str| format!("{:#}", Source::File(path.into()).read("a").unwrap_err());
        assert!(why("/nonexistent").contains("cannot read the password from /nonexistent"));
        assert!(why("/").contains("it is a folder"));
    }
}
