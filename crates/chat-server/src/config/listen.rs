//! Where the server listens, and what it takes there.

use std::fmt;
use std::net::SocketAddr;

use ipnet::IpNet;
use serde::de::value::MapAccessDeserializer;
use serde::{Deserialize, Deserializer, de};

use super::checks;

/// One address, and what is spoken there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListenConfig {
    pub(crate) address: SocketAddr,
    pub(crate) tls: TlsUse,
    pub(crate) http: bool,
    pub(crate) proxy: ProxyUse,
}

/// Whether connections are encrypted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum TlsUse {
    Only,
    #[default]
    Also,
    Never,
}

/// Whether connections come by way of a proxy, which says first for whom it speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ProxyUse {
    #[default]
    Off,
    On,
    /// And its clients speak TLS to it, even if it does not say so.
    Tls,
}

/// A gateway that speaks for people on the web (WEBIRC).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebircConfig {
    #[serde(deserialize_with = "checks::token")]
    pub(crate) password: String,
    /// Where it is.
    #[serde(deserialize_with = "checks::networks")]
    pub(crate) addresses: Vec<IpNet>,
}

impl ListenConfig {
    /// Everything is spoken there.
    pub(crate) const fn at(address: SocketAddr) -> Self {
        Self { address, tls: TlsUse::Also, http: true, proxy: ProxyUse::Off }
    }
}

/// As a table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    address: SocketAddr,
    #[serde(default)]
    tls: TlsUse,
    #[serde(default = "yes")]
    http: bool,
    #[serde(default)]
    proxy: ProxyUse,
}

const fn yes() -> bool {
    true
}

impl<'de> Deserialize<'de> for ListenConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AddressOrTable)
    }
}

struct AddressOrTable;

impl<'de> de::Visitor<'de> for AddressOrTable {
    type Value = ListenConfig;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an address with a port, or a table with one")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<ListenConfig, E> {
        text.parse().map(ListenConfig::at).map_err(E::custom)
    }

    fn visit_map<M: de::MapAccess<'de>>(self, map: M) -> Result<ListenConfig, M::Error> {
        let table = Table::deserialize(MapAccessDeserializer::new(map))?;
        let Table { address, tls, http, proxy } = table;
        Ok(ListenConfig { address, tls, http, proxy })
    }
}
