//! What names a certificate: its SHA-256, in lower-case hex.

/// Digits of a fingerprint.
const DIGITS: usize = 64;

/// Reads a fingerprint as programs print it, with or without colons, in any case.
pub(crate) fn parse(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| *c != ':').collect();
    let is_hex = digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| digits.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_64_digits() {
        let plain = "ab".repeat(32);
        let colons = vec!["AB"; 32].join(":");
        assert_eq!(parse(&plain), Some(plain.clone()));
        assert_eq!(parse(&colons), Some(plain.clone()));
        for wrong in ["", &plain[1..], &format!("{plain}a"), &plain.replace('a', "g")] {
            assert_eq!(parse(wrong), None);
        }
    }
}
