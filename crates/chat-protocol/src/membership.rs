//! What a member may do in a channel. Modern IRC, "Channel Membership Prefixes".

/// One status, from the lowest to the highest, so that statuses compare by rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Membership {
    /// `+v`, `+`: may speak in a moderated channel.
    Voice,
    /// `+h`, `%`: moderates, but makes no operators.
    HalfOp,
    /// `+o`, `@`: an operator.
    Op,
    /// `+a`, `&`: protected from operators.
    Admin,
    /// `+q`, `~`: owns the channel.
    Founder,
}

impl Membership {
    /// Every status, the highest first.
    pub const ALL: [Self; 5] = [Self::Founder, Self::Admin, Self::Op, Self::HalfOp, Self::Voice];

    /// Its mode letter.
    pub const fn mode(self) -> char {
        match self {
            Self::Founder => 'q',
            Self::Admin => 'a',
            Self::Op => 'o',
            Self::HalfOp => 'h',
            Self::Voice => 'v',
        }
    }

    /// What stands before a nickname that has it.
    pub const fn prefix(self) -> char {
        match self {
            Self::Founder => '~',
            Self::Admin => '&',
            Self::Op => '@',
            Self::HalfOp => '%',
            Self::Voice => '+',
        }
    }

    /// The status of a mode letter.
    pub fn from_mode(mode: char) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.mode() == mode)
    }

    /// The status of a prefix.
    pub fn from_prefix(prefix: char) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.prefix() == prefix)
    }
}

/// The statuses of one member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct MembershipSet(u8);

impl MembershipSet {
    /// None.
    pub const fn new() -> Self {
        Self(0)
    }

    /// Adds or removes one.
    pub const fn set(&mut self, status: Membership, on: bool) {
        let bit = 1 << status as u8;
        self.0 = if on { self.0 | bit } else { self.0 & !bit };
    }

    /// Whether this one is among them.
    pub const fn contains(self, status: Membership) -> bool {
        self.0 & (1 << status as u8) != 0
    }

    /// The highest.
    pub fn highest(self) -> Option<Membership> {
        self.iter().next()
    }

    /// Whether the highest is at least this one.
    pub fn at_least(self, status: Membership) -> bool {
        self.highest() >= Some(status)
    }

    /// From the highest to the lowest.
    pub fn iter(self) -> impl Iterator<Item = Membership> {
        Membership::ALL.into_iter().filter(move |status| self.contains(*status))
    }

    /// The prefixes to show before a nickname: all, or only the highest.
    pub fn prefixes(self, all: bool) -> impl Iterator<Item = char> {
        self.iter().map(Membership::prefix).take(if all { usize::MAX } else { 1 })
    }
}

impl FromIterator<Membership> for MembershipSet {
    fn from_iter<I: IntoIterator<Item = Membership>>(statuses: I) -> Self {
        let mut set = Self::new();
        statuses.into_iter().for_each(|status| set.set(status, true));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_and_prefixes() {
        let set: MembershipSet = [Membership::Voice, Membership::Op].into_iter().collect();
        assert_eq!(set.highest(), Some(Membership::Op));
        assert!(set.at_least(Membership::HalfOp));
        assert!(!set.at_least(Membership::Admin));
        assert_eq!(set.prefixes(true).collect::<String>(), "@+");
        assert_eq!(set.prefixes(false).collect::<String>(), "@");
        assert!(!MembershipSet::new().at_least(Membership::Voice));
    }
}
