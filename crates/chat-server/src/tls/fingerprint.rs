//! What names a certificate.

use sha2::{Digest as _, Sha256};

/// The SHA-256 of a certificate (DER) in lower-case hex.
pub(crate) fn fingerprint(certificate: &[u8]) -> String {
    Sha256::digest(certificate).iter().map(|byte| format!("{byte:02x}")).collect()
}
