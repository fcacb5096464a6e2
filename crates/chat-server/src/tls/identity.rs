//! A certificate and its key, read from files.

use std::fmt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, NoServerSessionStorage, WebPkiClientVerifier};
use rustls::{ALL_VERSIONS, ServerConfig};

use super::any_certificate::AnyCertificate;
use super::expiry;

/// What a file looked like: its number, its size, and when it was changed.
type Stamp = (u64, u64, i64, i64);

/// What browsers say they will speak by TLS. RFC 7301, and the IANA's registry of its names.
const HTTP: [&[u8]; 2] = [b"http/1.1", b"h2"];

/// Where the certificate and its key are, and what the files looked like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Files {
    certificate: PathBuf,
    key: PathBuf,
    stamps: [Option<Stamp>; 2],
}

/// What connections begin with.
#[derive(Debug)]
pub(crate) struct Identity {
    /// Asks clients for a certificate of their own.
    asking: Arc<ServerConfig>,
    /// Does not.
    silent: Arc<ServerConfig>,
    /// The last second in which the certificate is valid, since the Unix epoch.
    pub(crate) not_after: Option<u64>,
}

/// Why a certificate and a key can't be used.
#[derive(Debug)]
pub(crate) enum IdentityError {
    Unreadable(PathBuf, pem::Error),
    /// There is no certificate in the file.
    Empty(PathBuf),
    /// They do not belong together, or nothing is known of their kind.
    Unusable(Box<(Files, rustls::Error)>),
}

impl Files {
    pub(crate) fn new(certificate: &Path, key: &Path) -> Self {
        let (certificate, key) = (certificate.to_owned(), key.to_owned());
        Self { certificate, key, stamps: [None; 2] }.as_they_are()
    }

    /// The same files as they look now.
    pub(super) fn as_they_are(&self) -> Self {
        let stamps = [stamp(&self.certificate), stamp(&self.key)];
        Self { certificate: self.certificate.clone(), key: self.key.clone(), stamps }
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let file = std::fs::metadata(path).ok()?;
    Some((file.ino(), file.size(), file.mtime(), file.mtime_nsec()))
}

impl Identity {
    pub(crate) fn read(files: &Files) -> Result<Self, IdentityError> {
        let chain = CertificateDer::pem_file_iter(&files.certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| IdentityError::Unreadable(files.certificate.clone(), error))?;
        let Some(own) = chain.first() else {
            return Err(IdentityError::Empty(files.certificate.clone()));
        };
        let not_after = expiry::not_after(own);
        let key = PrivateKeyDer::from_pem_file(&files.key)
            .map_err(|error| IdentityError::Unreadable(files.key.clone(), error))?;
        let unusable = |error| IdentityError::Unusable(Box::new((files.clone(), error)));
        let asking = server_config(chain.clone(), key.clone_key(), true).map_err(unusable)?;
        let silent = server_config(chain, key, false).map_err(unusable)?;
        Ok(Self { asking: Arc::new(asking), silent: Arc::new(silent), not_after })
    }

    /// How to speak with a client that begins like this, if that can be understood. Browsers are not
    /// asked for a certificate: some give up a WebSocket at the question.
    pub(crate) fn server_config(&self, hello: Option<&ClientHello<'_>>) -> Arc<ServerConfig> {
        let mut protocols = hello.and_then(ClientHello::alpn).into_iter().flatten();
        let is_browser = protocols.any(|protocol| HTTP.contains(&protocol));
        if is_browser { self.silent.clone() } else { self.asking.clone() }
    }
}

fn server_config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    asks: bool,
) -> Result<ServerConfig, rustls::Error> {
    let provider = Arc::new(ring::default_provider());
    let clients = if asks {
        Arc::new(AnyCertificate::new(&provider))
    } else {
        WebPkiClientVerifier::no_client_auth()
    };
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(ALL_VERSIONS)?
        .with_client_cert_verifier(clients)
        .with_single_cert(chain, key)?;
    // Clients that come back are remembered by themselves, not here.
    config.ticketer = ring::Ticketer::new()?;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 1;
    Ok(config)
}

impl fmt::Display for IdentityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(path, pem::Error::Io(error)) => {
                write!(f, "can't read {}: {error}", path.display())
            }
            Self::Unreadable(path, pem::Error::NoItemsFound) => {
                write!(f, "there is no private key in {}: expected PEM", path.display())
            }
            Self::Unreadable(path, error) => write!(f, "{} is not PEM: {error}", path.display()),
            Self::Empty(path) => {
                write!(f, "there is no certificate in {}: expected PEM", path.display())
            }
            Self::Unusable(unusable) => {
                let (Files { certificate, key, .. }, error) = &**unusable;
                let (certificate, key) = (certificate.display(), key.display());
                write!(
                    f,
                    "the certificate in {certificate} can't be used with the key in {key}: {error}"
                )
            }
        }
    }
}

impl std::error::Error for IdentityError {}
