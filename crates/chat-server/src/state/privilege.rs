//! What an IRC operator may do.

use std::sync::Arc;

use serde::Deserialize;

/// One thing that takes an operator. As the configuration has it, in small letters with hyphens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Privilege {
    /// To change accounts of others.
    Accounts,
    /// To read the audit log.
    Audit,
    /// To ban from the server.
    Ban,
    /// To disconnect.
    Kill,
    /// To have the configuration read again.
    Rehash,
    /// To govern rooms, whoever they belong to.
    Rooms,
    /// To see where users connect from, and their modes.
    SeeAddresses,
    /// To speak to all who listen to operators.
    Wallops,
}

impl Privilege {
    const ALL: [Self; 8] = [
        Self::Accounts,
        Self::Audit,
        Self::Ban,
        Self::Kill,
        Self::Rehash,
        Self::Rooms,
        Self::SeeAddresses,
        Self::Wallops,
    ];

    /// As the configuration has it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Audit => "audit",
            Self::Ban => "ban",
            Self::Kill => "kill",
            Self::Rehash => "rehash",
            Self::Rooms => "rooms",
            Self::SeeAddresses => "see-addresses",
            Self::Wallops => "wallops",
        }
    }
}

/// A set of privileges.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Privileges(u16);

impl Privileges {
    pub(crate) fn all() -> Self {
        Privilege::ALL.into_iter().collect()
    }

    pub(crate) const fn contains(self, privilege: Privilege) -> bool {
        self.0 & bit(privilege) != 0
    }

    /// Their names, in order.
    pub(crate) fn names(self) -> String {
        let held = Privilege::ALL.into_iter().filter(|privilege| self.contains(*privilege));
        let names: Vec<&str> = held.map(Privilege::name).collect();
        if names.is_empty() { "no privileges".to_owned() } else { names.join(" ") }
    }
}

impl FromIterator<Privilege> for Privileges {
    fn from_iter<I: IntoIterator<Item = Privilege>>(privileges: I) -> Self {
        Self(privileges.into_iter().fold(0, |set, privilege| set | bit(privilege)))
    }
}

const fn bit(privilege: Privilege) -> u16 {
    1 << privilege as u16
}

/// What an IRC operator is: a name, and what it may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OperRole {
    /// As the configuration calls it. `None`: the one with every privilege.
    pub(crate) name: Option<String>,
    pub(crate) privileges: Privileges,
    /// What WHOIS says of who has it.
    pub(crate) whois: String,
}

impl OperRole {
    /// Every privilege there is.
    pub(crate) fn full() -> Arc<Self> {
        let whois = "is an IRC operator".to_owned();
        Arc::new(Self { name: None, privileges: Privileges::all(), whois })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_what_was_put_into_it() {
        let some: Privileges = [Privilege::Kill, Privilege::Wallops].into_iter().collect();
        assert!(some.contains(Privilege::Kill) && some.contains(Privilege::Wallops));
        assert!(!some.contains(Privilege::Ban));
        assert_eq!(some.names(), "kill wallops");
        assert!(Privilege::ALL.into_iter().all(|it| Privileges::all().contains(it)));
        assert_eq!(Privileges::default().names(), "no privileges");
    }

    #[test]
    fn names_are_those_of_the_configuration() {
        for privilege in Privilege::ALL {
            let parsed: Result<Privilege, serde::de::value::Error> =
                Deserialize::deserialize(serde::de::value::StrDeserializer::new(privilege.name()));
            assert_eq!(parsed, Ok(privilege));
        }
    }
}
