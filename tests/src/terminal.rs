//! A program in a terminal: what it shows is compared as a person would see it.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::process::{Child, ExitStatus};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Instant;

use pty_process::Size;
use pty_process::blocking::{Command, Pty};

use crate::server::PATIENCE;

/// The terminal's rows.
pub const ROWS: NonZero<u16> = NonZero::new(24).expect("24 is not 0");
/// The terminal's columns.
pub const COLUMNS: NonZero<u16> = NonZero::new(80).expect("80 is not 0");
/// Rows that are kept when they leave the screen at its top.
const ROWS_KEPT: usize = 5000;

/// A terminal with a program in it, which is killed when the terminal is dropped.
pub struct Terminal {
    process: Child,
    pty: Arc<Pty>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
}

impl Terminal {
    /// Starts a program.
    pub fn open(program: &Path, arguments: &[impl AsRef<OsStr>]) -> Self {
        let (pty, terminal) = pty_process::blocking::open().expect("there is a free terminal");
        pty.resize(Size::new(ROWS.get(), COLUMNS.get())).expect("a terminal has any size");
        let process = Command::new(program)
            .args(arguments)
            .env("TERM", "xterm")
            .env("USER", "tester")
            .env("NO_COLOR", "1")
            .spawn(terminal)
            .expect("the program starts");
        let pty = Arc::new(pty);
        let output = follow(pty.clone());
        Self { process, pty, output, screen: vt100::Parser::new(ROWS, COLUMNS, ROWS_KEPT) }
    }

    /// Types a text; `\r` is the Enter key.
    #[track_caller]
    pub fn types(&self, text: &str) {
        (&*self.pty).write_all(text.as_bytes()).expect("the program reads");
    }

    /// Waits until a text is to be seen.
    #[track_caller]
    pub fn shows(&mut self, text: &str) {
        self.shows_all(&[text]);
    }

    /// Waits until all of these are to be seen at one time.
    #[track_caller]
    pub fn shows_all(&mut self, texts: &[&str]) {
        self.until(&format!("{texts:?}"), |screen| {
            let contents = screen.contents();
            texts.iter().all(|text| contents.contains(text))
        });
    }

    /// Waits until the line with the cursor is this, and the cursor at its end.
    #[track_caller]
    pub fn prompts(&mut self, line: &str) {
        self.until(&format!("the prompt {line:?}"), |screen| {
            let (row, column) = screen.cursor_position();
            let before: String = screen.contents_between(row, 0, row, column);
            before == line
                && screen.contents_between(row, column, row, COLUMNS.get()).trim().is_empty()
        });
    }

    /// The rows as they are now, without those that are empty.
    pub fn rows(&self) -> Vec<String> {
        let rows = self.screen.screen().rows(0, COLUMNS.get());
        rows.filter(|row| !row.trim().is_empty()).collect()
    }

    /// The same with those that have left the screen at its top.
    pub fn all_rows(&mut self) -> Vec<String> {
        let screen = self.screen.screen_mut();
        screen.set_scrollback(ROWS_KEPT);
        let mut all = Vec::new();
        for above in (1..=screen.scrollback()).rev() {
            screen.set_scrollback(above);
            all.extend(screen.rows(0, COLUMNS.get()).next());
        }
        screen.set_scrollback(0);
        all.extend(screen.rows(0, COLUMNS.get()));
        all.retain(|row| !row.trim().is_empty());
        all
    }

    /// Waits for the program's end.
    #[track_caller]
    pub fn ends(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        while let Ok(bytes) =
            self.output.recv_timeout(deadline.saturating_duration_since(Instant::now()))
        {
            self.screen.process(&bytes);
        }
        assert!(Instant::now() < deadline, "the program goes on running:\n{}", self.picture());
        self.process.wait().expect("the program is ours")
    }

    #[track_caller]
    fn until(&mut self, what: &str, is_there: impl Fn(&vt100::Screen) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is_there(self.screen.screen()) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.screen.process(&bytes),
                Err(error) => panic!("{what} is not shown ({error}), but\n{}", self.picture()),
            }
        }
    }

    fn picture(&self) -> String {
        let rows = self.screen.screen().rows(0, COLUMNS.get());
        rows.map(|row| format!("    |{row}\n")).collect()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Reads until the program has closed its side, which Linux reports as an error.
fn follow(pty: Arc<Pty>) -> Receiver<Vec<u8>> {
    let (sender, output) = mpsc::channel();
    let follow = move || {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = (&*pty).read(&mut bytes) {
            if sender.send(bytes[..count].to_vec()).is_err() {
                return;
            }
        }
    };
    let reader = thread::Builder::new().name("terminal".to_owned());
    reader.spawn(follow).expect("a thread can be started");
    output
}
