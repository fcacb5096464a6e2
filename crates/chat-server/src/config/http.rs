//! HTTP: who may come, and who may see what is counted.

use std::time::Duration;

use chat_protocol::Mask;
use serde::Deserialize;

use super::checks;

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct HttpConfig {
    /// Names of the server besides its own.
    #[serde(deserialize_with = "checks::text_masks")]
    pub(crate) hosts: Vec<Mask>,
    /// Pages besides its own that may open a WebSocket.
    #[serde(deserialize_with = "checks::origins")]
    pub(crate) origins: Vec<Mask>,
    /// How long a request may take to come.
    #[serde(rename = "request_seconds", deserialize_with = "checks::seconds")]
    pub(crate) request: Duration,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MetricsConfig {
    /// Who is on this machine may see them.
    pub(crate) loopback: bool,
    /// And who knows this.
    #[serde(deserialize_with = "checks::optional_token")]
    pub(crate) token: Option<String>,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self { hosts: Vec::new(), origins: Vec::new(), request: Duration::from_secs(10) }
    }
}

impl Default for MetricsConfig {
    fn default() -> Self {
        Self { loopback: true, token: None }
    }
}
