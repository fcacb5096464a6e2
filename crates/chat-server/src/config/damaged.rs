//! Whatever the file says, reading it ends with a configuration or an error: one line, with nothing in it
//! that somebody may want to keep to themselves.

use std::ops::Range;

use proptest::prelude::*;
use proptest::sample::Index;

use super::Config;

/// The example, with the settings that have no default.
pub(super) fn every_setting() -> String {
    let example = include_str!("../../chat-server.example.toml");
    let is_setting = |rest: &str| rest.starts_with(|c: char| c == '[' || c.is_ascii_lowercase());
    example
        .lines()
        .map(|line| line.strip_prefix('#').filter(|rest| is_setting(rest)).unwrap_or(line))
        .flat_map(|line| [line, "\n"])
        .collect()
}

/// What nobody else writes, as a name and as a number.
const SECRETS: [&str; 2] = ["Zq7Kx9Vw3J", "918273645546372"];
/// So much of it says something.
const PART: usize = 5;

/// Values of every kind that hold a secret, and some that are no values.
const VALUES: &[&str] = &[
    "\"Zq7Kx9Vw3J\"",
    "'Zq7Kx9Vw3J, expected Zq7Kx9Vw3J'",
    "Zq7Kx9Vw3J",
    "918273645546372",
    "-918273645546372",
    "918273645546372.5",
    "[\"Zq7Kx9Vw3J\"]",
    "[918273645546372, true]",
    "{ Zq7Kx9Vw3J = \"Zq7Kx9Vw3J\" }",
    "[{ address = \"Zq7Kx9Vw3J\" }, { address = \"[::]:1\", tls = \"Zq7Kx9Vw3J\" }]",
    "[{ address = \"[::]:1\", Zq7Kx9Vw3J = \"only\" }]",
    "\"\"\"\nZq7Kx9Vw3J = 918273645546372\n\"\"\"",
    "[\"\"\"\nZq7Kx9Vw3J = \"\"\", \"Zq7Kx9Vw3J\"]",
    "\"Zq7Kx9Vw3J\" = \"Zq7Kx9Vw3J\"",
    "true",
    "1987-06-05T04:03:02Z",
    "",
];

/// What means something to TOML, or to a terminal.
const PIECES: &[&str] = &[
    "\"",
    "'",
    "\"\"\"",
    "'''",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "=",
    ".",
    ",",
    "\n",
    "\r",
    "\\",
    "\\u{",
    "#",
    "\0",
    "\x1b[31m",
    "\u{202e}",
    "é",
    "小",
    "-",
    "_",
    "0x",
    "1e999",
    "Zq7Kx9Vw3J",
    "\nZq7Kx9Vw3J = ",
    "\n[Zq7Kx9Vw3J]\n",
    "\n[[Zq7Kx9Vw3J]]\n",
    "\n\"Zq7Kx9Vw3J\" = 1\n",
    "918273645546372",
];

/// One way in which a file may be damaged.
#[derive(Debug, Clone)]
enum Damage {
    Value(Index, &'static str),
    Key(Index),
    Insert(Index, &'static str),
    Text(Index, String),
    Delete(Index, usize),
    Repeat(Index, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let value = || proptest::sample::select(VALUES);
    let piece = || proptest::sample::select(PIECES);
    prop_oneof![
        4 => (any::<Index>(), value()).prop_map(|(at, value)| Damage::Value(at, value)),
        1 => any::<Index>().prop_map(Damage::Key),
        3 => (any::<Index>(), piece()).prop_map(|(at, piece)| Damage::Insert(at, piece)),
        1 => (any::<Index>(), ".{0,20}").prop_map(|(at, text)| Damage::Text(at, text)),
        2 => (any::<Index>(), 1..400_usize).prop_map(|(at, length)| Damage::Delete(at, length)),
        1 => (any::<Index>(), 1..400_usize).prop_map(|(at, length)| Damage::Repeat(at, length)),
    ]
}

fn damaged(mut text: String, damages: Vec<Damage>) -> String {
    for damage in damages {
        let part = |at: Index, length: usize| {
            let start = text.floor_char_boundary(at.index(text.len() + 1));
            start..text.ceil_char_boundary((start + length).min(text.len()))
        };
        let (range, new) = match damage {
            Damage::Value(at, value) => (setting(&text, at).1, value.to_owned()),
            Damage::Key(at) => (setting(&text, at).0, SECRETS[0].to_owned()),
            Damage::Insert(at, piece) => (part(at, 0), piece.to_owned()),
            Damage::Text(at, new) => (part(at, 0), new),
            Damage::Delete(at, length) => (part(at, length), String::new()),
            Damage::Repeat(at, length) => {
                let range = part(at, length);
                (range.end..range.end, text[range].to_owned())
            }
        };
        text.replace_range(range, &new);
    }
    text
}

/// Where the key and the value of one of the settings are.
fn setting(text: &str, which: Index) -> (Range<usize>, Range<usize>) {
    let equals: Vec<usize> = text.match_indices(" = ").map(|(at, _)| at).collect();
    let Some(&at) = equals.get(which.index(equals.len().max(1))) else { return (0..0, 0..0) };
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[at..].find('\n').map_or(text.len(), |newline| at + newline);
    (start..at, at + 3..end.max(at + 3))
}

/// Reads it; an error must not say anything that is a secret.
fn read(text: &str) {
    let error = match Config::parse(text) {
        Ok(config) => {
            config.unwise();
            config.sts(false);
            return;
        }
        Err(error) => error.to_string(),
    };
    assert!(!error.contains(char::is_control), "{error:?}");
    for secret in SECRETS {
        for start in 0..=secret.len() - PART {
            let part = &secret[start..start + PART];
            assert!(!error.contains(part), "{part} is in {error:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_file_is_an_error_without_its_text(
        damages in proptest::collection::vec(damage(), 1..6),
    ) {
        read(&damaged(every_setting(), damages));
    }

    #[test]
    fn any_text_can_be_read(text in "(\\PC|[\\[\\]{}=\"'\\n.#,0-9a-z]){0,200}") {
        read(&text);
    }
}
