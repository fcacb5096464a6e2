//! TLS: whom to believe, and the handshake.

mod fingerprint;
mod identity;
mod known_hosts;
mod verifier;

use std::io;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use rustls::client::WebPkiServerVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, InvalidMessage, RootCertStore};

pub(crate) use self::fingerprint::Fingerprint;
use self::identity::Identity;
use self::known_hosts::KnownHosts;
pub(crate) use self::verifier::Stranger;
use self::verifier::Verifier;
use super::dialer::NotConnected;
use super::patient::Patient;
use crate::address::Address;
use crate::sanitize;

/// How long a handshake may take, whatever the server does meanwhile.
const HANDSHAKE_MAX: Duration = Duration::from_secs(15);

/// What the user says about certificates.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    /// A file with those who may sign, instead of the system's.
    pub(crate) ca: Option<PathBuf>,
    /// The only certificate that counts.
    pub(crate) fingerprint: Option<Fingerprint>,
    /// The user's own certificate.
    pub(crate) certificate: Option<PathBuf>,
    /// Its key, if that is in another file.
    pub(crate) key: Option<PathBuf>,
}

/// What there is to connect with.
#[derive(Debug)]
pub(crate) struct Tls {
    provider: Arc<CryptoProvider>,
    authorities: Option<Arc<WebPkiServerVerifier>>,
    fingerprint: Option<Fingerprint>,
    identity: Option<Identity>,
    /// The certificates that count beside signed ones; `None` where the user has said which do.
    known: Option<KnownHosts>,
}

impl Tls {
    /// Reads the files.
    pub(crate) fn new(options: &Options) -> anyhow::Result<Self> {
        let provider = Arc::new(ring::default_provider());
        let roots = match &options.ca {
            Some(path) => roots_in(path)?,
            None => system_roots(),
        };
        let authorities = if roots.is_empty() {
            None
        } else {
            let builder =
                WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone());
            Some(builder.build().context("cannot use the certificates of those who may sign")?)
        };
        let is_said = options.ca.is_some() || options.fingerprint.is_some();
        let identity = options.certificate.as_deref();
        let identity = identity.map(|path| Identity::read(path, options.key.as_deref()));
        Ok(Self {
            provider,
            authorities,
            fingerprint: options.fingerprint,
            identity: identity.transpose()?,
            known: (!is_said).then(KnownHosts::open),
        })
    }

    /// Accepts a certificate from now on.
    pub(crate) fn accept(&self, address: &Address, stranger: &Stranger) -> anyhow::Result<()> {
        self.known.as_ref().map_or(Ok(()), |known| known.add(address, stranger.fingerprint))
    }

    /// Speaks with the server until both know whom they speak with.
    pub(super) fn handshake(
        &self,
        stream: &TcpStream,
        address: &Address,
    ) -> Result<ClientConnection, NotConnected> {
        let failed = |error: anyhow::Error| NotConnected::Failed(format!("{error:#}"));
        let known = self.known.as_ref().map(|known| known.find(address)).transpose();
        let known = known.map_err(failed)?.flatten();
        let verifier = Arc::new(Verifier {
            authorities: self.authorities.clone(),
            accepted: self.fingerprint.or(known),
            is_only_one: self.fingerprint.is_some(),
            provider: self.provider.clone(),
            refused: Mutex::new(None),
        });
        let mut connection = self.connection(verifier.clone(), address).map_err(failed)?;
        let mut patient = Patient { stream, end: Instant::now() + HANDSHAKE_MAX };
        match connection.complete_io(&mut patient) {
            Ok(_) => Ok(connection),
            Err(error) => Err(match verifier.take_refused() {
                Some(stranger) => self.refusal(address, known, stranger),
                None => NotConnected::Failed(format!("no TLS with {address}: {}", why(&error))),
            }),
        }
    }

    fn connection(
        &self,
        verifier: Arc<Verifier>,
        address: &Address,
    ) -> anyhow::Result<ClientConnection> {
        let builder = ClientConfig::builder_with_provider(self.provider.clone())
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let config = match &self.identity {
            Some(identity) => identity.present(builder)?,
            None => builder.with_no_client_auth(),
        };
        let name = ServerName::try_from(address.host.clone())
            .with_context(|| format!("{} can't be the name in a certificate", address.host))?;
        let mut connection = ClientConnection::new(Arc::new(config), name)?;
        // The lines that wait are counted elsewhere.
        connection.set_buffer_limit(None);
        Ok(connection)
    }

    fn refusal(
        &self,
        address: &Address,
        known: Option<Fingerprint>,
        stranger: Stranger,
    ) -> NotConnected {
        let Stranger { fingerprint, why, .. } = &stranger;
        let names = stranger.shown_names();
        if let Some(wanted) = self.fingerprint {
            return NotConnected::Refused(format!(
                "{address} does not have the certificate that --tls-fingerprint asks for:\n  \
                 wanted sha256:{wanted}\n  got    sha256:{fingerprint} ({names})"
            ));
        }
        let Some(hosts) = &self.known else {
            return NotConnected::Refused(format!(
                "the certificate of {address} is not to be trusted: {why}\n  \
                 sha256:{fingerprint} ({names})"
            ));
        };
        let Some(known) = known else { return NotConnected::Stranger(stranger) };
        let path = hosts.path().map_or_else(String::new, |path| path.display().to_string());
        NotConnected::Refused(format!(
            "THE CERTIFICATE OF {address} IS NOT THE ONE YOU HAVE ACCEPTED\n  \
             accepted sha256:{known}\n  now      sha256:{fingerprint} ({names})\n\
             Somebody may be between you and the server, reading along. Or the server has a new \
             certificate: ask whoever runs it for its fingerprint, by another way.\n\
             If it is the new one: take the line of {address} out of {path} and connect again."
        ))
    }
}

impl Stranger {
    /// Why it is refused where nobody accepts it.
    pub(crate) fn refusal(&self, address: &Address) -> String {
        format!(
            "the certificate of {address} is not to be trusted: {}\n  sha256:{} ({})\nIf it is the \
             right one, --tls-fingerprint takes it.",
            self.why,
            self.fingerprint,
            self.shown_names()
        )
    }

    /// What it says it is for, made safe to be shown.
    pub(crate) fn shown_names(&self) -> String {
        if self.names.is_empty() {
            return "it names no server".to_owned();
        }
        let names: Vec<String> = self.names.iter().map(|name| sanitize::name(name)).collect();
        format!("for {}", names.join(", "))
    }
}

/// Those whom this machine trusts. Without any, every certificate is one to ask about.
fn system_roots() -> RootCertStore {
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        log::warn!("cannot read some of the system's certificates: {error}");
    }
    let mut roots = RootCertStore::empty();
    let (added, ignored) = roots.add_parsable_certificates(found.certs);
    log::debug!("{added} of the system's certificates, {ignored} are not understood");
    roots
}

fn roots_in(path: &Path) -> anyhow::Result<RootCertStore> {
    let failure = || format!("cannot read certificates from {}", path.display());
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).with_context(failure)? {
        roots.add(certificate.with_context(failure)?).with_context(failure)?;
    }
    ensure!(!roots.is_empty(), "there is no certificate in {}", path.display());
    Ok(roots)
}

fn why(error: &io::Error) -> String {
    const PLAIN: &str =
        "it does not speak TLS there; --no-tls goes without, and others can read it";

    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType)) => PLAIN.to_owned(),
        Some(error) => error.to_string(),
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            format!("it hung up at once; perhaps {PLAIN}")
        }
        None if error.kind() == io::ErrorKind::TimedOut => {
            format!("it says nothing; perhaps {PLAIN}")
        }
        None => error.to_string(),
    }
}
