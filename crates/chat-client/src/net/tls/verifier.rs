//! Which server is believed to be the one that was meant.
//!
//! One whose certificate is signed for its name by somebody this machine trusts, or one whose
//! certificate the user has accepted before. Possession of the key is proved in either case.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};

use super::Fingerprint;

/// Names of a certificate that are shown.
const NAMES_MAX: usize = 10;

/// A certificate that nobody known vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stranger {
    pub(crate) fingerprint: Fingerprint,
    /// What it says it is for, as it says it.
    pub(crate) names: Vec<String>,
    /// What is wrong with it.
    pub(crate) why: String,
}

/// What is looked at.
#[derive(Debug)]
pub(super) struct Verifier {
    /// Those who may sign; nobody, if there is none.
    pub(super) authorities: Option<Arc<WebPkiServerVerifier>>,
    /// A certificate that is good enough as it is.
    pub(super) accepted: Option<Fingerprint>,
    /// Whether no other is, whoever signs it.
    pub(super) is_only_one: bool,
    pub(super) provider: Arc<CryptoProvider>,
    /// The last one that was refused.
    pub(super) refused: Mutex<Option<Stranger>>,
}

impl Verifier {
    /// The certificate that was refused, if it may be one to ask about.
    pub(super) fn take_refused(&self) -> Option<Stranger> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn algorithms(&self) -> &WebPkiSupportedAlgorithms {
        &self.provider.signature_verification_algorithms
    }

    fn refuse(&self, fingerprint: Fingerprint, certificate: &CertificateDer<'_>, why: String) {
        let stranger = Stranger { fingerprint, names: names(certificate), why };
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(stranger);
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let fingerprint = Fingerprint::of(certificate);
        if self.accepted == Some(fingerprint) {
            return Ok(ServerCertVerified::assertion());
        }
        let verified = match &self.authorities {
            _ if self.is_only_one => Err(CertificateError::ApplicationVerificationFailure.into()),
            Some(authorities) => {
                authorities.verify_server_cert(certificate, intermediates, name, ocsp_response, now)
            }
            None => Err(CertificateError::UnknownIssuer.into()),
        };
        if let Err(Error::InvalidCertificate(error)) = &verified {
            self.refuse(fingerprint, certificate, sentence(error));
        }
        verified
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, self.algorithms())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, self.algorithms())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms().supported_schemes()
    }
}

fn sentence(error: &CertificateError) -> String {
    match error {
        CertificateError::UnknownIssuer | CertificateError::ApplicationVerificationFailure => {
            "nobody this machine trusts has signed it".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it is for another server".to_owned()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "it has expired".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet: is this machine's clock right?".to_owned()
        }
        CertificateError::Revoked => "it was revoked".to_owned(),
        // webpki knows no other word for one that signs itself and may sign others.
        CertificateError::Other(_) => "nobody this machine trusts has signed it".to_owned(),
        // The others are about signatures that make no sense, in the words of a program.
        _ => "its signature can't be verified".to_owned(),
    }
}

/// The names in a certificate: what it says when it is asked for one that it can't have.
fn names(certificate: &CertificateDer<'_>) -> Vec<String> {
    let nobody = ServerName::try_from("nobody.invalid").expect("it is a name");
    let Ok(certificate) = ParsedCertificate::try_from(certificate) else { return Vec::new() };
    match verify_server_name(&certificate, &nobody) {
        Err(Error::InvalidCertificate(CertificateError::NotValidForNameContext {
            presented,
            ..
        })) => presented.iter().take(NAMES_MAX).map(|name| bare(name)).collect(),
        _ => Vec::new(),
    }
}

/// `DnsName("chat.example")` is `chat.example`.
fn bare(name: &str) -> String {
    let inside = name.split_once('(').and_then(|(_, inside)| inside.strip_suffix(')'));
    let bare = inside.unwrap_or(name).trim_matches('"');
    bare.parse().map_or_else(|_| bare.to_owned(), |address: IpAddr| address.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_says_its_names() {
        let names_of = |wanted: &[&str]| {
            let wanted: Vec<String> = wanted.iter().map(|&name| name.to_owned()).collect();
            names(rcgen::generate_simple_self_signed(wanted).unwrap().cert.der())
        };
        assert_eq!(
            names_of(&["chat.example", "*.b.example", "::1"]),
            ["chat.example", "*.b.example", "::1"]
        );
        assert!(names_of(&[]).is_empty());
        assert_eq!(names_of(&["a.example"; 50]).len(), NAMES_MAX);
        assert!(names(&CertificateDer::from_slice(b"nonsense")).is_empty());
    }
}
