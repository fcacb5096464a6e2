//! HTTP requests.

use std::io;
use std::time::{Duration, Instant};

use super::door::Visitor;

/// How long the answer may take to leave.
const FAREWELL_TIMEOUT: Duration = Duration::from_secs(1);
const ANSWER: &str = "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\n\
    Content-Length: 44\r\nConnection: close\r\n\r\nThis is a chat server. Connect by IRC to it.\n";

/// The longest request whose end is waited for, in bytes.
const REQUEST_BYTES_MAX: usize = 8 * 1024;

/// Answers a request and closes.
pub(super) fn answer(visitor: &mut Visitor) -> io::Result<()> {
    hear_out(visitor)?;
    let until = visitor.until.min(Instant::now() + FAREWELL_TIMEOUT);
    visitor.write(ANSWER.as_bytes())?;
    visitor.stream.close(until)
}

/// Reads a request to the end of its header.
fn hear_out(visitor: &mut Visitor) -> io::Result<()> {
    let mut request = Vec::new();
    let mut bytes = [0; 512];
    while request.len() < REQUEST_BYTES_MAX && !request.windows(4).any(|end| end == b"\r\n\r\n") {
        match visitor.read(&mut bytes)? {
            0 => break,
            count => request.extend_from_slice(&bytes[..count]),
        }
    }
    Ok(())
}
