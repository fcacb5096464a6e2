//! IRC operators: who may become one, and what they may do.

use std::sync::Arc;

use chat_protocol::Mask;
use serde::{Deserialize, Deserializer, de};

use crate::state::privilege::{OperRole, Privilege, Privileges};

use super::{Config, checks};

/// Who may become an IRC operator.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OperConfig {
    pub(crate) name: String,
    #[serde(deserialize_with = "checks::password_hash")]
    pub(crate) password: String,
    /// Sources it may come from; any, if there is none.
    #[serde(default, deserialize_with = "checks::masks")]
    pub(crate) masks: Vec<Mask>,
    /// Every privilege, if not said.
    #[serde(default)]
    pub(crate) role: Option<String>,
}

/// What some IRC operators may do.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OperRoleConfig {
    #[serde(deserialize_with = "role_name")]
    pub(crate) name: String,
    pub(crate) privileges: Vec<Privilege>,
    /// What WHOIS says.
    #[serde(default, deserialize_with = "whois_text")]
    pub(crate) whois: Option<String>,
}

/// What is kept of what operators and services have done.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AuditConfig {
    /// For ever if 0.
    #[serde(deserialize_with = "checks::keep_days")]
    pub(crate) keep_days: u64,
}

fn role_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = String::deserialize(deserializer)?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if (1..=32).contains(&name.len()) && name.chars().all(is_name) {
        return Ok(name);
    }
    Err(de::Error::custom("expected a name of 1 to 32 letters, digits, hyphens and underscores"))
}

fn whois_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if (1..=100).contains(&text.len()) && !text.contains(char::is_control) {
        return Ok(Some(text));
    }
    Err(de::Error::custom("expected a text of 1 to 100 bytes, such as \"is a moderator\""))
}

impl Config {
    /// The role of this name, or without one the role that has every privilege. `None` if it is not
    /// configured.
    pub(crate) fn oper_role(&self, name: Option<&str>) -> Option<Arc<OperRole>> {
        let Some(name) = name else { return Some(OperRole::full()) };
        let role = self.oper_roles.iter().find(|role| role.name == name)?;
        let whois = role.whois.clone();
        Some(Arc::new(OperRole {
            name: Some(name.to_owned()),
            privileges: role.privileges.iter().copied().collect::<Privileges>(),
            whois: whois.unwrap_or_else(|| format!("is an IRC operator ({name})")),
        }))
    }

    /// Refuses what names a role that is not there, and roles of one name.
    pub(super) fn with_roles_that_exist<E: de::Error>(self) -> Result<Self, E> {
        for (at, role) in self.oper_roles.iter().enumerate() {
            if self.oper_roles[..at].iter().any(|other| other.name == role.name) {
                let why =
                    format!("number {} of the [[oper_roles]] has the name of another", at + 1);
                return Err(E::custom(why));
            }
        }
        for (number, oper) in (1..).zip(&self.opers) {
            if self.oper_role(oper.role.as_deref()).is_none() {
                let why = format!(
                    "the role of number {number} of the [[opers]] is none of the [[oper_roles]]"
                );
                return Err(E::custom(why));
            }
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLES: &str = "
        [[oper_roles]]
        name = \"moderator\"
        privileges = [\"kill\", \"see-addresses\"]
    ";

    fn config(text: &str) -> Config {
        Config::parse(text).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn a_role_has_its_privileges_and_no_role_has_all() {
        let config = config(ROLES);
        let moderator = config.oper_role(Some("moderator")).unwrap();
        assert_eq!(moderator.privileges.names(), "kill see-addresses");
        assert_eq!(moderator.whois, "is an IRC operator (moderator)");
        assert_eq!(config.oper_role(None).unwrap().privileges, Privileges::all());
        assert_eq!(config.oper_role(Some("other")), None);
    }

    #[test]
    fn mistakes_are_named() {
        let hash = crate::limits::password::HASH_OF_NOTHING;
        let oper =
            format!("[[opers]]\nname = \"a\"\npassword = \"{hash}\"\nrole = \"moderator\"\n");
        assert!(Config::parse(&format!("{oper}{ROLES}")).is_ok());
        for (text, expected) in [
            (oper, "the role of number 1 of the [[opers]] is none of the [[oper_roles]]"),
            (format!("{ROLES}{ROLES}"), "number 2 of the [[oper_roles]]"),
            (ROLES.replace("kill", "fly"), "unknown variant, expected one of `accounts`"),
            (ROLES.replace("\"moderator\"", "\"a b\""), "letters, digits"),
        ] {
            let error = Config::parse(&text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
