//! Line mode: a prompt at the bottom of the terminal, the conversation above it.

mod editor;
mod entered;
mod queue;
mod screen;

use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use rustyline::error::ReadlineError;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use self::editor::LineEditor;
use self::screen::{Screen, Stop};
use crate::core::commands;
use crate::core::secret::Secret;
use crate::core::{Client, Event, Phase};
use crate::render::Style;
use crate::session::{Output, Session};
use crate::threads;
use crate::{output, password};

/// How long the server may take to welcome the user.
const WELCOME_MAX: Duration = Duration::from_secs(60);
/// How long a prompt waits for the answer to a JOIN, whose room it is to show.
const JOIN_MAX: Duration = Duration::from_secs(3);
/// How long the server may take to close the connection.
const GOODBYE_MAX: Duration = Duration::from_secs(2);

/// What a shell reports of a program that a signal ended, less the signal.
const SIGNAL_STATUS: i32 = 128;

/// The terminal in line mode.
pub(crate) struct Terminal {
    screen: Arc<Screen>,
    editor: LineEditor,
    style: Style,
}

/// How a line was read.
enum Entered {
    Line(String),
    Nothing,
    End,
    Interrupted,
    Stopped,
}

impl Terminal {
    /// Takes the terminal, if it is one that lines can be edited on.
    pub(crate) fn open(style: Style) -> Option<Self> {
        let screen = Screen::new(style.clone());
        let mut editor = editor::new(screen.clone(), style.colour).ok()?;
        let printer = editor.create_external_printer().ok()?;
        screen.start_printer(printer).ok()?;
        Some(Self { screen, editor, style })
    }

    /// Where entries are shown.
    pub(crate) fn output(&self) -> Arc<dyn Output> {
        self.screen.clone()
    }

    /// Asks for a name; `None` if the user would rather leave.
    pub(crate) fn ask_name(&mut self, default: &str) -> anyhow::Result<Option<String>> {
        match self.read(&format!("Name [{default}]: "), &format!("Name [{default}]: "))? {
            Entered::Line(line) if line.trim().is_empty() => Ok(Some(default.to_owned())),
            Entered::Line(line) => Ok(Some(line.trim().to_owned())),
            _ => Ok(None),
        }
    }

    /// Reads lines and does what they say, until the user leaves or the connection is gone.
    pub(crate) fn run(mut self, session: &Arc<Session>) -> anyhow::Result<ExitCode> {
        if let Some(helper) = self.editor.helper_mut() {
            helper.attach(session.clone());
        }
        watch_signals(self.screen.clone(), session.clone())?;
        let ended = self.enter(session).and_then(|end| match end {
            Some(end) => Ok(end),
            None => self.converse(session),
        });
        self.screen.finish();
        let gone = session.look(|client| match client.phase() {
            Phase::Closed(reason) if !client.is_leaving() => Some(reason.clone()),
            _ => None,
        });
        if let Some(reason) = gone {
            output::problem(&format!("the connection is gone: {reason}"));
            return Ok(ExitCode::FAILURE);
        }
        session.quit(GOODBYE_MAX);
        if session.look(|client| client.delivery().any_lost()) {
            return Ok(ExitCode::FAILURE);
        }
        ended
    }

    /// Waits for the server's welcome, and asks for another name where it wants one. `Some` if
    /// there is no welcome.
    fn enter(&mut self, session: &Session) -> anyhow::Result<Option<ExitCode>> {
        loop {
            match session.wait(WELCOME_MAX, has_answered) {
                Some(Phase::Registered) => return Ok(None),
                Some(Phase::NicknameRefused) => {
                    let Some(nickname) = self.ask_name_again()? else {
                        return Ok(Some(ExitCode::FAILURE));
                    };
                    session.update(Event::Nickname(&nickname));
                }
                Some(Phase::LoginRefused) => {
                    if !self.ask_secrets(session) {
                        return Ok(Some(ExitCode::FAILURE));
                    }
                }
                Some(_) => return Ok(Some(self.stopped_status())),
                None => {
                    session.update(Event::GivenUp("the server does not answer"));
                    return Ok(Some(ExitCode::FAILURE));
                }
            }
        }
    }

    fn converse(&mut self, session: &Session) -> anyhow::Result<ExitCode> {
        let mut is_patient = true;
        loop {
            // What a room said before stands above the first prompt, if it comes in time.
            let waited = session.wait(JOIN_MAX, |client| {
                let waits = client.is_joining() || (is_patient && client.is_latest_awaited());
                (!waits).then_some(())
            });
            is_patient &= waited.is_some();
            let room = session.look(|client| client.current().map(str::to_owned));
            match self.read_in(room.as_deref())? {
                Entered::Line(line) => {
                    session.update(Event::Typed { line: &line, room: room.as_deref() });
                    self.ask_secrets(session);
                    if session.look(Client::is_leaving) {
                        return Ok(ExitCode::SUCCESS);
                    }
                }
                Entered::Nothing => {}
                Entered::End => return Ok(ExitCode::SUCCESS),
                Entered::Interrupted => return Ok(signal_status(SIGINT)),
                Entered::Stopped => return Ok(self.stopped_status()),
            }
        }
    }

    /// Asks for the passwords that are wanted, and says whether there were any. They are typed
    /// without the editor: it would show them, and bring them back.
    fn ask_secrets(&mut self, session: &Session) -> bool {
        if session.look(Client::question).is_none() {
            return false;
        }
        let asking = password::Asking::start();
        while let Some(question) = session.look(Client::question) {
            self.screen.flush();
            let entered = asking.as_ref().map(|asking| asking.prompt(&question));
            let secret = entered.ok().and_then(Result::ok).map(|entered| Secret::new(&entered));
            session.update(Event::Secret(secret.as_ref()));
        }
        true
    }

    fn stopped_status(&self) -> ExitCode {
        match self.screen.stopped() {
            Some(Stop::Signal(signal)) => signal_status(signal),
            Some(Stop::Ended) | None => ExitCode::FAILURE,
        }
    }

    fn ask_name_again(&mut self) -> anyhow::Result<Option<String>> {
        match self.read("Another name: ", "Another name: ")? {
            Entered::Line(line) if !line.trim().is_empty() => Ok(Some(line.trim().to_owned())),
            _ => Ok(None),
        }
    }

    fn read_in(&mut self, room: Option<&str>) -> anyhow::Result<Entered> {
        let room = room.map_or_else(|| "(no room)".to_owned(), crate::sanitize::name);
        let prompt = format!("{room}> ");
        let entered = self.read(&prompt, &self.style.paint("1", &prompt))?;
        if let Entered::Line(line) = &entered {
            if !commands::may_hold_password(line) {
                self.editor.add_history_entry(line.as_str())?;
            }
            if !line.starts_with('/') {
                self.erase(&prompt, line);
            }
        }
        Ok(entered)
    }

    fn read(&mut self, prompt: &str, styled: &str) -> anyhow::Result<Entered> {
        self.screen.between();
        if self.screen.stopped().is_some() {
            return Ok(Entered::Stopped);
        }
        let line = self.editor.readline(&(prompt, styled));
        self.screen.between();
        match (line, self.screen.stopped()) {
            (Ok(line), _) if line.trim().is_empty() => Ok(Entered::Line(String::new())),
            (Ok(line), _) => Ok(Entered::Line(line)),
            (Err(ReadlineError::Eof), _) => Ok(Entered::End),
            (Err(_), Some(_)) => Ok(Entered::Stopped),
            (Err(ReadlineError::Interrupted), None) => {
                let is_empty = self.editor.helper().is_none_or(editor::Callbacks::is_line_empty);
                Ok(if is_empty { Entered::Interrupted } else { Entered::Nothing })
            }
            (Err(error), None) => Err(error.into()),
        }
    }

    /// Takes a message off the screen where it was typed: it is shown where it is said.
    fn erase(&mut self, prompt: &str, line: &str) {
        let columns = self.editor.dimensions().map_or(0, |(columns, _)| usize::from(columns));
        if let Some(rows) = entered::rows(prompt, line, columns) {
            output::raw(&format!("\x1b[{rows}A\r\x1b[J"));
        }
    }
}

/// What the server has answered; that the user leaves is as good as an end.
fn has_answered(client: &Client) -> Option<Phase> {
    if client.is_leaving() {
        return Some(Phase::Closed(String::new()));
    }
    let is_under_way = matches!(client.phase(), Phase::Registering | Phase::Lost);
    (!is_under_way).then(|| client.phase().clone())
}

fn signal_status(signal: i32) -> ExitCode {
    u8::try_from(SIGNAL_STATUS + signal).map_or(ExitCode::FAILURE, ExitCode::from)
}

/// Signals that end a program say goodbye and give the terminal back first.
fn watch_signals(screen: Arc<Screen>, session: Arc<Session>) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGHUP])?;
    threads::start("signals", move || {
        for signal in signals.forever() {
            screen.stop(Stop::Signal(signal));
            session.update(Event::Quit);
        }
    })
}
