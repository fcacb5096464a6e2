//! Patterns for lines, and the text they are made of. `scenarios/README.md` describes both.

mod text;

use std::collections::HashMap;

use anyhow::{Result, ensure};

use crate::line::{self, Line};
pub use text::Text;

/// What patterns have captured, by name.
pub type Variables = HashMap<String, Vec<u8>>;

/// What a line has to look like.
#[derive(Debug, Clone)]
pub struct Pattern {
    tags: Vec<TagPattern>,
    source: Option<Text>,
    command: Text,
    params: Vec<ParamPattern>,
}

#[derive(Debug, Clone)]
enum TagPattern {
    Present { key: String, value: Text },
    Absent { key: Text },
}

#[derive(Debug, Clone)]
enum ParamPattern {
    One(Text),
    AnyNumber,
}

impl Pattern {
    /// Reads a pattern.
    pub fn parse(text: &str) -> Result<Self> {
        let parts = line::split(text);
        ensure!(!parts.command.is_empty(), "a pattern needs a command");
        let tags = parts.tags.into_iter().flat_map(|tags| tags.split(';'));
        Ok(Self {
            tags: tags.map(TagPattern::parse).collect::<Result<_>>()?,
            source: parts.source.map(Text::pattern).transpose()?,
            command: Text::pattern(parts.command)?,
            params: parts.params.into_iter().map(ParamPattern::parse).collect::<Result<_>>()?,
        })
    }

    /// Whether the line looks like this. Captures only if it does.
    pub fn matches(&self, line: &Line, variables: &mut Variables) -> bool {
        let parts = line.parts();
        let mut captured = variables.clone();
        let raw_tags = parts.tags.unwrap_or_default();
        let tags: Vec<_> = raw_tags.split(';').filter(|tag| !tag.is_empty()).collect();
        let matched = self.command.matches(parts.command, &mut captured)
            && self.source.as_ref().is_none_or(|source| {
                source.matches(parts.source.unwrap_or_default(), &mut captured)
            })
            && self.tags.iter().all(|tag| tag.matches(&tags, &mut captured))
            && params_match(&self.params, &parts.params, &mut captured);
        if matched {
            *variables = captured;
        }
        matched
    }
}

impl TagPattern {
    fn parse(text: &str) -> Result<Self> {
        if let Some(key) = text.strip_prefix('!') {
            return Ok(Self::Absent { key: Text::pattern(key)? });
        }
        let (key, value) = text.split_once('=').unwrap_or((text, ""));
        ensure!(!key.is_empty(), "a tag without a key");
        Ok(Self::Present { key: key.to_owned(), value: Text::pattern(value)? })
    }

    fn matches(&self, tags: &[&str], variables: &mut Variables) -> bool {
        let mut tags = tags.iter().map(|tag| tag.split_once('=').unwrap_or((tag, "")));
        match self {
            Self::Present { key, value } => tags
                .find(|(name, _)| name == key)
                .is_some_and(|(_, found)| value.matches(found, variables)),
            Self::Absent { key } => !tags.any(|(name, _)| key.matches(name, variables)),
        }
    }
}

impl ParamPattern {
    fn parse(text: &str) -> Result<Self> {
        if text == "…" { Ok(Self::AnyNumber) } else { Text::pattern(text).map(Self::One) }
    }
}

fn params_match(patterns: &[ParamPattern], params: &[&str], variables: &mut Variables) -> bool {
    match patterns.split_first() {
        None => params.is_empty(),
        Some((ParamPattern::AnyNumber, rest)) => {
            (0..=params.len()).any(|from| params_match(rest, &params[from..], variables))
        }
        Some((ParamPattern::One(text), rest)) => {
            params.split_first().is_some_and(|(param, params)| {
                text.matches(param, variables) && params_match(rest, params, variables)
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        Line::from_wire(format!("{text}\r\n").as_bytes()).unwrap()
    }

    fn matches(pattern: &str, text: &str) -> bool {
        Pattern::parse(pattern).unwrap().matches(&line(text), &mut Variables::new())
    }

    #[test]
    fn what_a_pattern_leaves_out_is_not_compared() {
        let text = "@time=now;msgid=1 :alice!~u@h PRIVMSG #room :hi there";
        for pattern in [
            "PRIVMSG #room :hi there",
            ":alice!* PRIVMSG #room :hi*",
            ":alice!…@h PRIVMSG * :*there",
            "@msgid=1 PRIVMSG #room :hi there",
            "@msgid=*;!label PRIVMSG …",
            "PRIVMSG … :hi there",
            "* #room …",
        ] {
            assert!(matches(pattern, text), "{pattern}");
        }
        for pattern in [
            "PRIVMSG #room :hi",
            "NOTICE #room :hi there",
            ":bob!* PRIVMSG #room :hi there",
            "@label=* PRIVMSG #room :hi there",
            "@!msgid PRIVMSG #room :hi there",
            "@!* PRIVMSG #room :hi there",
            "PRIVMSG #room",
            "PRIVMSG #room :hi there :more",
        ] {
            assert!(!matches(pattern, text), "{pattern}");
        }
        assert!(matches("@!* QUIT", "QUIT"));
    }

    #[test]
    fn a_variable_keeps_its_first_value() {
        let mut variables = Variables::new();
        let pattern = Pattern::parse("@msgid={id} PRIVMSG …").unwrap();
        assert!(pattern.matches(&line("@msgid=1 PRIVMSG a b"), &mut variables));
        assert!(!pattern.matches(&line("@msgid=2 PRIVMSG a b"), &mut variables));
        assert!(pattern.matches(&line("@msgid=1 PRIVMSG c d"), &mut variables));
    }

    #[test]
    fn words_have_no_order() {
        assert!(matches("353 a :{words @a b}", "353 a :b @a"));
        assert!(!matches("353 a :{words @a b}", "353 a :b @a c"));
        assert!(!matches("353 a :{words @a b}", "353 a :b b"));
    }
}
