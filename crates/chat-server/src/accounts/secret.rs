//! Random bytes and words.

/// Letters and digits that nobody takes for one another.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Random bytes of the operating system.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system has random bytes");
    bytes
}

/// A random word of `N` letters and digits, of 5 bits each.
pub(crate) fn word<const N: usize>() -> String {
    letters(&bytes::<N>())
}

/// A letter or digit for each byte, by 5 bits of it.
pub(crate) fn letters(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_letters_and_digits_and_differ() {
        let word = word::<20>();
        assert_eq!(word.len(), 20);
        assert!(word.bytes().all(|byte| LETTERS.contains(&byte)));
        assert_ne!(word, super::word::<20>());
    }
}
