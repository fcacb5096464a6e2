//! Masks with `*` and `?`, matched without regard to case. Modern IRC, "Wildcard Expressions".

use std::fmt;

use crate::casemapping::fold;

/// A pattern. Two masks that fold to one text are equal.
#[derive(Clone)]
pub struct Mask {
    text: String,
    folded: String,
}

impl Mask {
    /// Any text is a mask; one without wildcards matches itself.
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), folded: fold(text) }
    }

    /// A mask for whole sources: `nick` becomes `nick!*@*`, `user@host` becomes `*!user@host`, and
    /// `a.host` becomes `*!*@a.host`.
    pub fn of_source(text: &str) -> Self {
        let (before_at, host) = match text.split_once('@') {
            Some((before, host)) => (before, Some(host)),
            None => (text, None),
        };
        let (nick, user) = match (before_at.split_once('!'), host) {
            (Some((nick, user)), _) => (nick, user),
            (None, Some(_)) => ("*", before_at),
            (None, None) if before_at.contains(['.', ':']) => {
                return Self::new(&format!("*!*@{before_at}"));
            }
            (None, None) => (before_at, "*"),
        };
        let part = |text: &str| if text.is_empty() { "*".to_owned() } else { text.to_owned() };
        Self::new(&format!("{}!{}@{}", part(nick), part(user), part(host.unwrap_or("*"))))
    }

    /// Whether the whole text matches. Takes at most text × mask steps, whatever the mask.
    pub fn matches(&self, text: &str) -> bool {
        self.matches_folded(&fold(text))
    }

    /// Like [`Mask::matches`], for a text that is folded already.
    pub fn matches_folded(&self, text: &str) -> bool {
        matches_from(&self.folded, text)
    }

    /// The mask as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it holds a wildcard.
    pub fn has_wildcards(&self) -> bool {
        self.text.contains(['*', '?'])
    }
}

fn matches_from(mask: &str, text: &str) -> bool {
    let (mut mask, mut text) = (mask.chars(), text.chars());
    // Where to go on after the last star, one character of the text further each time.
    let mut retry = None;
    loop {
        let at_mask = mask.clone();
        match mask.next() {
            Some('*') => retry = Some((mask.clone(), text.clone())),
            expected => {
                let got = text.next();
                if expected.is_none() && got.is_none() {
                    return true;
                }
                let one_matches = got.is_some() && (expected == Some('?') || expected == got);
                if one_matches {
                    continue;
                }
                let Some((after_star, mut further)) = retry.take() else { return false };
                if further.next().is_none() {
                    return false;
                }
                mask = after_star.clone();
                text = further.clone();
                retry = Some((after_star, further));
            }
        }
        // A star at the end matches whatever remains.
        if at_mask.as_str() == "*" {
            return true;
        }
    }
}

impl PartialEq for Mask {
    fn eq(&self, other: &Self) -> bool {
        self.folded == other.folded
    }
}

impl Eq for Mask {}

impl fmt::Display for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards() {
        for (mask, text) in [
            ("*", ""),
            ("a*c", "abbbc"),
            ("a?c", "aBC"),
            ("*!*@*.example.org", "nick!user@a.EXAMPLE.org"),
            ("*a*b*", "xxaxxbxx"),
            ("小?", "小明"),
            ("**x", "x"),
            ("a*a", "aa"),
        ] {
            assert!(Mask::new(mask).matches(text), "{mask} {text}");
        }
        for (mask, text) in [("", "a"), ("a?c", "ac"), ("*b", "bc"), ("a*a", "a"), ("?", "")] {
            assert!(!Mask::new(mask).matches(text), "{mask} {text}");
        }
    }

    #[test]
    fn a_mask_made_to_be_slow_is_not() {
        let mask = Mask::new(&"*a".repeat(100));
        assert!(!mask.matches(&"a".repeat(99).repeat(5).replace("aaaaa", "aaaab")));
        assert!(!mask.matches(&"b".repeat(500)));
    }

    #[test]
    fn short_forms_are_completed() {
        for (text, mask) in [
            ("nick", "nick!*@*"),
            ("nick!user", "nick!user@*"),
            ("user@host", "*!user@host"),
            ("@host", "*!*@host"),
            ("a.host", "*!*@a.host"),
            ("!@", "*!*@*"),
            ("n!u@h", "n!u@h"),
        ] {
            assert_eq!(Mask::of_source(text).as_str(), mask);
        }
    }
}
