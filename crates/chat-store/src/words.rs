//! Text as words to search for, in any script.
//!
//! Words are compared without regard to case, width and accents. Scripts that put no spaces between
//! words (Chinese, Japanese, Thai, …) are cut into overlapping pairs of characters, with the last
//! character of a run by itself: two characters are one token wherever they stand, one character is
//! the start of a token, and more are a phrase. Korean is cut in the same way, for its particles.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_script::{Script, UnicodeScript};

/// Counts the changes of what is made of a text; an index of another number has to be made anew.
pub(crate) const VERSION: i64 = 1;

/// The rest of a longer token is left out.
const TOKEN_BYTES_MAX: usize = 96;

/// Appends a text's tokens, each with a space before it. They have no ASCII but letters and digits.
pub(crate) fn append_tokens(text: &str, to: &mut String) {
    let folded = fold(text);
    let mut push = |token: &str| {
        to.push(' ');
        to.push_str(cut(token));
    };
    for piece in pieces(&folded) {
        match piece {
            Piece::Word(word) => push(word),
            Piece::Run(run) => {
                for pair in run.pairs() {
                    push(pair);
                }
                push(run.last());
            }
        }
    }
}

/// What is searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Words {
    parts: Vec<Part>,
}

/// All of them have to be there.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// These tokens in a row.
    Phrase(Vec<String>),
    /// A token that starts so.
    Start(String),
}

impl Words {
    /// Any text is words: it has no operators and no errors.
    pub(crate) fn new(text: &str) -> Self {
        let folded = fold(text);
        let mut parts = Vec::new();
        for piece in pieces(&folded) {
            let part = match piece {
                Piece::Word(word) => Part::Phrase(vec![cut(word).to_owned()]),
                Piece::Run(run) if run.units == 1 => Part::Start(cut(run.last()).to_owned()),
                Piece::Run(run) => {
                    Part::Phrase(run.pairs().map(|pair| cut(pair).to_owned()).collect())
                }
            };
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        Self { parts }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Whether a text can have all of their tokens and not all of them.
    pub(crate) fn need_order(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Phrase(tokens) if tokens.len() > 1))
    }

    /// As an expression of FTS5, for texts that have all of their tokens.
    pub(crate) fn expression(&self) -> String {
        let parts: Vec<_> = self.parts.iter().map(Part::expression).collect();
        parts.join(" AND ")
    }

    /// Whether a text has all of them.
    pub(crate) fn are_in(&self, text: &str) -> bool {
        let mut tokens = String::new();
        append_tokens(text, &mut tokens);
        let tokens: Vec<_> = tokens.split(' ').skip(1).collect();
        self.parts.iter().all(|part| part.is_in(&tokens))
    }
}

impl Part {
    fn expression(&self) -> String {
        match self {
            Self::Phrase(tokens) => format!("\"{}\"", tokens.join("\" AND \"")),
            Self::Start(token) => format!("\"{token}\" *"),
        }
    }

    fn is_in(&self, tokens: &[&str]) -> bool {
        match self {
            Self::Phrase(phrase) => tokens.windows(phrase.len()).any(|window| window == phrase),
            Self::Start(start) => tokens.iter().any(|token| token.starts_with(start.as_str())),
        }
    }
}

/// A part of a folded text.
enum Piece<'t> {
    Word(&'t str),
    Run(Run<'t>),
}

/// Characters of a script without spaces, each with its marks.
struct Run<'t> {
    text: &'t str,
    units: usize,
}

impl<'t> Run<'t> {
    fn starts(&self) -> impl Iterator<Item = usize> {
        let starts =
            self.text.char_indices().filter(|(at, it)| *at == 0 || !is_combining_mark(*it));
        starts.map(|(at, _)| at)
    }

    fn pairs(&self) -> impl Iterator<Item = &'t str> {
        let ends = self.starts().skip(2).chain([self.text.len()]);
        let text = self.text;
        self.starts().zip(ends).take(self.units - 1).map(move |(start, end)| &text[start..end])
    }

    fn last(&self) -> &'t str {
        &self.text[self.starts().last().unwrap_or(0)..]
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Separator,
    Spaced,
    Unspaced,
    /// Belongs to what it follows.
    Mark,
}

fn pieces(folded: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut open: Option<(usize, Class, usize)> = None;
    for (at, character) in folded.char_indices() {
        let class = class(character);
        match &mut open {
            Some(_) if class == Class::Mark => {}
            Some((_, kind, units)) if *kind == class => *units += 1,
            _ => {
                pieces.extend(open.take().map(|open| piece(&folded[..at], open)));
                if matches!(class, Class::Spaced | Class::Unspaced) {
                    open = Some((at, class, 1));
                }
            }
        }
    }
    pieces.extend(open.map(|open| piece(folded, open)));
    pieces
}

fn piece(text: &str, (start, class, units): (usize, Class, usize)) -> Piece<'_> {
    let text = &text[start..];
    if class == Class::Unspaced { Piece::Run(Run { text, units }) } else { Piece::Word(text) }
}

fn class(character: char) -> Class {
    if character.is_ascii() {
        return if character.is_ascii_alphanumeric() { Class::Spaced } else { Class::Separator };
    }
    if is_combining_mark(character) {
        return Class::Mark;
    }
    if !character.is_alphanumeric() {
        return Class::Separator;
    }
    if is_unspaced(character) { Class::Unspaced } else { Class::Spaced }
}

fn is_unspaced(character: char) -> bool {
    use Script as S;
    const UNSPACED: [Script; 18] = [
        S::Han,
        S::Hiragana,
        S::Katakana,
        S::Hangul,
        S::Bopomofo,
        S::Yi,
        S::Thai,
        S::Lao,
        S::Khmer,
        S::Myanmar,
        S::Tibetan,
        S::Javanese,
        S::Balinese,
        S::New_Tai_Lue,
        S::Tai_Le,
        S::Tai_Tham,
        S::Tai_Viet,
        S::Tangut,
    ];
    match character.script() {
        // Signs that are shared, like the one that makes a kana's vowel long.
        S::Common | S::Inherited => character.script_extension().contains_script(S::Katakana),
        script => UNSPACED.contains(&script),
    }
}

/// Without case, width, accents, invisible characters and the codes of formatted text.
fn fold(text: &str) -> Cow<'_, str> {
    let text = without_formatting(text);
    if text.is_ascii() {
        return text.to_ascii_lowercase().into();
    }
    text.nfkd()
        .filter(|character| !is_left_out(*character))
        .flat_map(char::to_lowercase)
        .flat_map(|character| {
            let (first, second) = base(character);
            [Some(first), second].into_iter().flatten()
        })
        .nfc()
        .collect::<String>()
        .into()
}

/// Accents of Latin, Greek and Cyrillic, vowel signs of Arabic and Hebrew, and what is invisible.
/// The marks of other scripts make other words.
fn is_left_out(character: char) -> bool {
    matches!(character,
        '\u{300}'..='\u{36F}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5BD}' | '\u{5BF}'
        | '\u{5C1}'..='\u{5C7}' | '\u{610}'..='\u{61A}' | '\u{640}' | '\u{64B}'..='\u{65F}'
        | '\u{670}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FE20}'..='\u{FE2F}'
        | '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}')
}

/// Letters that have no decomposition and are typed without their sign by many.
fn base(character: char) -> (char, Option<char>) {
    match character {
        'ß' => ('s', Some('s')),
        'æ' => ('a', Some('e')),
        'œ' => ('o', Some('e')),
        'ø' => ('o', None),
        'ł' => ('l', None),
        'đ' | 'ð' => ('d', None),
        'ħ' => ('h', None),
        'ŧ' => ('t', None),
        'ı' => ('i', None),
        'ς' => ('σ', None),
        _ => (character, None),
    }
}

/// Without the codes for bold, colours and the like, which can stand within a word.
fn without_formatting(text: &str) -> Cow<'_, str> {
    const CODES: &[char] =
        &['\x02', '\x03', '\x04', '\x0F', '\x11', '\x16', '\x1D', '\x1E', '\x1F'];
    // Most texts have no control characters at all.
    if !text.bytes().any(|byte| byte < 0x20) {
        return text.into();
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(CODES) {
        plain.push_str(&rest[..at]);
        let code = rest.as_bytes()[at];
        rest = &rest[at + 1..];
        rest = match code {
            0x03 => after_colours(rest, 2, |it| it.is_ascii_digit()),
            0x04 => after_colours(rest, 6, |it| it.is_ascii_hexdigit()),
            _ => rest,
        };
    }
    plain.push_str(rest);
    plain.into()
}

/// What comes after one colour, or two with a comma between them.
fn after_colours(text: &str, digits_max: usize, is_digit: fn(char) -> bool) -> &str {
    let digits = |text: &str| text.chars().take(digits_max).take_while(|it| is_digit(*it)).count();
    let first = digits(text);
    let rest = &text[first..];
    match rest.strip_prefix(',') {
        Some(second) if first > 0 && digits(second) > 0 => &second[digits(second)..],
        _ => rest,
    }
}

fn cut(token: &str) -> &str {
    &token[..token.floor_char_boundary(TOKEN_BYTES_MAX)]
}

#[cfg(test)]
mod tests;
