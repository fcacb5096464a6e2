//! Where a message comes from: `nickname[!username][@hostname]`. Modern IRC, "Source".

use std::fmt;

/// A source, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source<'a> {
    /// A nickname or a server's name.
    pub name: &'a str,
    /// Between `!` and `@`.
    pub username: Option<&'a str>,
    /// After the `@`.
    pub hostname: Option<&'a str>,
}

impl<'a> Source<'a> {
    /// Takes a source apart. Every text is one.
    pub fn parse(source: &'a str) -> Self {
        let (rest, hostname) = match source.split_once('@') {
            Some((rest, hostname)) => (rest, Some(hostname)),
            None => (source, None),
        };
        let (name, username) = match rest.split_once('!') {
            Some((name, username)) => (name, Some(username)),
            None => (rest, None),
        };
        Self { name, username, hostname }
    }
}

impl fmt::Display for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        if let Some(username) = self.username {
            write!(f, "!{username}")?;
        }
        if let Some(hostname) = self.hostname {
            write!(f, "@{hostname}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms() {
        for text in ["irc.example.org", "nick", "nick!user", "nick@host", "nick!user@host", ""] {
            assert_eq!(Source::parse(text).to_string(), text);
        }
        let source = Source::parse("nick!user@host");
        assert_eq!(
            (source.name, source.username, source.hostname),
            ("nick", Some("user"), Some("host"))
        );
    }
}
