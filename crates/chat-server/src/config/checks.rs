//! What values have to be. An error says what was expected, and never what is written; where, the parser
//! adds.

use std::net::IpAddr;
use std::time::Duration;

use chat_protocol::{ChannelName, Mask};
use chat_store::Durability;
use ipnet::IpNet;
use serde::{Deserialize, Deserializer, de};

use crate::accounts::verifier::{ITERATIONS_MAX, ITERATIONS_MIN, PASSWORD_BYTES_MAX};
use crate::limits::password;

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

/// A list of texts. What is wrong is named by its number, from 1: its text is not repeated.
fn each<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Vec<T>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let parse = |(number, text): (usize, &String)| {
        parse(text).map_err(|why| de::Error::custom(format!("number {number} of them {why}")))
    };
    (1..).zip(&texts).map(parse).collect()
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

pub(super) fn server_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    checked(deserializer, SERVER_NAME, |name: &String| is_server_name(name))
}

pub(super) fn network_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    checked(deserializer, "a name of 1 to 50 bytes without control characters", |name: &String| {
        (1..=50).contains(&name.len()) && !name.contains(char::is_control)
    })
}

pub(super) fn channel_names<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<ChannelName>, D::Error> {
    each(deserializer, |name| {
        ChannelName::parse(name, 64).map_err(|error| format!("is not a room: {error}"))
    })
}

pub(super) fn masks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Mask>, D::Error> {
    Ok(Vec::<String>::deserialize(deserializer)?.iter().map(|mask| Mask::of_source(mask)).collect())
}

/// Masks of names.
pub(super) fn text_masks<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<Mask>, D::Error> {
    Ok(Vec::<String>::deserialize(deserializer)?.iter().map(|mask| Mask::new(mask)).collect())
}

/// Masks of origins, as browsers write them: a scheme and a host, perhaps a port.
pub(super) fn origins<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Mask>, D::Error> {
    each(deserializer, |text| {
        let rest = text.split_once("://").map(|(_, rest)| rest);
        let is_origin = matches!(text, "*" | "null")
            || rest.is_some_and(|rest| !rest.is_empty() && !rest.contains('/'));
        let expected = "is no origin: expected something like \"https://chat.example.org\", without \
                        a path, or \"*\" for all";
        is_origin.then(|| Mask::new(text)).ok_or_else(|| expected.to_owned())
    })
}

pub(super) fn token<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let expected = "16 to 1000 visible ASCII characters";
    checked(deserializer, expected, |token: &String| {
        (16..=1000).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_graphic())
    })
}

pub(super) fn optional_token<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    token(deserializer).map(Some)
}

/// Networks, or single addresses.
pub(super) fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    each(deserializer, |text| {
        let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        network.map_err(|_| {
            "is none: expected an address such as 10.0.0.1, or a network such as 10.0.0.0/8"
                .to_owned()
        })
    })
}

pub(super) fn optional_sts_seconds<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<u64>, D::Error> {
    let expected = "seconds, a hundred years at the most, or 0 to take it back";
    checked(deserializer, expected, |seconds: &u64| *seconds <= 3_155_760_000).map(Some)
}

pub(super) fn password_hash<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<String, D::Error> {
    checked(deserializer, "a hash made by `chat-server hash-password`", |hash: &String| {
        password::is_hash(hash)
    })
}

pub(super) fn optional_password_hash<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    password_hash(deserializer).map(Some)
}

pub(super) fn optional_at_least_1<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<usize>, D::Error> {
    at_least_1(deserializer).map(Some)
}

pub(super) fn durability<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Durability, D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "power" => Ok(Durability::Power),
        "process" => Ok(Durability::Process),
        _ => Err(de::Error::custom("expected \"power\" or \"process\"")),
    }
}

pub(super) fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let seconds =
        checked(deserializer, "seconds from 1 to 86400", |seconds| (1..=86_400).contains(seconds))?;
    Ok(Duration::from_secs(seconds))
}

pub(super) fn long_seconds<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Duration, D::Error> {
    let is_bounded = |seconds: &u64| *seconds <= 3_155_760_000;
    checked(deserializer, "seconds, a hundred years at the most", is_bounded)
        .map(Duration::from_secs)
}

/// A hundred years.
pub(crate) const KEEP_DAYS_MAX: u64 = 36_500;

macro_rules! bounded {
    ($($name:ident: $number:ty, $range:expr, $expected:literal;)*) => {$(
        pub(super) fn $name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<$number, D::Error> {
            checked(deserializer, $expected, |value| ($range).contains(value))
        }
    )*};
}

bounded! {
    at_least_1: usize, 1.., "a number of at least 1";
    message_bytes: usize, 512..=65_536, "bytes from 512 to 65536";
    tags_bytes: usize, 4096..=7680, "bytes from 4096 to 7680, since relayed tags come on top of 8191 at the most";
    send_queue_bytes: usize, 65_536.., "bytes, at least 65536";
    keep_days: u64, ..=KEEP_DAYS_MAX, "days, 36500 at the most, or 0 for ever";
    page_entries: usize, 1..=1000, "entries from 1 to 1000";
    name_chars: usize, 1..=128, "characters from 1 to 128";
    text_bytes: usize, 50..=400, "bytes from 50 to 400";
    scram_iterations: u32, ITERATIONS_MIN..=ITERATIONS_MAX, "rounds from 4096 to 10000000";
    password_bytes: usize, 1..=PASSWORD_BYTES_MAX, "bytes from 1 to 600";
    attempts: u32, 1.., "a number of at least 1";
    ipv4_prefix: u8, 8..=32, "the length of a prefix from 8 to 32";
    ipv6_prefix: u8, 16..=128, "the length of a prefix from 16 to 128";
}
