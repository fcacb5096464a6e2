//! The client-to-client protocol: ACTION, and polite answers to VERSION and PING.

use jiff::{SignedDuration, Timestamp};

const DELIMITER: char = '\x01';

/// Answers at once, and how long until one more is allowed.
const ANSWERS_MAX: u32 = 3;
const ANSWER_EVERY: SignedDuration = SignedDuration::from_secs(5);

/// A CTCP message inside a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ctcp<'a> {
    /// The command, in the case it came in.
    pub(crate) command: &'a str,
    /// What follows it.
    pub(crate) params: &'a str,
}

impl<'a> Ctcp<'a> {
    /// Finds it. The closing delimiter may be missing: some clients lose it when they cut a line.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let body = text.strip_prefix(DELIMITER)?;
        let body = body.strip_suffix(DELIMITER).unwrap_or(body);
        let (command, params) = body.split_once(' ').unwrap_or((body, ""));
        Some(Self { command, params })
    }

    /// Whether it is an ACTION.
    pub(crate) fn is_action(&self) -> bool {
        self.command.eq_ignore_ascii_case("ACTION")
    }

    /// What to answer, if it is a question this client answers.
    pub(crate) fn answer(&self) -> Option<String> {
        if self.command.eq_ignore_ascii_case("VERSION") {
            let version = concat!("chat-client ", env!("CARGO_PKG_VERSION"));
            return Some(wrap("VERSION", version));
        }
        self.command.eq_ignore_ascii_case("PING").then(|| wrap("PING", self.params))
    }
}

/// Puts a command and its text between delimiters.
pub(crate) fn wrap(command: &str, text: &str) -> String {
    format!("{DELIMITER}{command} {text}{DELIMITER}")
}

/// How many bytes [`wrap`] adds to the text.
pub(crate) fn overhead(command: &str) -> usize {
    wrap(command, "").len()
}

/// Keeps the answers few, however many ask.
#[derive(Debug, Default)]
pub(crate) struct AnswerLimit {
    given: u32,
    since: Timestamp,
}

impl AnswerLimit {
    /// Whether one more answer is allowed now.
    pub(crate) fn allows(&mut self, now: Timestamp) -> bool {
        while self.given > 0 && now.duration_since(self.since) >= ANSWER_EVERY {
            self.given -= 1;
            self.since += ANSWER_EVERY;
        }
        if self.given == ANSWERS_MAX {
            return false;
        }
        if self.given == 0 {
            self.since = now;
        }
        self.given += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_and_questions() {
        let action = Ctcp::parse("\x01ACTION waves\x01").unwrap();
        assert!(action.is_action());
        assert_eq!(action.params, "waves");
        assert_eq!(action.answer(), None);
        assert_eq!(Ctcp::parse("\x01action waves").unwrap().params, "waves");
        assert_eq!(Ctcp::parse("plain"), None);
        let ping = Ctcp::parse("\x01PING 12 34\x01").unwrap();
        assert_eq!(ping.answer().as_deref(), Some("\x01PING 12 34\x01"));
        let version = Ctcp::parse("\x01VERSION\x01").unwrap().answer().unwrap();
        assert!(version.starts_with("\x01VERSION chat-client "));
        assert_eq!(Ctcp::parse("\x01DCC SEND x\x01").unwrap().answer(), None);
    }

    #[test]
    fn a_flood_of_questions_is_not_answered() {
        let start = Timestamp::from_second(1_000_000).unwrap();
        let mut limit = AnswerLimit::default();
        assert_eq!((0..10).filter(|_| limit.allows(start)).count(), 3);
        assert!(!limit.allows(start + SignedDuration::from_secs(4)));
        assert!(limit.allows(start + SignedDuration::from_secs(5)));
        assert!(!limit.allows(start + SignedDuration::from_secs(6)));
        let later = start + SignedDuration::from_secs(3600);
        assert_eq!((0..10).filter(|_| limit.allows(later)).count(), 3);
    }
}
