//! What arrives is printed above the prompt.
//!
//! rustyline's external printer does the printing, in a thread of its own. It looks whether the
//! editor has the terminal and, if not, writes to the terminal itself: into the prompt that is
//! being drawn, or onto the line just entered. So it is only called while the editor certainly has
//! the terminal, which the editor's own callbacks say: [`Screen::opened`] when the prompt is about
//! to be drawn, [`Screen::closing`] when a line was entered. What arrives in between is queued.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rustix::process::{Signal, getpid, kill_process};
use rustyline::ExternalPrinter;

use super::queue::Queue;
use crate::core::entry::Entry;
use crate::output;
use crate::render::Style;
use crate::session::Output;
use crate::threads;

/// How long the printer takes to hand over a batch, unless it waits for the editor to take the one
/// before; then it no longer depends on who has the terminal.
const HAND_OVER_MAX: Duration = Duration::from_millis(50);
/// How long what has arrived may take to be shown before the editor is stopped.
const DRAIN_MAX: Duration = Duration::from_secs(1);

/// Up and down again: shows nothing. The printer can hand it over only once the editor has taken
/// what was printed before.
const NOTHING: &str = "\x1b[A\n";

/// The terminal, shared by the editor and by what arrives.
pub(crate) struct Screen {
    style: Style,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    stage: Stage,
    queue: Queue,
    printing: bool,
    flushing: bool,
    stop: Option<Stop>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// There is no editor: lines are written at once.
    Direct,
    /// The editor is on its way into or out of the terminal: lines wait.
    Between,
    /// The editor has the terminal: the printer prints.
    Editing,
}

/// Why the editor is to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The connection is gone.
    Ended,
    /// This signal says so.
    Signal(i32),
}

impl Screen {
    /// A screen without an editor.
    pub(crate) fn new(style: Style) -> Arc<Self> {
        let state = State {
            stage: Stage::Direct,
            queue: Queue::default(),
            printing: false,
            flushing: false,
            stop: None,
        };
        Arc::new(Self { style, state: Mutex::new(state), changed: Condvar::new() })
    }

    /// Starts the thread that prints while the editor has the terminal.
    pub(crate) fn start_printer(
        self: &Arc<Self>,
        printer: impl ExternalPrinter + Send + 'static,
    ) -> io::Result<()> {
        let screen = self.clone();
        threads::start("printer", move || screen.print(printer))
    }

    /// The editor is about to take the terminal, or has just left it: lines wait.
    pub(crate) fn between(&self) {
        self.lock().stage = Stage::Between;
    }

    /// The editor has the terminal.
    pub(crate) fn opened(&self) {
        let mut state = self.lock();
        if state.stage == Stage::Between {
            state.stage = Stage::Editing;
            self.changed.notify_all();
            if state.stop.is_some() {
                interrupt();
            }
        }
    }

    /// The editor is about to leave the terminal.
    pub(crate) fn closing(&self) {
        let mut state = self.lock();
        state.stage = Stage::Between;
        let handing_over = |state: &mut State| state.printing;
        let _ = self.changed.wait_timeout_while(state, HAND_OVER_MAX, handing_over);
    }

    /// Writes what waits, for something else is about to take the terminal.
    pub(crate) fn flush(&self) {
        let mut state = self.lock();
        state.stage = Stage::Between;
        write(&mut state.queue);
    }

    /// The editor will not come back: what waits is written, and all that follows at once.
    pub(crate) fn finish(&self) {
        let mut state = self.lock();
        state.stage = Stage::Direct;
        write(&mut state.queue);
    }

    /// Makes the editor give back the terminal, as if the user had pressed Ctrl-C.
    pub(crate) fn stop(&self, why: Stop) {
        let mut state = self.lock();
        if state.stop.is_some() {
            return;
        }
        state.flushing = true;
        self.changed.notify_all();
        let unshown =
            |state: &mut State| state.stage == Stage::Editing && (state.printing || state.flushing);
        let waited = self.changed.wait_timeout_while(state, DRAIN_MAX, unshown);
        state = waited.unwrap_or_else(PoisonError::into_inner).0;
        state.stop = Some(why);
        if state.stage == Stage::Editing {
            interrupt();
        }
    }

    /// Why the editor was stopped, if it was.
    pub(crate) fn stopped(&self) -> Option<Stop> {
        self.lock().stop
    }

    fn print(&self, mut printer: impl ExternalPrinter) {
        loop {
            let mut state = self.lock();
            while state.stage != Stage::Editing || (state.queue.is_empty() && !state.flushing) {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            let batch = if state.queue.is_empty() {
                state.flushing = false;
                NOTHING.to_owned()
            } else {
                state.queue.take()
            };
            state.printing = true;
            drop(state);
            if let Err(error) = printer.print(batch) {
                log::warn!("cannot print: {error}");
            }
            self.lock().printing = false;
            self.changed.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Output for Screen {
    fn show(&self, entry: &Entry) {
        let line = self.style.line(entry, Timestamp::now());
        let mut state = self.lock();
        if state.stage == Stage::Direct {
            output::raw(&(line + "\n"));
            return;
        }
        state.queue.push(line);
        self.changed.notify_all();
    }

    fn ended(&self) {
        self.stop(Stop::Ended);
    }
}

fn write(queue: &mut Queue) {
    if !queue.is_empty() {
        output::raw(&(queue.take() + "\n"));
    }
}

/// The editor takes this signal, while it has the terminal, as its Ctrl-C.
fn interrupt() {
    if let Err(error) = kill_process(getpid(), Signal::INT) {
        log::warn!("cannot stop the editor: {error}");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{self, Sender};

    use jiff::tz::TimeZone;

    use super::*;
    use crate::core::entry::What;

    struct Recorder(Sender<String>);

    impl ExternalPrinter for Recorder {
        fn print(&mut self, text: String) -> rustyline::Result<()> {
            self.0.send(text).unwrap();
            Ok(())
        }
    }

    fn screen() -> Arc<Screen> {
        Screen::new(Style { colour: false, every_room: false, time_zone: TimeZone::UTC })
    }

    fn tell(screen: &Screen, text: &str) {
        let what = What::Told(text.to_owned());
        screen.show(&Entry { time: Timestamp::now(), room: None, current: false, what });
    }

    #[test]
    fn lines_are_printed_only_while_the_editor_has_the_terminal() {
        let (sender, printed) = mpsc::channel();
        let screen = screen();
        screen.start_printer(Recorder(sender)).unwrap();
        screen.between();
        tell(&screen, "one");
        tell(&screen, "two");
        assert!(printed.try_recv().is_err());
        screen.opened();
        let lines = printed.recv().unwrap();
        assert!(lines.contains("-- one\n") && lines.ends_with("-- two"), "{lines}");
        screen.closing();
        tell(&screen, "three");
        assert!(printed.try_recv().is_err());
        screen.opened();
        assert!(printed.recv().unwrap().ends_with("-- three"));
    }
}
