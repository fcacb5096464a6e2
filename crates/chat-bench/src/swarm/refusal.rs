//! What a run can't go on after.

use std::io;

use chat_protocol::Message;

/// The end of a connection that was to stay.
pub(crate) fn closed(error: Option<io::Error>) -> anyhow::Error {
    match error {
        Some(error) => anyhow::Error::new(error).context("the connection failed"),
        None => anyhow::anyhow!("the server closed the connection"),
    }
}

/// An error, or a message of the generator's that has lost its stamp.
pub(crate) fn reject(message: &Message<'_>) -> anyhow::Result<()> {
    let is_refused = is_error(message.command) || message.command == "PRIVMSG";
    anyhow::ensure!(!is_refused, "unexpected: {message}");
    Ok(())
}

pub(super) fn is_error(command: &str) -> bool {
    let is_numeric = command.len() == 3 && command.starts_with(['4', '5']);
    is_numeric || matches!(command, "ERROR" | "FAIL")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_and_torn_messages_end_a_run() {
        for line in [":s 433 a b :in use", "ERROR :bye", ":a!u@h PRIVMSG #room :The quick ~0000"] {
            assert!(reject(&Message::parse(line).unwrap()).is_err(), "{line}");
        }
        for line in [":s 366 a #room :End", ":a!u@h JOIN #room", ":s NOTICE * :hello"] {
            assert!(reject(&Message::parse(line).unwrap()).is_ok(), "{line}");
        }
    }
}
