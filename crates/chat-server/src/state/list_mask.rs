//! An entry of a room's lists: a mask, or an extended one. Modern IRC, "EXTBAN parameter".
//!
//! `[~t:MINUTES:][~m:](~a:ACCOUNT | nickname!username@hostname)`, as UnrealIRCd writes it: `~t` ends
//! by itself, `~m` is about speaking only, `~a` means an account. Accounts and masks may have
//! wildcards; `~a:*` is everybody who is logged in.

use chat_protocol::{Mask, casemapping};

/// What `EXTBAN` in ISUPPORT says.
pub(crate) const EXTBAN: &str = "~,amt";
/// Starts the mask of an account.
const ACCOUNT: &str = "~a:";
/// Starts the mask of a ban that is only about speaking.
const MUTE: &str = "~m:";
/// Starts an entry that is over after so many minutes.
const TIMED: &str = "~t:";
/// The longest that an entry with an end can last: ten years.
const MINUTES_MAX: u32 = 10 * 366 * 24 * 60;

/// Whom an entry means, and for what. Two entries that fold to one text are equal.
#[derive(Debug, Clone)]
pub(crate) struct ListMask {
    text: Mask,
    whom: Whom,
    mute: bool,
    minutes: Option<u32>,
}

#[derive(Debug, Clone)]
enum Whom {
    /// Matched against `nickname!username@hostname`.
    Source(Mask),
    Account(Mask),
}

/// What a list is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    Join,
    Speak,
}

/// Whom a list is asked about, folded.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    source: String,
    account: Option<String>,
}

impl Subject {
    pub(crate) fn new(source: &str, account: Option<&str>) -> Self {
        Self { source: casemapping::fold(source), account: account.map(casemapping::fold) }
    }
}

impl ListMask {
    /// Completes a mask as people write it: `nick` becomes `nick!*@*`, `~m:nick` becomes
    /// `~m:nick!*@*`. `None` for an account without a name and for a time that is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (minutes, rest) = match text.strip_prefix(TIMED) {
            Some(timed) => {
                let (minutes, rest) = timed.split_once(':')?;
                let is_number = minutes.bytes().all(|byte| byte.is_ascii_digit());
                let minutes = minutes.parse().ok().filter(|_| is_number)?;
                (Some(minutes).filter(|it| (1..=MINUTES_MAX).contains(it)).map(Some)?, rest)
            }
            None => (None, text),
        };
        let (mute, rest) = rest.strip_prefix(MUTE).map_or((false, rest), |rest| (true, rest));
        let (whom, mask) = match rest.strip_prefix(ACCOUNT) {
            Some("") => return None,
            Some(account) => (Whom::Account(Mask::new(account)), rest.to_owned()),
            None => {
                let mask = Mask::of_source(rest);
                let text = mask.as_str().to_owned();
                (Whom::Source(mask), text)
            }
        };
        let timed = minutes.map(|minutes| format!("{TIMED}{minutes}:")).unwrap_or_default();
        let text = Mask::new(&format!("{timed}{}{mask}", if mute { MUTE } else { "" }));
        Some(Self { text, whom, mute, minutes })
    }

    /// Whether this entry means a user when it does something.
    pub(crate) fn matches(&self, deed: Deed, subject: &Subject) -> bool {
        if self.mute && deed != Deed::Speak {
            return false;
        }
        match &self.whom {
            Whom::Source(mask) => mask.matches_folded(&subject.source),
            Whom::Account(mask) => {
                subject.account.as_deref().is_some_and(|account| mask.matches_folded(account))
            }
        }
    }

    /// How long it counts from when it is set, if not for ever.
    pub(crate) fn minutes(&self) -> Option<u32> {
        self.minutes
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

    fn mask(text: &str) -> ListMask {
        ListMask::parse(text).unwrap()
    }

    fn bob(account: Option<&str>) -> Subject {
        Subject::new("Bob!~u@host", account)
    }

    #[test]
    fn a_mute_is_about_speaking_only() {
        let mute = mask("~m:Bob");
        assert_eq!(mute.as_str(), "~m:Bob!*@*");
        assert!(mute.matches(Deed::Speak, &bob(None)));
        assert!(!mute.matches(Deed::Join, &bob(None)));
        assert_eq!(mute, mask("~m:bob!*@*"));
        let ban = mask("bob");
        assert!(ban.matches(Deed::Speak, &bob(None)) && ban.matches(Deed::Join, &bob(None)));
        assert_ne!(ban, mute);
    }

    #[test]
    fn accounts_are_matched_whatever_the_nickname() {
        let ban = mask("~a:小明");
        assert!(ban.matches(Deed::Join, &bob(Some("小明"))));
        assert!(!ban.matches(Deed::Join, &bob(None)));
        assert!(!ban.matches(Deed::Join, &Subject::new("小明!~u@host", None)));
        assert!(mask("~a:*").matches(Deed::Join, &bob(Some("X"))));
        assert!(!mask("~a:*").matches(Deed::Join, &bob(None)));
        assert!(mask("~m:~a:BOB").matches(Deed::Speak, &bob(Some("bob"))));
        assert!(!mask("~m:~a:BOB").matches(Deed::Join, &bob(Some("bob"))));
    }

    #[test]
    fn a_time_is_minutes() {
        let ban = mask("~t:010:~m:bob");
        assert_eq!((ban.as_str(), ban.minutes()), ("~t:10:~m:bob!*@*", Some(10)));
        for wrong in
            ["~t:0:bob", "~t:x:bob", "~t:+1:bob", "~t:5", "~t:99999999:bob", "~a:", "~t:1:~a:"]
        {
            assert_eq!(ListMask::parse(wrong), None, "{wrong}");
        }
    }
}
