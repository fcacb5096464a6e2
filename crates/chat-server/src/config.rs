//! The configuration: read and checked once, then only looked at.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use chat_protocol::{ChannelName, LineLimits, Mask};
use serde::{Deserialize, Deserializer, de};

/// Where the server listens when nothing else is said.
pub(crate) const DEFAULT_ADDRESS: &str = "127.0.0.1:65432";

/// Everything that can be set. `chat-server.example.toml` explains every key.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) server: ServerConfig,
    pub(crate) rooms: RoomsConfig,
    pub(crate) limits: Limits,
    pub(crate) timeouts: Timeouts,
    pub(crate) opers: Vec<OperConfig>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ServerConfig {
    #[serde(deserialize_with = "server_name")]
    pub(crate) name: String,
    #[serde(deserialize_with = "network_name")]
    pub(crate) network: String,
    pub(crate) listen: Vec<SocketAddr>,
    pub(crate) data: PathBuf,
    #[serde(deserialize_with = "optional_password_hash")]
    pub(crate) password: Option<String>,
    pub(crate) motd: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RoomsConfig {
    #[serde(deserialize_with = "channel_names")]
    pub(crate) default: Vec<ChannelName>,
}

/// Bounds. Names say the unit.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Limits {
    /// As many as the system allows, if not set.
    #[serde(deserialize_with = "optional_at_least_1")]
    pub(crate) connections_max: Option<usize>,
    #[serde(deserialize_with = "message_bytes")]
    pub(crate) message_bytes_max: usize,
    #[serde(deserialize_with = "tags_bytes")]
    pub(crate) tags_bytes_max: usize,
    #[serde(deserialize_with = "send_queue_bytes")]
    pub(crate) send_queue_bytes_max: usize,
    #[serde(deserialize_with = "name_chars")]
    pub(crate) nickname_chars_max: usize,
    #[serde(deserialize_with = "name_chars")]
    pub(crate) channel_chars_max: usize,
    #[serde(deserialize_with = "text_bytes")]
    pub(crate) topic_bytes_max: usize,
    #[serde(deserialize_with = "text_bytes")]
    pub(crate) reason_bytes_max: usize,
    #[serde(deserialize_with = "text_bytes")]
    pub(crate) away_bytes_max: usize,
    #[serde(deserialize_with = "text_bytes")]
    pub(crate) realname_bytes_max: usize,
    #[serde(deserialize_with = "at_least_1")]
    pub(crate) rooms_per_user_max: usize,
    #[serde(deserialize_with = "at_least_1")]
    pub(crate) targets_max: usize,
    pub(crate) monitor_max: usize,
    #[serde(deserialize_with = "at_least_1")]
    pub(crate) list_entries_max: usize,
    pub(crate) whowas_entries_max: usize,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Timeouts {
    #[serde(rename = "registration_seconds", deserialize_with = "seconds")]
    pub(crate) registration: Duration,
    #[serde(rename = "ping_seconds", deserialize_with = "seconds")]
    pub(crate) ping: Duration,
    #[serde(rename = "pong_seconds", deserialize_with = "seconds")]
    pub(crate) pong: Duration,
}

/// Who may become an IRC operator.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OperConfig {
    pub(crate) name: String,
    #[serde(deserialize_with = "password_hash")]
    pub(crate) password: String,
    /// Sources it may come from; any, if there is none.
    #[serde(default, deserialize_with = "masks")]
    pub(crate) masks: Vec<Mask>,
}

impl Config {
    /// Reads a file. Errors name the file, the line and what was expected.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("can't read {}", path.display()))?;
        Self::parse(&text)
            .with_context(|| format!("{} is not a valid configuration", path.display()))
    }

    fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
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
            listen: vec![DEFAULT_ADDRESS.parse().expect("the default address is one")],
            data: PathBuf::from("./chat-data"),
            password: None,
            motd: String::new(),
        }
    }
}

impl Default for RoomsConfig {
    fn default() -> Self {
        Self {
            default: vec![
                ChannelName::parse("#general", 64).expect("the default room's name is one"),
            ],
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

fn checked<'de, D, T>(
    deserializer: D,
    expected: &str,
    is_valid: impl FnOnce(&T) -> bool,
) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let value = T::deserialize(deserializer)?;
    if is_valid(&value) {
        Ok(value)
    } else {
        Err(de::Error::custom(format!("expected {expected}")))
    }
}

/// What a server's name has to be.
const SERVER_NAME: &str =
    "a host name with a dot in it, such as chat.example.org, of at most 63 bytes";

/// Checks a server's name that comes from elsewhere than the file.
pub(crate) fn checked_server_name(name: String) -> anyhow::Result<String> {
    anyhow::ensure!(
        is_server_name(&name),
        "{name:?} can't be the server's name: expected {SERVER_NAME}"
    );
    Ok(name)
}

fn is_server_name(name: &str) -> bool {
    let is_host =
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    is_host && name.contains('.') && name.len() <= 63 && !name.starts_with(['.', '-'])
}

fn server_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    checked(deserializer, SERVER_NAME, |name: &String| is_server_name(name))
}

fn network_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    checked(deserializer, "a name of 1 to 50 bytes without control characters", |name: &String| {
        (1..=50).contains(&name.len()) && !name.contains(char::is_control)
    })
}

fn channel_names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ChannelName>, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    let parse = |name: String| {
        ChannelName::parse(&name, 64)
            .map_err(|error| de::Error::custom(format!("{name:?} is not a room: {error}")))
    };
    names.into_iter().map(parse).collect()
}

fn masks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Mask>, D::Error> {
    Ok(Vec::<String>::deserialize(deserializer)?.iter().map(|mask| Mask::of_source(mask)).collect())
}

fn password_hash<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    checked(deserializer, "a hash made by `chat-server hash-password`", |hash: &String| {
        crate::limits::password::is_hash(hash)
    })
}

fn optional_password_hash<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    password_hash(deserializer).map(Some)
}

fn optional_at_least_1<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<usize>, D::Error> {
    at_least_1(deserializer).map(Some)
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let seconds =
        checked(deserializer, "seconds from 1 to 86400", |seconds| (1..=86_400).contains(seconds))?;
    Ok(Duration::from_secs(seconds))
}

macro_rules! bounded {
    ($($name:ident: $range:expr, $expected:literal;)*) => {$(
        fn $name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
            checked(deserializer, $expected, |value| ($range).contains(value))
        }
    )*};
}

bounded! {
    at_least_1: 1.., "a number of at least 1";
    message_bytes: 512..=65_536, "bytes from 512 to 65536";
    tags_bytes: 4096..=7680, "bytes from 4096 to 7680, since relayed tags come on top of 8191 at the most";
    send_queue_bytes: 65_536.., "bytes, at least 65536";
    name_chars: 1..=128, "characters from 1 to 128";
    text_bytes: 50..=400, "bytes from 50 to 400";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_names_every_key_with_its_default() {
        let example = include_str!("../chat-server.example.toml");
        let is_setting =
            |rest: &str| rest.starts_with(|c: char| c == '[' || c.is_ascii_lowercase());
        let settings: String = example
            .lines()
            .map(|line| line.strip_prefix('#').filter(|rest| is_setting(rest)).unwrap_or(line))
            .flat_map(|line| [line, "\n"])
            .collect();
        let config = Config::parse(&settings).unwrap();
        let default = Config::default();
        let limits = Limits { connections_max: None, ..config.limits.clone() };
        assert_eq!(format!("{limits:?}"), format!("{:?}", default.limits));
        assert_eq!(format!("{:?}", config.timeouts), format!("{:?}", default.timeouts));
        assert_eq!(format!("{:?}", config.rooms), format!("{:?}", default.rooms));
        assert_eq!(config.server.listen, default.server.listen);
        assert_eq!(config.opers.len(), 1);
        let keys = format!("{config:?}");
        let named = keys.split([' ', '{', ',']).filter_map(|word| word.strip_suffix(':'));
        for key in named.filter(|key| key.chars().all(|c| c.is_ascii_lowercase() || c == '_')) {
            assert!(example.contains(key), "{key} is missing from the example");
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
            ("[server]\nlisten = [\"nowhere\"]\n", "line 2", "socket address"),
        ] {
            let error = Config::parse(text).unwrap_err().to_string();
            assert!(error.contains(line) && error.contains(expected), "{error}");
        }
    }
}
