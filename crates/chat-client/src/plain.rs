//! Pipes: lines in, lines out, and an exit status that can be relied on.
//!
//! A line of the input is text, even one that starts with a slash: a log may hold anything. Only where
//! commands are wanted, or typed, are they commands ([`Input`]). `exit` alone ends the input either way.

use std::io;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::core::commands::is_exit;
use crate::core::entry::{Entry, What};
use crate::core::secret::Secret;
use crate::core::{Client, Event, Phase, WINDOW};
use crate::input::InputLines;
use crate::render::Style;
use crate::session::{Output, Session};
use crate::{output, password, threads};

/// How long the server may take to answer what has to be answered.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// How long it may take to close the connection.
const GOODBYE_MAX: Duration = Duration::from_secs(3);

/// 128 + SIGPIPE: what a shell reports of a program whose reader is gone.
const READER_GONE: u8 = 141;

/// What a line of the input is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Input {
    /// Text for the current room.
    Text,
    /// A command if it starts with a slash.
    Commands,
    /// The same, and somebody sits there who can do something about a refusal.
    Keyboard,
}

/// Standard output and standard error as lines.
pub(crate) struct Lines {
    style: Style,
    input: Input,
    reader_gone: AtomicBool,
    /// A line of the input that waits until it may be sent.
    in_hand: Mutex<Option<String>>,
}

impl Lines {
    /// Lines in this style.
    pub(crate) fn new(style: Style, input: Input) -> Self {
        Self { style, input, reader_gone: AtomicBool::new(false), in_hand: Mutex::default() }
    }

    /// The line in hand. Whoever sends it keeps this lock meanwhile, so that a line which is no
    /// longer here is one that the session knows.
    fn in_hand(&self) -> MutexGuard<'_, Option<String>> {
        self.in_hand.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Output for Lines {
    /// The conversation goes to standard output, problems to standard error. What the server tells
    /// is of interest to whoever gave it a command.
    fn show(&self, entry: &Entry) {
        match &entry.what {
            What::Problem(text) => output::problem(text),
            What::Told(_) if self.input == Input::Text => {}
            _ => {
                let line = self.style.line(entry, Timestamp::now());
                if output::line(&line).is_err() {
                    self.reader_gone.store(true, Ordering::Relaxed);
                }
            }
        }
    }

    fn ended(&self) {}
}

/// Why there is nothing more to do.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// All was sent and confirmed.
    Done,
    /// Something was refused, and the user has been told what.
    Refused,
    /// The connection is gone.
    Closed(String),
    /// Nobody reads the output any more.
    ReaderGone { unconfirmed: bool },
}

/// Sends the input and shows what arrives, until the input ends or the connection does.
pub(crate) fn run(session: &Arc<Session>, lines: &Arc<Lines>) -> anyhow::Result<ExitCode> {
    let (feeding, fed) = (session.clone(), lines.clone());
    threads::start("input", move || feed(&feeding, &fed))?;
    let verdict = wait(session, lines);
    if verdict.is_none() {
        output::problem("the server does not answer");
    }
    session.quit(GOODBYE_MAX);
    Ok(match verdict {
        Some(Verdict::Done) => ExitCode::SUCCESS,
        Some(Verdict::Refused) => ExitCode::FAILURE,
        Some(Verdict::ReaderGone { unconfirmed: false }) => ExitCode::SUCCESS,
        Some(Verdict::ReaderGone { unconfirmed: true }) => ExitCode::from(READER_GONE),
        Some(Verdict::Closed(reason)) => {
            report_in_hand(lines);
            output::problem(&format!("the connection is gone: {reason}"));
            ExitCode::FAILURE
        }
        None => {
            report_in_hand(lines);
            ExitCode::FAILURE
        }
    })
}

/// Waits for the verdict; `None` if the server owes an answer and does not give it.
fn wait(session: &Session, lines: &Lines) -> Option<Verdict> {
    let mut seen = None;
    loop {
        let verdict = session.wait(ANSWER_MAX, |client| verdict(client, lines));
        if verdict.is_some() {
            return verdict;
        }
        let (owed, progress) = session.look(|client| {
            let is_ready = is_ready(client, lines.input);
            let owed = client.question().is_none()
                && !client.is_returning()
                && (!is_ready || client.has_input_ended() || client.delivery().waiting() >= WINDOW);
            (owed, (is_ready, client.delivery().answered()))
        });
        if owed && seen.replace(progress) == Some(progress) {
            return None;
        }
    }
}

fn verdict(client: &Client, lines: &Lines) -> Option<Verdict> {
    let unconfirmed = client.delivery().waiting() > 0;
    if lines.reader_gone.load(Ordering::Relaxed) {
        return Some(Verdict::ReaderGone { unconfirmed });
    }
    if let Phase::Closed(reason) = client.phase()
        && client.delivery().any_lost()
    {
        return Some(Verdict::Closed(reason.clone()));
    }
    let is_strict = lines.input != Input::Keyboard;
    if client.has_input_ended() && !unconfirmed && !client.is_answer_awaited() {
        let is_refused = is_strict && client.delivery().any_refused();
        return Some(if is_refused { Verdict::Refused } else { Verdict::Done });
    }
    // Who types does not want to wait. A pipe is only sent to TLS.
    if client.is_returning() && client.has_input_ended() && !is_strict {
        return Some(Verdict::Closed("it was lost before".to_owned()));
    }
    match client.phase() {
        Phase::Closed(reason) => Some(Verdict::Closed(reason.clone())),
        Phase::NicknameRefused => Some(Verdict::Refused),
        Phase::LoginRefused => client.question().is_none().then_some(Verdict::Refused),
        _ => (is_strict && client.any_join_refused()).then_some(Verdict::Refused),
    }
}

/// Whether text can be sent: every room is joined, since what is meant for one must not end up in
/// another. Without a connection the client keeps what is typed, but a pipe may have more.
fn is_ready(client: &Client, input: Input) -> bool {
    if input == Input::Keyboard && client.is_returning() {
        return true;
    }
    let is_refused = input != Input::Keyboard && client.any_join_refused();
    *client.phase() == Phase::Registered && !client.is_joining() && !is_refused
}

/// The connection ended before a line could be sent.
fn report_in_hand(lines: &Lines) {
    if let Some(line) = lines.in_hand().take() {
        output::problem(&format!("NOT sent: {line}"));
    }
}

/// What the input waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Question,
    Line,
}

fn is_ready_or_asks(client: &Client, input: Input) -> Option<Next> {
    if client.question().is_some() {
        return Some(Next::Question);
    }
    is_ready(client, input).then_some(Next::Line)
}

/// Reads the input line by line, no faster than the server confirms.
fn feed(session: &Session, lines: &Lines) {
    let input = lines.input;
    while session.wait_for(|client| is_ready_or_asks(client, input)) == Next::Question {
        answer_questions(session, input);
    }
    let mut input_lines = InputLines::new(io::stdin().lock());
    loop {
        let line = match input_lines.next() {
            Ok(Some(line)) if !is_exit(&line) => line,
            Ok(_) => break,
            Err(error) => {
                output::problem(&format!("cannot read the input: {error}"));
                break;
            }
        };
        *lines.in_hand() = Some(line);
        let may_send =
            |client: &Client| client.delivery().waiting() < WINDOW || client.is_returning();
        session.wait_for(|client| (is_ready(client, input) && may_send(client)).then_some(()));
        let room = session.look(|client| client.current().map(str::to_owned));
        let mut in_hand = lines.in_hand();
        if let Some(line) = in_hand.take() {
            let (line, room) = (line.as_str(), room.as_deref());
            session.update(match input {
                Input::Text => Event::Text { text: line, room },
                Input::Commands | Input::Keyboard => Event::Typed { line, room },
            });
        }
        drop(in_hand);
        answer_questions(session, input);
        if session.look(Client::is_leaving) {
            break;
        }
    }
    session.update(Event::InputEnded);
}

/// Asks for the passwords that a command needs, if there is somebody to ask.
fn answer_questions(session: &Session, input: Input) {
    while let Some(question) = session.look(Client::question) {
        let entered = if input == Input::Keyboard {
            password::prompt(&question).ok().map(|entered| Secret::new(&entered))
        } else {
            output::problem("a password can be asked for on a terminal only");
            None
        };
        session.update(Event::Secret(entered.as_ref()));
    }
}
