//! Which characters a name may hold.

use unicode_script::{Script, UnicodeScript};
use unicode_security::general_security_profile::IdentifierType;
use unicode_security::{GeneralSecurityProfile, MixedScript};

use super::NameError;

/// Checks the characters of a name; `ascii_allowed` knows those of ASCII.
pub(super) fn check_characters(
    body: &str,
    ascii_allowed: impl Fn(char) -> bool,
) -> Result<(), NameError> {
    let refused =
        body.chars().find(|&c| !if c.is_ascii() { ascii_allowed(c) } else { is_identifier(c) });
    if let Some(character) = refused {
        return Err(NameError::Character(character));
    }
    if body.is_ascii() || written_together(body) { Ok(()) } else { Err(NameError::MixedScripts) }
}

fn is_identifier(character: char) -> bool {
    matches!(
        character.identifier_type(),
        Some(
            IdentifierType::Recommended
                | IdentifierType::Limited_Use
                | IdentifierType::Exclusion
                | IdentifierType::Uncommon_Use
        )
    )
}

/// UTS #39, 5.2: one script; or Latin with Chinese, Japanese or Korean.
fn written_together(body: &str) -> bool {
    if body.is_single_script() {
        return true;
    }
    let others: String = body.chars().filter(|&character| !is_latin(character)).collect();
    let others = others.resolve_script_set();
    others.hanb || others.jpan || others.kore
}

fn is_latin(character: char) -> bool {
    character.script() == Script::Latin
}
