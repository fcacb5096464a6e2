//! Clients that speak TLS, and certificates that vouch for themselves.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::version::{TLS12, TLS13};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned,
    SupportedProtocolVersion,
};
use sha2::{Digest as _, Sha256};

/// How a client speaks TLS. It takes whatever certificate the server shows.
#[derive(Debug, Clone)]
pub struct Tls(Arc<ClientConfig>);

impl Default for Tls {
    fn default() -> Self {
        Self::new(&[&TLS13, &TLS12], None)
    }
}

impl Tls {
    /// In the older version only.
    pub fn version_1_2() -> Self {
        Self::new(&[&TLS12], None)
    }

    /// In the newer version only.
    pub fn version_1_3() -> Self {
        Self::new(&[&TLS13], None)
    }

    /// Showing a certificate.
    pub fn showing(certificate: &Certificate) -> Self {
        Self::new(&[&TLS13, &TLS12], Some(certificate))
    }

    /// Announcing HTTP, as browsers do.
    #[must_use]
    pub fn as_browser(mut self) -> Self {
        Arc::make_mut(&mut self.0).alpn_protocols = vec![b"http/1.1".to_vec()];
        self
    }

    fn new(versions: &[&'static SupportedProtocolVersion], shown: Option<&Certificate>) -> Self {
        let provider = ring::default_provider();
        let anybody = Anybody(provider.signature_verification_algorithms);
        let config = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(versions)
            .expect("ring speaks both")
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(anybody));
        let config = match shown {
            None => config.with_no_client_auth(),
            Some(Certificate { certificate, key, .. }) => {
                let chain = vec![certificate.clone()];
                config.with_client_auth_cert(chain, key.clone_key()).expect("they were made for it")
            }
        };
        Self(Arc::new(config))
    }

    /// A handshake that has yet to begin.
    pub fn begin(&self) -> Result<ClientConnection> {
        let name = ServerName::try_from("chat.example").context("a host name is one")?;
        ClientConnection::new(self.0.clone(), name).context("TLS can't be spoken")
    }

    /// Shakes hands over a connection.
    pub fn connect(&self, mut tcp: TcpStream) -> Result<StreamOwned<ClientConnection, TcpStream>> {
        let mut connection = self.begin()?;
        connection.complete_io(&mut tcp).context("the server does not shake hands")?;
        Ok(StreamOwned::new(connection, tcp))
    }
}

/// The beginning of the year 4096.
const FOR_EVER_SECONDS: u64 = 67_090_118_400;

/// A certificate and its key, made for one test.
#[derive(Debug)]
pub struct Certificate {
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
    pem: [String; 2],
}

impl Certificate {
    /// Makes one.
    pub fn new() -> Self {
        Self::valid_until(FOR_EVER_SECONDS)
    }

    /// Makes one that is valid until then, in seconds since the Unix epoch.
    pub fn valid_until(seconds: u64) -> Self {
        let key = KeyPair::generate().expect("a key can be made");
        let mut params = CertificateParams::new(["chat.example".to_owned()]).expect("it is a name");
        params.not_after = date_time_ymd(1970, 1, 1) + Duration::from_secs(seconds);
        let made = params.self_signed(&key).expect("a certificate can be made");
        let pem = [made.pem(), key.serialize_pem()];
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("it is a key");
        Self { certificate: made.der().clone(), key, pem }
    }

    /// What names it.
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.certificate)
    }

    /// Writes it and its key into a folder, over what is there, each at one blow.
    pub fn write(&self, folder: &Path) -> [PathBuf; 2] {
        let paths = ["certificate.pem", "key.pem"].map(|name| folder.join(name));
        for (path, text) in paths.iter().zip(&self.pem) {
            let beside = path.with_extension("new");
            std::fs::write(&beside, text).expect("the folder is writable");
            std::fs::rename(&beside, path).expect("the folder is writable");
        }
        paths
    }

    /// Both in one text.
    pub fn pem(&self) -> String {
        self.pem.concat()
    }
}

impl Default for Certificate {
    fn default() -> Self {
        Self::new()
    }
}

/// The SHA-256 of a certificate, in lower-case hex.
pub fn fingerprint(certificate: &[u8]) -> String {
    Sha256::digest(certificate).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A connection of either kind.
#[derive(Debug)]
pub(crate) enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Stream {
    pub(crate) fn tcp(&self) -> &TcpStream {
        match self {
            Self::Plain(tcp) => tcp,
            Self::Tls(tls) => tls.get_ref(),
        }
    }
}

impl Read for Stream {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(tcp) => tcp.read(bytes),
            Self::Tls(tls) => tls.read(bytes),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(tcp) => tcp.write(bytes),
            Self::Tls(tls) => tls.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(tcp) => tcp.flush(),
            Self::Tls(tls) => tls.flush(),
        }
    }
}

/// Whoever has the key of the certificate it shows.
#[derive(Debug)]
struct Anybody(WebPkiSupportedAlgorithms);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}
