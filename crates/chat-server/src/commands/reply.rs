//! What a command answers its sender.

use chat_protocol::{LineWriter, Numeric};

use crate::render::numeric_line;

/// A numeric reply or a standard reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    kind: Kind,
    params: Vec<String>,
    text: Option<String>,
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
        let text = (!numeric.text.is_empty()).then(|| numeric.text.to_owned());
        Self { kind: Kind::Numeric(numeric), params: Vec::new(), text }
    }

    /// `FAIL command code [params] :text`. `command` is `*` for what belongs to none.
    pub(crate) fn fail(command: &'static str, code: &'static str, text: &str) -> Self {
        Self { kind: Kind::Fail { command, code }, params: Vec::new(), text: Some(text.to_owned()) }
    }

    pub(crate) fn is(&self, numeric: Numeric) -> bool {
        self.kind == Kind::Numeric(numeric)
    }

    /// Adds a parameter before the text. One that a line can't carry in the middle becomes `*`.
    pub(crate) fn param(mut self, param: impl Into<String>) -> Self {
        let param = param.into();
        let is_middle = !param.is_empty() && !param.starts_with(':') && !param.contains(' ');
        self.params.push(if is_middle { param } else { "*".to_owned() });
        self
    }

    /// Fills the `{}` of the text in the table.
    pub(crate) fn fill(mut self, values: &[&str]) -> Self {
        if let Kind::Numeric(numeric) = self.kind {
            self.text = Some(numeric.fill(values));
        }
        self
    }

    /// Sets the last parameter.
    pub(crate) fn text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// The line, from the server to the client of this nickname, cut at `bytes_max` bytes.
    pub(crate) fn line(&self, server: &str, client: &str, bytes_max: usize) -> String {
        let params: Vec<&str> = self.params.iter().map(String::as_str).collect();
        match self.kind {
            Kind::Numeric(numeric) => {
                numeric_line(server, numeric, client, &params, self.text.as_deref(), bytes_max)
            }
            Kind::Fail { command, code } => {
                let mut line = String::new();
                let mut writer = LineWriter::new(&mut line);
                writer.source(server).command("FAIL").param(command).param(code);
                params.iter().for_each(|param| {
                    writer.param(param);
                });
                writer.trailing(self.text.as_deref().unwrap_or_default()).end_within(bytes_max);
                line
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chat_protocol::numeric::{ERR_NOSUCHCHANNEL, RPL_WELCOME};

    #[test]
    fn replies_as_lines() {
        let reply = Reply::numeric(ERR_NOSUCHCHANNEL).param("#x");
        assert_eq!(reply.line("s.x", "bob", 512), ":s.x 403 bob #x :No such channel\r\n");
        let reply = Reply::numeric(RPL_WELCOME).fill(&["Net", "bob"]);
        assert_eq!(reply.line("s.x", "bob", 512), ":s.x 001 bob :Welcome to Net, bob\r\n");
        let reply = Reply::numeric(ERR_NOSUCHCHANNEL).param("a b");
        assert_eq!(reply.line("s.x", "*", 512), ":s.x 403 * * :No such channel\r\n");
        let reply = Reply::fail("SETNAME", "INVALID_REALNAME", "Too long");
        assert_eq!(reply.line("s.x", "*", 512), ":s.x FAIL SETNAME INVALID_REALNAME :Too long\r\n");
    }
}
