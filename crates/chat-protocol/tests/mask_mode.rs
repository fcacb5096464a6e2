//! Masks, modes, tokens and lists: each against a simpler way to say the same.

#![allow(clippy::indexing_slicing, reason = "a panic fails the test")]

use chat_protocol::capability::list_lines;
use chat_protocol::isupport::{Isupport, LINE_BYTES_MAX, TOKENS_MAX, Token, lines};
use chat_protocol::mode::{Arity, ModeChange, format, parse};
use chat_protocol::{Capability, Mask, Membership, Numeric};
use proptest::collection::vec;
use proptest::prelude::*;

fn matches(mask: &[char], text: &[char]) -> bool {
    match mask {
        [] => text.is_empty(),
        ['*', rest @ ..] => (0..=text.len()).any(|from| matches(rest, &text[from..])),
        [first, rest @ ..] => text
            .split_first()
            .is_some_and(|(c, tail)| (*first == '?' || first == c) && matches(rest, tail)),
    }
}

fn arity(mode: char) -> Option<Arity> {
    match mode {
        'b' | 'e' => Some(Arity::List),
        'k' | 'o' => Some(Arity::Always),
        'l' => Some(Arity::WhenSet),
        'n' | 't' => Some(Arity::Never),
        _ => None,
    }
}

/// A change with the argument that its mode takes.
fn change() -> impl Strategy<Value = (bool, char, String)> {
    (any::<bool>(), prop::sample::select(vec!['b', 'e', 'k', 'o', 'l', 'n', 't']), "[^ ]{1,8}")
}

proptest! {
    #[test]
    fn a_mask_matches_as_the_definition_says(mask in "[ab*?小]{0,7}", text in "[ab小]{0,8}") {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        prop_assert_eq!(Mask::new(&mask).matches(&text), matches(&chars(&mask), &chars(&text)));
    }

    #[test]
    fn a_mask_matches_itself(mask in "([*?!@]|\\PC){0,20}", other in any::<String>()) {
        prop_assert!(Mask::new(&mask).matches(&mask));
        prop_assert_eq!(Mask::new(&mask), Mask::new(&mask.to_ascii_uppercase()));
        Mask::new(&mask).matches(&other);
        let completed = Mask::of_source(&mask);
        prop_assert!(completed.as_str().contains('!') && completed.as_str().contains('@'));
        let again = Mask::of_source(completed.as_str());
        prop_assert_eq!(again.as_str(), completed.as_str());
    }

    #[test]
    fn mode_changes_are_read_back(changes in vec(change(), 0..12)) {
        let changes: Vec<_> = changes
            .iter()
            .map(|(adding, mode, arg)| {
                let bare = matches!(mode, 'n' | 't') || (*mode == 'l' && !adding);
                ModeChange { adding: *adding, mode: *mode, arg: (!bare).then_some(arg) }
            })
            .collect();
        let (modes, args) = format(changes.clone());
        let read: Result<Vec<_>, _> = parse(&modes, &args, arity).collect();
        prop_assert_eq!(read, Ok(changes));
    }

    #[test]
    fn any_mode_string_is_read(modes in "([-+bkolnt]|\\PC){0,12}", args in vec("[a-z]{1,2}", 0..5)) {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let known: Vec<_> = parse(&modes, &args, arity).flatten().collect();
        let (modes, args) = format(known.clone());
        let read: Result<Vec<_>, _> = parse(&modes, &args, arity).collect();
        prop_assert_eq!(read, Ok(known));
    }

    #[test]
    fn tokens_are_read_back(name in "[A-Z0-9]{1,8}", value in "([ =\\\\x0-9+]|\\PC){0,16}") {
        let token = Token::new(&name, &value);
        prop_assert!(!token.to_string().contains(' '));
        let mut isupport = Isupport::new();
        isupport.apply(&token.to_string());
        prop_assert_eq!(isupport.value(&name), Some(value.as_str()));
        isupport.apply(&format!("-{}", name.to_lowercase()));
        prop_assert_eq!(isupport, Isupport::new());
    }

    #[test]
    fn any_token_is_applied(token in "([-=\\\\x()0-9A-F]|\\PC){0,24}", prefix in "[()a-z@+]{0,6}") {
        let mut isupport = Isupport::new();
        isupport.apply(&token);
        isupport.apply(&format!("PREFIX={prefix}"));
        isupport.prefixes();
        isupport.channel_types();
    }

    #[test]
    fn tokens_fit_their_lines(tokens in vec(("[A-Z]{1,8}", "[a-z ]{0,60}"), 0..60)) {
        let tokens: Vec<_> = tokens.iter().map(|(name, value)| Token::new(name, value)).collect();
        let lines = lines(&tokens);
        for line in &lines {
            prop_assert!(line.len() <= TOKENS_MAX);
            prop_assert!(line.join(" ").len() <= LINE_BYTES_MAX);
        }
        let all: Vec<_> = tokens.iter().map(Token::to_string).collect();
        prop_assert_eq!(lines.concat(), all);
    }

    #[test]
    fn lists_fit_their_lines(names in vec("[a-z]{1,10}", 0..40), bytes_max in 10..80_usize) {
        let lines = list_lines(names.iter().map(String::as_str), bytes_max);
        prop_assert!(lines.iter().all(|line| line.len() <= bytes_max));
        prop_assert_eq!(lines.join(" "), names.join(" "));
    }

    #[test]
    fn any_text_is_looked_up(text in "[0-9+-]{0,4}|\\PC{0,12}", values in vec("\\PC{0,4}", 0..4)) {
        if let Some(numeric) = Numeric::from_command(&text) {
            prop_assert_eq!(numeric.command(), text.clone());
            numeric.fill(&values.iter().map(String::as_str).collect::<Vec<_>>());
        }
        prop_assert!(Capability::from_name(&text).is_none_or(|found| found.name() == text));
        for c in text.chars() {
            prop_assert!(Membership::from_mode(c).is_none_or(|status| status.mode() == c));
            prop_assert!(Membership::from_prefix(c).is_none_or(|status| status.prefix() == c));
        }
    }
}
