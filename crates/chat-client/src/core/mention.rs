//! Whether a text names somebody.

use chat_protocol::casemapping::fold;

/// Whether `nickname` stands in `text` as a word of its own, in any case.
pub(crate) fn mentions(text: &str, nickname: &str) -> bool {
    let (text, nickname) = (fold(text), fold(nickname));
    if nickname.is_empty() {
        return false;
    }
    text.match_indices(&nickname).any(|(at, found)| {
        let before = text[..at].chars().next_back();
        let after = text[at + found.len()..].chars().next();
        stands_alone(before, found.chars().next()) && stands_alone(after, found.chars().next_back())
    })
}

/// Whether a word ends between its `edge` and what stands next to it. Chinese and Japanese put no
/// spaces between words, so there only letters of the same alphabet make a longer word.
fn stands_alone(neighbour: Option<char>, edge: Option<char>) -> bool {
    let Some((neighbour, edge)) = neighbour.zip(edge) else { return true };
    if !neighbour.is_alphanumeric() && !"_-[]\\`^{|}".contains(neighbour) {
        return true;
    }
    is_ideograph(edge) || is_ideograph(neighbour)
}

fn is_ideograph(character: char) -> bool {
    matches!(character, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_word_of_its_own() {
        for text in ["bob", "hi bob", "Bob: look", "@BOB!", "(bob)", "你好bob"] {
            assert!(mentions(text, "bob"), "{text}");
        }
        for text in ["", "bobby", "kabob", "bob_", "bob2"] {
            assert!(!mentions(text, "bob"), "{text}");
        }
        assert!(mentions("问小明吧", "小明"));
        assert!(!mentions("anything", ""));
    }
}
