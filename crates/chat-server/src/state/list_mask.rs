//! An entry of a room's lists: a mask, or an extended one. Modern IRC, "EXTBAN parameter".

use chat_protocol::Mask;

/// What `EXTBAN` in ISUPPORT says.
pub(crate) const EXTBAN: &str = "~,m";
/// Starts the mask of a ban that is only about speaking.
const MUTE: &str = "~m:";

/// Whom an entry means, and for what. Two entries that fold to one text are equal.
#[derive(Debug, Clone)]
pub(crate) struct ListMask {
    text: Mask,
    /// Matched against `nickname!username@hostname`.
    source: Mask,
    mute: bool,
}

/// What a list is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    Join,
    Speak,
}

impl ListMask {
    /// Completes a mask as people write it: `nick` becomes `nick!*@*`, `~m:nick` becomes
    /// `~m:nick!*@*`.
    pub(crate) fn parse(text: &str) -> Self {
        let (mute, mask) = text.strip_prefix(MUTE).map_or((false, text), |mask| (true, mask));
        let source = Mask::of_source(mask);
        let text = if mute { Mask::new(&format!("{MUTE}{source}")) } else { source.clone() };
        Self { text, source, mute }
    }

    /// Whether this entry means a user, by its folded source, when it does something.
    pub(crate) fn matches(&self, deed: Deed, folded_source: &str) -> bool {
        (deed == Deed::Speak || !self.mute) && self.source.matches_folded(folded_source)
    }

    pub(crate) fn as_str(&self) -> &str {
        self.text.as_str()
    }
}

impl PartialEq for ListMask {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for ListMask {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mute_is_about_speaking_only() {
        let mute = ListMask::parse("~m:Bob");
        assert_eq!(mute.as_str(), "~m:Bob!*@*");
        assert!(mute.matches(Deed::Speak, "bob!~u@host"));
        assert!(!mute.matches(Deed::Join, "bob!~u@host"));
        assert_eq!(mute, ListMask::parse("~m:bob!*@*"));
        let ban = ListMask::parse("bob");
        assert!(ban.matches(Deed::Speak, "bob!~u@host") && ban.matches(Deed::Join, "bob!~u@host"));
        assert_ne!(ban, mute);
    }
}
