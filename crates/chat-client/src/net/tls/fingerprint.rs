//! The SHA-256 fingerprint of a certificate.

use std::fmt;
use std::str::FromStr;

use rustls::pki_types::CertificateDer;
use sha2::{Digest, Sha256};

const BYTES: usize = 32;

/// Which certificate one is, in 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint([u8; BYTES]);

impl Fingerprint {
    /// That of this certificate.
    pub(crate) fn of(certificate: &CertificateDer<'_>) -> Self {
        Self(Sha256::digest(certificate).into())
    }
}

/// Hexadecimal digits, in any case, with colons or without, as other programs print them.
impl FromStr for Fingerprint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "a fingerprint is 64 hexadecimal digits, the SHA-256 of a certificate";
        let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b':').collect();
        if digits.len() != 2 * BYTES {
            return Err(wrong().to_owned());
        }
        let mut bytes = [0; BYTES];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            let pair = std::str::from_utf8(pair).ok().filter(|pair| !pair.contains('+'));
            let value = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok());
            *byte = value.ok_or_else(wrong)?;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_read_as_programs_print_them() {
        let of_abc = Fingerprint::of(&CertificateDer::from_slice(b"abc"));
        let plain = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(of_abc.to_string(), plain);
        let pairs: Vec<_> = plain.as_bytes().chunks(2).map(String::from_utf8_lossy).collect();
        assert_eq!(pairs.join(":").to_uppercase().parse(), Ok(of_abc));
        for wrong in ["", "ba", &"+1".repeat(32), &"g".repeat(64), &"小".repeat(32)] {
            assert!(wrong.parse::<Fingerprint>().is_err(), "{wrong}");
        }
    }
}
