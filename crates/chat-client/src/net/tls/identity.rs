//! The user's own certificate, which may log in to an account (SASL EXTERNAL).

use std::path::Path;

use anyhow::{Context, ensure};
use rustls::client::WantsClientCert;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, ConfigBuilder};

/// A certificate, with those that vouch for it, and its key.
#[derive(Debug)]
pub(super) struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    /// Reads PEM files; the key is behind the certificate, if no other file is named.
    pub(super) fn read(certificate: &Path, key: Option<&Path>) -> anyhow::Result<Self> {
        let failure = || format!("cannot read a certificate from {}", certificate.display());
        let chain = CertificateDer::pem_file_iter(certificate).with_context(failure)?;
        let chain = chain.collect::<Result<Vec<_>, _>>().with_context(failure)?;
        ensure!(!chain.is_empty(), "there is no certificate in {}", certificate.display());
        let path = key.unwrap_or(certificate);
        let key = PrivateKeyDer::from_pem_file(path)
            .with_context(|| format!("cannot read a private key from {}", path.display()))?;
        Ok(Self { chain, key })
    }

    /// Shows it to the server, if that asks.
    pub(super) fn present(
        &self,
        builder: ConfigBuilder<ClientConfig, WantsClientCert>,
    ) -> anyhow::Result<ClientConfig> {
        let config = builder.with_client_auth_cert(self.chain.clone(), self.key.clone_key());
        config.context("the key does not belong to the certificate, or can't be used")
    }
}
