//! The only place that writes to standard output and standard error.

use std::io::{self, Write};

use crate::sanitize;

/// Writes a line to standard output at once. An error says that nobody reads it any more.
pub(crate) fn line(line: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}

/// Moves the cursor, or asks for something, on the terminal.
pub(crate) fn raw(text: &str) {
    let mut stdout = io::stdout().lock();
    // A terminal that is gone ends the process by SIGHUP.
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

/// Writes a message about something that went wrong to standard error.
pub(crate) fn problem(text: &str) {
    // Where there is no standard error there is nobody to tell.
    let _ = writeln!(io::stderr().lock(), "chat-client: {}", sanitize::text(text));
}

/// Asks on standard error, where standard output may be a pipe.
pub(crate) fn ask(text: &str) {
    let mut stderr = io::stderr().lock();
    let _ = write!(stderr, "{text}").and_then(|()| stderr.flush());
}
