//! Whether a server wants somebody to stay away.

/// What servers call it in `ERROR` when somebody is to stay away.
const FOR_GOOD: &[&str] = &[
    "kill",
    "killed",
    "akill",
    "akilled",
    "autokilled",
    "ban",
    "banned",
    "suspended",
    "kline",
    "klined",
    "gline",
    "glined",
    "zline",
    "zlined",
    "dline",
    "dlined",
];

/// Whether an `ERROR` says that the user is to stay away. The reason stands in brackets, behind the
/// name of a host, which may be any word.
pub(super) fn is_for_good(error: &str) -> bool {
    let reason = error.split_once('(').map_or(error, |(_, reason)| reason);
    let reason = reason.to_ascii_lowercase().replace(['-', ':'], "");
    let mut words = reason.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| FOR_GOOD.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_to_stay_away_is_told_so() {
        for error in [
            "Closing Link: 127.0.0.1 (Killed (admin (bye)))",
            "Closing Link: a.example (Banned: spam)",
            "Closing Link: a.example (K-Lined)",
            "Closing Link: a.example [G:Lined] (G-Line: no)",
            "You are banned from this server",
        ] {
            assert!(is_for_good(error), "{error}");
        }
        for error in [
            "Closing Link: 127.0.0.1 (Server is stopping)",
            "Closing Link: banned.example (Ping timeout: 180 seconds)",
            "Closing Link: a.example (Bandwidth exceeded)",
            "Closing Link: a.example (Too many connections)",
        ] {
            assert!(!is_for_good(error), "{error}");
        }
    }
}
