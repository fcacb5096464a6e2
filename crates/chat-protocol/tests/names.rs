//! Names: a checked name stays one, and whatever is one name has one key.

use std::hash::{BuildHasher, RandomState};

use chat_protocol::casemapping::{eq, fold, folded as folded_name};
use chat_protocol::{ChannelKey, ChannelName, NameError, NickKey, Nickname};
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

/// Names in one script, names that mix several, and texts that are none.
fn names() -> impl Strategy<Value = String> {
    prop_oneof![
        "#?[a-zA-Z0-9_\\[\\]{}|^-]{1,10}",
        "#?[a-zA-ZÅåİıẞßKſ\u{30a}\u{301}]{1,10}",
        "#?[ΣσςΐΆᾼ\u{345}\u{301}]{1,10}",
        "#?[a-z小明あアー민ᄆ\u{1175}]{1,10}",
        "#?([a-zA-Z]|[ÅİΣѢД\u{30a}\u{301}小あ민ع\u{200d}\u{202e}]|\\PC){0,10}",
        any::<String>(),
    ]
}

/// Characters that nobody sees, and those that turn the direction of what follows. Unicode,
/// `Default_Ignorable_Code_Point` and `Bidi_Control`.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

fn is_forbidden(c: char) -> bool {
    c.is_control() || c.is_whitespace() || is_invisible(c) || matches!(c, ',' | '\u{7}')
}

#[test]
fn no_character_that_confuses_is_in_a_name() {
    for c in ('\0'..=char::MAX).filter(|&c| is_forbidden(c)) {
        let nick = Nickname::parse(&format!("a{c}"), 8);
        assert!(matches!(nick, Err(NameError::Character(_))), "{c:?}: {nick:?}");
        let channel = ChannelName::parse(&format!("#a{c}"), 8);
        assert!(matches!(channel, Err(NameError::Character(_))), "{c:?}: {channel:?}");
    }
}

#[test]
fn every_character_folds_to_one_form() {
    // Nothing beyond these planes has a case or another form.
    for c in '\0'..='\u{2ffff}' {
        let text = c.to_string();
        let folded = fold(&text);
        assert_eq!(fold(&folded), folded, "{c:?}");
        assert_eq!(fold(&text.nfd().collect::<String>()), folded, "{c:?}");
        assert!(eq(&text, &folded), "{c:?}");
    }
}

proptest! {
    #[test]
    fn folding_again_changes_nothing(text in names()) {
        let folded = fold(&text);
        prop_assert_eq!(fold(&folded), folded.clone());
        prop_assert_eq!(folded_name(&text), folded.clone());
        prop_assert!(eq(&text, &folded));
    }

    #[test]
    fn equal_names_fold_to_one_text(one in names(), other in names()) {
        prop_assert_eq!(eq(&one, &other), fold(&one) == fold(&other));
        let upper = one.to_ascii_uppercase();
        prop_assert!(eq(&one, &upper));
    }

    #[test]
    fn a_nickname_is_a_nickname_again(text in names()) {
        let Ok(nick) = Nickname::parse(&text, 10) else { return Ok(()) };
        prop_assert!(!nick.as_str().chars().any(is_forbidden));
        prop_assert!(!nick.as_str().contains(['!', '@', '#', ':', '*', '?', '.']));
        prop_assert!(nick.as_str().chars().count() <= 10);
        let again = Nickname::parse(nick.as_str(), 10);
        prop_assert_eq!(again.as_ref().map(Nickname::as_str), Ok(nick.as_str()));
        prop_assert_eq!(nick.key(), NickKey::of(&text));
    }

    #[test]
    fn a_channel_name_is_a_channel_name_again(text in names()) {
        let Ok(name) = ChannelName::parse(&text, 10) else { return Ok(()) };
        prop_assert!(!name.as_str().chars().any(is_forbidden));
        prop_assert!(ChannelName::is_channel(name.as_str()));
        prop_assert!(name.as_str().chars().count() <= 10);
        let again = ChannelName::parse(name.as_str(), 10);
        prop_assert_eq!(again.as_ref().map(ChannelName::as_str), Ok(name.as_str()));
        prop_assert_eq!(name.key(), ChannelKey::of(&text));
    }

    #[test]
    fn keys_are_equal_as_the_casemapping_says(one in names(), other in "[aAåÅ]{1,2}") {
        let change_case = one.to_lowercase();
        for (one, other) in [(&one, &other), (&one, &change_case)] {
            let (Ok(a), Ok(b)) = (Nickname::parse(one, 20), Nickname::parse(other, 20)) else {
                continue;
            };
            prop_assert_eq!(a == b, eq(one, other));
            prop_assert_eq!(a.key() == b.key(), a == b);
            let state = RandomState::new();
            prop_assert!(a != b || state.hash_one(&a) == state.hash_one(&b));
        }
    }
}
