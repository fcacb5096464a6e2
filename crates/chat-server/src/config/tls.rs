//! Who sees what is sent.

use std::net::IpAddr;
use std::path::PathBuf;

use serde::Deserialize;

use crate::tls::Files;

use super::listen::{ProxyUse, TlsUse};
use super::{Config, checks};

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TlsConfig {
    /// No TLS without one.
    pub(crate) certificate: Option<PathBuf>,
    /// In the certificate's file, if not said.
    pub(crate) key: Option<PathBuf>,
    pub(crate) plaintext: Plaintext,
    /// Clients are told to use nothing but TLS for so long. They are told nothing if not set.
    #[serde(deserialize_with = "checks::optional_sts_seconds")]
    pub(crate) sts_seconds: Option<u64>,
    /// The port for it, if it is not the one the server listens on first.
    pub(crate) sts_port: Option<u16>,
}

/// From where clients may come without TLS.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Plaintext {
    #[default]
    Loopback,
    Everywhere,
}

impl TlsConfig {
    /// The files of the certificate, if there is to be one.
    pub(crate) fn files(&self) -> Option<Files> {
        let certificate = self.certificate.as_ref()?;
        Some(Files::new(certificate, self.key.as_ref().unwrap_or(certificate)))
    }

    /// Whether a client may come from there without TLS.
    pub(crate) fn takes_plaintext_from(&self, address: IpAddr) -> bool {
        self.plaintext == Plaintext::Everywhere || address.to_canonical().is_loopback()
    }
}

impl Config {
    /// What the capability `sts` says, if it is offered.
    pub(crate) fn sts(&self, is_secure: bool) -> Option<String> {
        let seconds = self.tls.sts_seconds?;
        let port = self.tls.sts_port.or_else(|| self.tls_port());
        match port {
            Some(port) if !is_secure => Some(format!("port={port},duration={seconds}")),
            None if !is_secure => None,
            _ => Some(format!("duration={seconds}")),
        }
    }

    /// The port of the first listener that speaks TLS with clients.
    fn tls_port(&self) -> Option<u16> {
        let speaks = |tls| tls != TlsUse::Never;
        let mut listeners = self.server.listen.iter();
        let found = listeners.find(|it| speaks(it.tls) && it.proxy == ProxyUse::Off);
        found.map(|it| it.address.port()).filter(|port| *port != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sts_names_the_port_where_there_is_no_tls_yet() {
        let config = |text: &str| Config::parse(text).unwrap();
        let off = config("");
        assert_eq!((off.sts(true), off.sts(false)), (None, None));
        let on = config("[tls]\nsts_seconds = 60\n");
        assert_eq!(on.sts(true).as_deref(), Some("duration=60"));
        assert_eq!(on.sts(false).as_deref(), Some("port=65432,duration=60"));
        let elsewhere = config("[tls]\nsts_seconds = 0\nsts_port = 6697\n");
        assert_eq!(elsewhere.sts(false).as_deref(), Some("port=6697,duration=0"));
        let nowhere = "[server]\nlisten = [{ address = \"[::]:6667\", tls = \"never\" }]\n";
        assert_eq!(config(&format!("{nowhere}[tls]\nsts_seconds = 60\n")).sts(false), None);
    }

    #[test]
    fn plaintext_is_for_this_machine() {
        let tls = TlsConfig::default();
        for (address, expected) in
            [("127.0.0.1", true), ("::1", true), ("::ffff:127.0.0.1", true), ("192.0.2.1", false)]
        {
            assert_eq!(tls.takes_plaintext_from(address.parse().unwrap()), expected, "{address}");
        }
    }
}
