//! Text with escapes, variables and wildcards.

use anyhow::{Context, Result, bail, ensure};
use base64ct::{Base64, Encoding};

use super::Variables;

/// A text to be sent, or one to be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Bytes(Vec<u8>),
    Variable(String),
    Anything,
    /// Sorted.
    Words(Vec<String>),
}

impl Text {
    /// Reads a text to be sent, in which a star is a star.
    pub fn literal(text: &str) -> Result<Self> {
        let pieces = pieces(text, |_| false)?;
        ensure!(
            !pieces.iter().any(|piece| matches!(piece, Piece::Words(_))),
            "words can't be sent"
        );
        Ok(Self(pieces))
    }

    /// Reads a text to be compared, in which `*` and `…` stand for anything.
    pub fn pattern(text: &str) -> Result<Self> {
        let pieces = pieces(text, |character| matches!(character, '*' | '…'))?;
        let words = pieces.iter().any(|piece| matches!(piece, Piece::Words(_)));
        ensure!(!words || pieces.len() == 1, "words stand for a whole parameter");
        Ok(Self(pieces))
    }

    /// The bytes to send.
    pub fn bytes(&self, variables: &Variables) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        for piece in &self.0 {
            match piece {
                Piece::Bytes(literal) => bytes.extend(literal),
                Piece::Variable(name) => {
                    let value = variables.get(name);
                    bytes.extend(value.with_context(|| format!("{{{name}}} has no value yet"))?);
                }
                Piece::Anything | Piece::Words(_) => bail!("a pattern can't be sent"),
            }
        }
        Ok(bytes)
    }

    /// Whether the whole of `text` looks like this.
    pub fn matches(&self, text: &str, variables: &mut Variables) -> bool {
        if let [Piece::Words(words)] = self.0.as_slice() {
            let mut found: Vec<_> = text.split_whitespace().collect();
            found.sort_unstable();
            return found == *words;
        }
        matches_from(&self.0, text.as_bytes(), variables)
    }
}

fn matches_from(pieces: &[Piece], text: &[u8], variables: &mut Variables) -> bool {
    let Some((piece, rest)) = pieces.split_first() else { return text.is_empty() };
    let after = |bytes: &[u8], variables: &mut Variables| {
        text.strip_prefix(bytes).is_some_and(|text| matches_from(rest, text, variables))
    };
    match piece {
        Piece::Bytes(bytes) => after(bytes, variables),
        Piece::Anything => (0..=text.len()).any(|end| after(&text[..end], variables)),
        Piece::Words(_) => false,
        Piece::Variable(name) => {
            if let Some(value) = variables.get(name).cloned() {
                return after(&value, variables);
            }
            let end = (1..=text.len()).rev().find(|&end| after(&text[..end], variables));
            end.is_some_and(|end| {
                variables.insert(name.clone(), text[..end].to_vec());
                true
            })
        }
    }
}

fn pieces(text: &str, is_wildcard: impl Fn(char) -> bool) -> Result<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let after = &rest[character.len_utf8()..];
        rest = match character {
            '\\' if after.starts_with('x') => {
                bytes.push(escaped_byte(after)?);
                &after[3..]
            }
            '{' => {
                let (inside, after) = after.split_once('}').context("a { without its }")?;
                let piece = braced(inside)?;
                flush(&mut bytes, &mut pieces);
                pieces.push(piece);
                after
            }
            _ if is_wildcard(character) => {
                flush(&mut bytes, &mut pieces);
                pieces.push(Piece::Anything);
                after
            }
            _ => {
                bytes.extend(character.to_string().into_bytes());
                after
            }
        };
    }
    flush(&mut bytes, &mut pieces);
    Ok(pieces)
}

fn flush(bytes: &mut Vec<u8>, pieces: &mut Vec<Piece>) {
    if !bytes.is_empty() {
        pieces.push(Piece::Bytes(std::mem::take(bytes)));
    }
}

fn escaped_byte(after_backslash: &str) -> Result<u8> {
    let digits = after_backslash.get(1..3).filter(|digits| !digits.starts_with('+'));
    let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
    byte.context("\\x needs two hexadecimal digits")
}

fn braced(inside: &str) -> Result<Piece> {
    if let Some(words) = inside.strip_prefix("words ") {
        let mut words: Vec<_> = words.split_whitespace().map(str::to_owned).collect();
        words.sort_unstable();
        return Ok(Piece::Words(words));
    }
    if let Some(text) = inside.strip_prefix("base64 ") {
        let bytes = Text::literal(text)?.bytes(&Variables::new())?;
        return Ok(Piece::Bytes(Base64::encode_string(&bytes).into_bytes()));
    }
    if let Some((unit, count)) = inside.rsplit_once('*') {
        let count = count.parse();
        let count = count.with_context(|| format!("{{{inside}}} does not say how many times"))?;
        return Ok(Piece::Bytes(unit.repeat(count).into_bytes()));
    }
    let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    ensure!(!inside.is_empty() && is_name(inside), "{{{inside}}} is not the name of a variable");
    Ok(Piece::Variable(inside.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(text: &str) -> Result<Vec<u8>> {
        let variables = Variables::from([("id".to_owned(), b"abc".to_vec())]);
        Text::literal(text)?.bytes(&variables)
    }

    #[test]
    fn what_is_sent() {
        assert_eq!(sent("a*b…").unwrap(), "a*b…".as_bytes());
        assert_eq!(sent("\\x01\\xff\\s").unwrap(), b"\x01\xff\\s");
        assert_eq!(sent("<{小*2}{id}>").unwrap(), "<小小abc>".as_bytes());
        assert_eq!(sent("{base64 \\x00a\\x00b}.").unwrap(), b"AGEAYg==.");
    }

    #[test]
    fn what_can_not_be_sent() {
        for text in ["\\x0", "\\x+1z", "{", "{}", "{A}", "{a*b}", "{unknown}", "{words a}"] {
            assert!(sent(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_escaped_star_is_a_star() {
        let mut variables = Variables::new();
        assert!(Text::pattern("a\\x2a").unwrap().matches("a*", &mut variables));
        assert!(!Text::pattern("a\\x2a").unwrap().matches("ab", &mut variables));
        assert!(Text::pattern("a*c*").unwrap().matches("abcbc", &mut variables));
        assert!(!Text::pattern("a*d").unwrap().matches("abcbc", &mut variables));
    }
}
