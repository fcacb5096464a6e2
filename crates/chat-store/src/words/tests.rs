//! Words are found in texts of every script.

use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, proptest};

use super::{Words, append_tokens};

fn tokens(text: &str) -> String {
    let mut tokens = String::new();
    append_tokens(text, &mut tokens);
    tokens
}

#[track_caller]
fn found(words: &str, text: &str) {
    assert!(Words::new(words).are_in(text), "{words:?} in {text:?}: {}", tokens(text));
}

#[track_caller]
fn not_found(words: &str, text: &str) {
    assert!(!Words::new(words).are_in(text), "{words:?} in {text:?}: {}", tokens(text));
}

#[test]
fn case_width_and_accents_make_no_difference() {
    found("cafe", "Un CAFÉ, s'il vous plaît");
    found("ÉTÉ", "l'ete");
    found("strasse", "Große Straße");
    found("μαιος", "ΜΆΙΟΣ");
    found("елка", "Ёлка");
    found("rust", "Ｒｕｓｔ");
    found("lodz", "Łódź");
    not_found("caf", "café");
}

#[test]
fn a_chinese_word_is_found_inside_a_sentence() {
    let text = "我们明天去北京开会。";
    for words in ["北京", "明天", "开会", "我们", "明天去北京", "会", "京", "天 会"]
    {
        found(words, text);
    }
    for words in ["天北", "南京", "会议", "北京 上海"] {
        not_found(words, text);
    }
    assert_eq!(tokens("北京"), " 北京 京");
}

#[test]
fn other_scripts_without_spaces() {
    found("東京", "明日は東京タワーに行く");
    found("タワー", "明日は東京タワーに行く");
    found("ﾀﾜｰ", "東京タワー");
    found("ガ", "ガラス");
    found("สวัสดี", "เขาพูดว่าสวัสดีครับ");
    found("학교", "나는 학교에 간다");
    found("rust 语言", "我喜欢Rust语言");
}

#[test]
fn marks_of_indic_scripts_stay() {
    found("हिन्दी", "मैं हिन्दी बोलता हूँ");
    not_found("हन्दा", "मैं हिन्दी बोलता हूँ");
}

#[test]
fn operators_and_control_characters_are_no_words() {
    assert!(Words::new("\" ' * ( ) : ^ - + { } \0 \u{E000}").is_empty());
    assert_eq!(Words::new("a\"b OR c*").expression(), "\"a\" AND \"b\" AND \"or\" AND \"c\"");
    assert_eq!(tokens("x\0y"), " x y");
}

#[test]
fn formatting_is_no_part_of_a_word() {
    found("bold", "\x02b\x02old");
    found("red alert", "\x0304,01red\x03 \x04ff0000alert\x0F");
    found("3", "\x033,3 3");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_has_tokens_of_letters_only(text in any::<String>()) {
        let tokens = tokens(&text);
        prop_assert!(tokens.chars().all(|it| !it.is_ascii() || it == ' ' || it.is_ascii_alphanumeric()));
        prop_assert!(!tokens.contains("  "));
        let words = Words::new(&text);
        prop_assert_eq!(words.is_empty(), tokens.is_empty());
        prop_assert!(words.are_in(&text));
    }

    #[test]
    fn a_part_of_a_chinese_sentence_is_found(
        before in "[\u{4E00}-\u{9FFF}]{0,8}",
        part in "[\u{4E00}-\u{9FFF}]{1,5}",
        after in "[\u{4E00}-\u{9FFF}]{0,8}",
    ) {
        let text = format!("{before}{part}{after}");
        prop_assert!(Words::new(&part).are_in(&text));
    }
}
