//! Capabilities. IRCv3, "Capability Negotiation".

/// The most bytes of a `CAP LS` or `CAP LIST` parameter, so that the line stays below 512
/// with long names.
pub const LIST_BYTES_MAX: usize = 300;

macro_rules! capabilities {
    ($($variant:ident = $name:literal,)*) => {
        /// A capability this crate knows by name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Capability {
            $(#[doc = concat!("`", $name, "`")] $variant,)*
        }

        impl Capability {
            /// All of them, in the order of their names.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }
    };
}

capabilities! {
    AccountNotify = "account-notify",
    AccountTag = "account-tag",
    AwayNotify = "away-notify",
    Batch = "batch",
    CapNotify = "cap-notify",
    ResendId = "chat-server/id",
    Chghost = "chghost",
    AccountRegistration = "draft/account-registration",
    ChannelRename = "draft/channel-rename",
    Chathistory = "draft/chathistory",
    EventPlayback = "draft/event-playback",
    MessageRedaction = "draft/message-redaction",
    ReadMarker = "draft/read-marker",
    EchoMessage = "echo-message",
    ExtendedJoin = "extended-join",
    ExtendedMonitor = "extended-monitor",
    InviteNotify = "invite-notify",
    LabeledResponse = "labeled-response",
    MessageTags = "message-tags",
    MultiPrefix = "multi-prefix",
    Sasl = "sasl",
    ServerTime = "server-time",
    Setname = "setname",
    Search = "soju.im/search",
    StandardReplies = "standard-replies",
    UserhostInNames = "userhost-in-names",
}

impl Capability {
    /// The capability of this name. Names are compared exactly.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|capability| capability.name() == name)
    }
}

/// A set of capabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct CapabilitySet(u64);

impl CapabilitySet {
    /// None.
    pub const EMPTY: Self = Self(0);

    /// Those of a list.
    pub const fn of(capabilities: &[Capability]) -> Self {
        let mut bits = 0;
        let mut rest = capabilities;
        while let [first, others @ ..] = rest {
            bits |= 1 << *first as u8;
            rest = others;
        }
        Self(bits)
    }

    /// All that this crate knows.
    pub const fn all() -> Self {
        Self::of(Capability::ALL)
    }

    /// As bits, to be kept in an atomic.
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// From [`CapabilitySet::bits`].
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits & Self::all().0)
    }

    /// Whether this one is in it.
    pub const fn contains(self, capability: Capability) -> bool {
        self.0 & (1 << capability as u8) != 0
    }

    /// Adds or removes one.
    pub const fn set(&mut self, capability: Capability, on: bool) {
        let bit = 1 << capability as u8;
        self.0 = if on { self.0 | bit } else { self.0 & !bit };
    }

    /// What is in both.
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in this one and not in the other.
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether it is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// In the order of their names.
    pub fn iter(self) -> impl Iterator<Item = Capability> {
        Capability::ALL.iter().copied().filter(move |capability| self.contains(*capability))
    }
}

/// Joins names with spaces into as few parameters of at most `bytes_max` as it takes. At least one.
pub fn list_lines<'a>(names: impl IntoIterator<Item = &'a str>, bytes_max: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for name in names {
        let last = lines.last_mut().expect("there is always one");
        if last.is_empty() {
            last.push_str(name);
        } else if last.len() + 1 + name.len() <= bytes_max {
            last.push(' ');
            last.push_str(name);
        } else {
            lines.push(name.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_sets() {
        for &capability in Capability::ALL {
            assert_eq!(Capability::from_name(capability.name()), Some(capability));
        }
        assert_eq!(Capability::from_name("Batch"), None);
        let mut set = CapabilitySet::of(&[Capability::Setname, Capability::Batch]);
        assert_eq!(set.iter().collect::<Vec<_>>(), [Capability::Batch, Capability::Setname]);
        set.set(Capability::Batch, false);
        assert!(!set.contains(Capability::Batch));
        assert_eq!(CapabilitySet::from_bits(set.bits()), set);
    }

    #[test]
    fn long_lists_take_several_lines() {
        assert_eq!(list_lines([], 10), [""]);
        assert_eq!(list_lines(["aaaa", "bbbb", "cccc"], 9), ["aaaa bbbb", "cccc"]);
    }
}
