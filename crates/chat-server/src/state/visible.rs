//! How far back the history of a room is read, by those who may.

use serde::Deserialize;

/// What they may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Visible {
    /// All of it.
    All,
    /// Since they have an account; without one, since they joined.
    SinceRegistration,
    /// Since they joined, or have a standing role.
    SinceJoin,
}

impl Visible {
    /// Each, by its name in the configuration.
    pub(crate) const ALL: [(Self, &str); 3] = [
        (Self::All, "all"),
        (Self::SinceRegistration, "since-registration"),
        (Self::SinceJoin, "since-join"),
    ];

    /// Its name in the configuration.
    pub(crate) fn name(self) -> &'static str {
        let found = Self::ALL.into_iter().find(|(visible, _)| *visible == self);
        found.expect("each is in the table").1
    }

    /// The one of a name, in whatever case it is written.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        let found = Self::ALL.into_iter().find(|(_, it)| it.eq_ignore_ascii_case(name));
        found.map(|(visible, _)| visible)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_configuration() {
        for (visible, name) in Visible::ALL {
            assert_eq!(Visible::from_name(name), Some(visible));
            let configured = serde_json::from_value(visible.name().into());
            assert_eq!(configured.ok(), Some(visible));
        }
        assert_eq!(Visible::from_name("none"), None);
    }
}
