//! The configuration: read and checked as a whole, then only looked at.

mod accounts;
mod checks;
#[cfg(test)]
mod damaged;
mod error;
mod http;
mod listen;
mod opers;
mod replacing;
mod source;
mod throttle;
mod tls;
mod unwise;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use chat_protocol::{ChannelName, LineLimits};
use chat_store::Durability;
use ipnet::IpNet;
use serde::Deserialize;

use crate::state::visible::Visible;

pub(crate) use accounts::{AccountsConfig, Registration};
pub(crate) use checks::{KEEP_DAYS_MAX, checked_server_name};
pub(crate) use error::ConfigError;
pub(crate) use http::{HttpConfig, MetricsConfig};
pub(crate) use listen::{ListenConfig, ProxyUse, TlsUse, WebircConfig};
pub(crate) use opers::{AuditConfig, OperConfig, OperRoleConfig};
pub(crate) use source::Source;
use throttle::ThrottleConfig;
pub(crate) use tls::TlsConfig;

/// Where the server listens when nothing else is said.
pub(crate) const DEFAULT_ADDRESS: &str = "127.0.0.1:65432";

/// Everything that can be set. `chat-server.example.toml` explains every key.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) server: ServerConfig,
    pub(crate) tls: TlsConfig,
    pub(crate) webirc: Vec<WebircConfig>,
    pub(crate) rooms: RoomsConfig,
    pub(crate) history: HistoryConfig,
    pub(crate) accounts: AccountsConfig,
    pub(crate) audit: AuditConfig,
    pub(crate) http: HttpConfig,
    pub(crate) metrics: MetricsConfig,
    pub(crate) limits: Limits,
    pub(crate) throttle: ThrottleConfig,
    pub(crate) timeouts: Timeouts,
    pub(crate) opers: Vec<OperConfig>,
    pub(crate) oper_roles: Vec<OperRoleConfig>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ServerConfig {
    #[serde(deserialize_with = "checks::server_name")]
    pub(crate) name: String,
    #[serde(deserialize_with = "checks::network_name")]
    pub(crate) network: String,
    pub(crate) listen: Vec<ListenConfig>,
    /// Who may say for whom it speaks (PROXY protocol).
    #[serde(deserialize_with = "checks::networks")]
    pub(crate) proxies: Vec<IpNet>,
    pub(crate) data: PathBuf,
    #[serde(deserialize_with = "checks::optional_password_hash")]
    pub(crate) password: Option<String>,
    pub(crate) motd: String,
    /// Others see codes in place of addresses.
    pub(crate) cloak: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RoomsConfig {
    #[serde(deserialize_with = "checks::channel_names")]
    pub(crate) default: Vec<ChannelName>,
    pub(crate) registered_per_account_max: usize,
}

/// What is kept of what is said.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct HistoryConfig {
    pub(crate) enabled: bool,
    #[serde(deserialize_with = "checks::durability")]
    pub(crate) durability: Durability,
    pub(crate) visible: Visible,
    #[serde(deserialize_with = "checks::page_entries")]
    pub(crate) page_entries_max: usize,
    pub(crate) replay_entries: usize,
    /// For ever if 0, as with the entries.
    #[serde(deserialize_with = "checks::keep_days")]
    pub(crate) keep_days: u64,
    pub(crate) keep_entries: u64,
    #[serde(rename = "redact_seconds", deserialize_with = "checks::long_seconds")]
    pub(crate) redact: Duration,
}

/// Bounds. Names say the unit.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Limits {
    /// As many as the system allows, if not set.
    #[serde(deserialize_with = "checks::optional_at_least_1")]
    pub(crate) connections_max: Option<usize>,
    #[serde(deserialize_with = "checks::message_bytes")]
    pub(crate) message_bytes_max: usize,
    #[serde(deserialize_with = "checks::tags_bytes")]
    pub(crate) tags_bytes_max: usize,
    #[serde(deserialize_with = "checks::send_queue_bytes")]
    pub(crate) send_queue_bytes_max: usize,
    #[serde(deserialize_with = "checks::name_chars")]
    pub(crate) nickname_chars_max: usize,
    #[serde(deserialize_with = "checks::name_chars")]
    pub(crate) channel_chars_max: usize,
    #[serde(deserialize_with = "checks::text_bytes")]
    pub(crate) topic_bytes_max: usize,
    #[serde(deserialize_with = "checks::text_bytes")]
    pub(crate) reason_bytes_max: usize,
    #[serde(deserialize_with = "checks::text_bytes")]
    pub(crate) away_bytes_max: usize,
    #[serde(deserialize_with = "checks::text_bytes")]
    pub(crate) realname_bytes_max: usize,
    #[serde(deserialize_with = "checks::at_least_1")]
    pub(crate) rooms_per_user_max: usize,
    #[serde(deserialize_with = "checks::at_least_1")]
    pub(crate) sessions_per_user_max: usize,
    #[serde(deserialize_with = "checks::at_least_1")]
    pub(crate) targets_max: usize,
    pub(crate) monitor_max: usize,
    #[serde(deserialize_with = "checks::at_least_1")]
    pub(crate) list_entries_max: usize,
    pub(crate) whowas_entries_max: usize,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Timeouts {
    #[serde(rename = "registration_seconds", deserialize_with = "checks::seconds")]
    pub(crate) registration: Duration,
    #[serde(rename = "ping_seconds", deserialize_with = "checks::seconds")]
    pub(crate) ping: Duration,
    #[serde(rename = "pong_seconds", deserialize_with = "checks::seconds")]
    pub(crate) pong: Duration,
}

impl Config {
    /// Reads a file. Errors name the file, the line and what was expected.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("can't read {}", path.display()))?;
        Self::parse(&text).map_err(|error| error.in_file(path))
    }

    fn parse(text: &str) -> Result<Self, ConfigError> {
        let parsed = toml::from_str(text).and_then(Self::with_roles_that_exist);
        parsed.map_err(|error| ConfigError::new(text, &error))
    }

    pub(crate) fn line_limits(&self) -> LineLimits {
        let Limits { message_bytes_max, tags_bytes_max, .. } = self.limits;
        LineLimits { message_bytes_max, tags_bytes_max }
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            name: "chat.localhost".to_owned(),
            network: "Chat".to_owned(),
            listen: vec![ListenConfig::at(
                DEFAULT_ADDRESS.parse().expect("the default address is one"),
            )],
            proxies: Vec::new(),
            data: PathBuf::from("./chat-data"),
            password: None,
            motd: String::new(),
            cloak: true,
        }
    }
}

impl Default for RoomsConfig {
    fn default() -> Self {
        Self {
            default: vec![
                ChannelName::parse("#general", 64).expect("the default room's name is one"),
            ],
            registered_per_account_max: 20,
        }
    }
}

impl Default for HistoryConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            durability: Durability::Power,
            visible: Visible::All,
            page_entries_max: 200,
            replay_entries: 20,
            keep_days: 0,
            keep_entries: 0,
            redact: Duration::from_secs(24 * 60 * 60),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: None,
            message_bytes_max: 512,
            tags_bytes_max: 4096,
            send_queue_bytes_max: 1024 * 1024,
            nickname_chars_max: 32,
            channel_chars_max: 64,
            topic_bytes_max: 390,
            reason_bytes_max: 300,
            away_bytes_max: 200,
            realname_bytes_max: 150,
            rooms_per_user_max: 100,
            sessions_per_user_max: 20,
            targets_max: 4,
            monitor_max: 100,
            list_entries_max: 100,
            whowas_entries_max: 1000,
        }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            registration: Duration::from_secs(30),
            ping: Duration::from_secs(120),
            pong: Duration::from_secs(60),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_names_every_key_with_its_default() {
        let settings = damaged::every_setting();
        let config = Config::parse(&settings).unwrap();
        let default = Config::default();
        let limits = Limits { connections_max: None, ..config.limits.clone() };
        assert_eq!(format!("{limits:?}"), format!("{:?}", default.limits));
        assert_eq!(format!("{:?}", config.throttle), format!("{:?}", default.throttle));
        assert_eq!(format!("{:?}", config.timeouts), format!("{:?}", default.timeouts));
        assert_eq!(format!("{:?}", config.rooms), format!("{:?}", default.rooms));
        assert_eq!(format!("{:?}", config.history), format!("{:?}", default.history));
        assert_eq!(format!("{:?}", config.audit), format!("{:?}", default.audit));
        assert_eq!(format!("{:?}", config.accounts), format!("{:?}", default.accounts));
        assert_eq!(format!("{:?}", config.http), format!("{:?}", default.http));
        assert_eq!(config.metrics.loopback, default.metrics.loopback);
        assert_eq!(config.server.listen, default.server.listen);
        assert_eq!(config.server.cloak, default.server.cloak);
        assert_eq!((config.opers.len(), config.oper_roles.len(), config.webirc.len()), (1, 1, 1));
        assert_eq!(config.tls.plaintext, default.tls.plaintext);
        let keys = format!("{config:?}");
        let named = keys.split([' ', '{', ',']).filter_map(|word| word.strip_suffix(':'));
        for key in named.filter(|key| key.chars().all(|c| c.is_ascii_lowercase() || c == '_')) {
            assert!(settings.contains(key), "{key} is missing from the example");
        }
    }

    #[test]
    fn mistakes_are_named_with_their_line_and_what_was_expected() {
        for (text, line, expected) in [
            ("[limits]\nnick_max = 3\n", "line 2", "nickname_chars_max"),
            ("[server]\nname = \"nodots\"\n", "line 2", "host name"),
            ("[timeouts]\nping_seconds = 0\n", "line 2", "from 1 to 86400"),
            ("[[opers]]\nname = \"a\"\npassword = \"plain\"\n", "line 3", "hash-password"),
            ("[rooms]\ndefault = [\"general\"]\n", "line 2", "starts with #"),
            ("[accounts]\nregistration = \"no\"\n", "line 2", "invitation"),
            ("[accounts]\nscram_iterations = 1\n", "line 2", "from 4096"),
            ("[server]\nlisten = [\"nowhere\"]\n", "line 2", "socket address"),
            ("[throttle]\nipv4_prefix = 33\n", "line 2", "from 8 to 32"),
            ("[throttle]\nipv6_prefix = 8\n", "line 2", "from 16 to 128"),
            ("[history]\ndurability = \"none\"\n", "line 2", "power"),
            ("[history]\nkeep_days = 40000\n", "line 2", "0 for ever"),
            ("[history]\nvisible = \"none\"\n", "line 2", "since-join"),
            ("[server]\nlisten = [{ tls = \"only\" }]\n", "line 2", "address"),
            ("[server]\nlisten = [{ address = \"[::]:1\", tls = \"no\" }]\n", "line 2", "never"),
            ("[server]\nproxies = [\"10.0.0.0/33\"]\n", "line 2", "10.0.0.0/8"),
            ("[tls]\nplaintext = \"nowhere\"\n", "line 2", "everywhere"),
            ("[[webirc]]\npassword = \"short\"\naddresses = []\n", "line 2", "16 to 1000"),
            ("[http]\norigins = [\"kiwi.example\"]\n", "line 2", "https://"),
            ("[http]\norigins = [\"https://kiwi.example/\"]\n", "line 2", "without a path"),
            ("[metrics]\ntoken = \"short\"\n", "line 2", "16 to 1000"),
        ] {
            let error = Config::parse(text).unwrap_err().to_string();
            assert!(error.contains(line) && error.contains(expected), "{error}");
        }
    }
}
