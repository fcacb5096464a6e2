//! What a command answers its sender.

use std::borrow::Cow;
use std::fmt::{self, Write};

use chat_protocol::{LineWriter, Numeric};

use crate::render::{Speaker, write_fail, write_numeric};
use crate::server::{UNSTORED, Unstored};

/// Stands where a parameter can't be written before another.
const ANYTHING: &str = "*";

/// A parameter as it can stand before others.
pub(super) fn middle(param: &str) -> &str {
    if is_middle(param) { param } else { ANYTHING }
}

fn is_middle(param: &str) -> bool {
    !param.is_empty() && !param.starts_with(':') && !param.contains(' ')
}

/// A numeric reply or a standard reply. Small, since every command returns one, and most return none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply(Box<Parts>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Parts {
    kind: Kind,
    /// Each behind a space.
    params: String,
    text: Option<Cow<'static, str>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Numeric(Numeric),
    /// IRCv3, "Standard Replies".
    Fail {
        command: &'static str,
        code: &'static str,
    },
}

impl Reply {
    /// A numeric with its text from the table.
    pub(crate) fn numeric(numeric: Numeric) -> Self {
        let text = (!numeric.text.is_empty()).then_some(Cow::Borrowed(numeric.text));
        Self::new(Kind::Numeric(numeric), text)
    }

    /// `FAIL command code :text`. `command` is `*` for what belongs to none.
    pub(crate) fn fail(
        command: &'static str,
        code: &'static str,
        text: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(Kind::Fail { command, code }, Some(text.into()))
    }

    // Nearly every line is answered by none: what leads here stays out of its way.
    #[cold]
    fn new(kind: Kind, text: Option<Cow<'static, str>>) -> Self {
        Self(Box::new(Parts { kind, params: String::new(), text }))
    }

    /// A command that could not be stored is named, where it was not known yet.
    pub(crate) fn of(mut self, name: &'static str) -> Self {
        if let Kind::Fail { command: command @ "*", code: UNSTORED } = &mut self.0.kind {
            *command = name;
        }
        self
    }

    pub(crate) fn is(&self, numeric: Numeric) -> bool {
        self.0.kind == Kind::Numeric(numeric)
    }

    /// Adds a parameter before the text. One that a line can't carry in the middle becomes `*`.
    pub(crate) fn param(mut self, param: impl fmt::Display) -> Self {
        let params = &mut self.0.params;
        params.push(' ');
        let start = params.len();
        let _ = write!(params, "{param}");
        if !is_middle(&params[start..]) {
            params.truncate(start);
            params.push_str(ANYTHING);
        }
        self
    }

    /// Fills the `{}` of the text in the table.
    pub(crate) fn fill(mut self, values: &[&str]) -> Self {
        if let Kind::Numeric(numeric) = self.0.kind {
            self.0.text = Some(numeric.fill(values).into());
        }
        self
    }

    /// Sets the last parameter.
    pub(crate) fn text(mut self, text: impl Into<String>) -> Self {
        self.0.text = Some(Cow::Owned(text.into()));
        self
    }

    /// Adds the line to the end of `out`.
    pub(crate) fn write(&self, speaker: &Speaker<'_>, out: &mut String) {
        let writer = LineWriter::new(out);
        let Parts { kind, params, text } = &*self.0;
        let params = params.split(' ').skip(1);
        match *kind {
            Kind::Numeric(numeric) => {
                write_numeric(writer, speaker, numeric, params, text.as_deref());
            }
            Kind::Fail { command, code } => {
                let text = text.as_deref().unwrap_or_default();
                write_fail(writer, speaker, (command, code), params, text);
            }
        }
    }
}

impl From<Unstored> for Reply {
    fn from(why: Unstored) -> Self {
        Self::fail("*", UNSTORED, format!("Not done: {why}"))
    }
}

/// The same for who is answered by a service.
impl From<Unstored> for String {
    fn from(why: Unstored) -> Self {
        format!("Not done: {why}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chat_protocol::numeric::{ERR_NOSUCHCHANNEL, RPL_WELCOME};

    fn line(reply: &Reply, client: &str) -> String {
        let mut line = String::new();
        reply.write(&Speaker { name: "s.x", client, bytes_max: 512 }, &mut line);
        line
    }

    #[test]
    fn replies_as_lines() {
        let reply = Reply::numeric(ERR_NOSUCHCHANNEL).param("#x");
        assert_eq!(line(&reply, "bob"), ":s.x 403 bob #x :No such channel\r\n");
        let reply = Reply::numeric(RPL_WELCOME).fill(&["Net", "bob"]);
        assert_eq!(line(&reply, "bob"), ":s.x 001 bob :Welcome to Net, bob\r\n");
        let reply = Reply::numeric(ERR_NOSUCHCHANNEL).param("a b");
        assert_eq!(line(&reply, "*"), ":s.x 403 * * :No such channel\r\n");
        let reply = Reply::fail("SETNAME", "INVALID_REALNAME", "Too long");
        assert_eq!(line(&reply, "*"), ":s.x FAIL SETNAME INVALID_REALNAME :Too long\r\n");
    }
}
