//! What is allowed and probably not meant.

use std::collections::HashSet;

use super::tls::Plaintext;
use super::{Config, ProxyUse, Registration, TlsUse};

/// The most bytes of a line of the message of the day, so that its line stays below 512.
const MOTD_LINE_BYTES_MAX: usize = 400;

impl Config {
    /// What a person should think about again: one line each, with its key.
    pub(crate) fn unwise(&self) -> Vec<String> {
        let found =
            [self.listening(), self.operators(), self.rooms(), self.history(), self.texts()];
        found.concat()
    }

    fn listening(&self) -> Vec<String> {
        let mut found = Vec::new();
        if self.server.listen.is_empty() {
            found.push("server.listen: nobody can connect".to_owned());
        }
        found.extend(self.encryption());
        if self.limits.connections_max.is_some_and(|max| max < 10) {
            found.push("limits.connections_max: hardly anybody can connect".to_owned());
        }
        if self.timeouts.ping.as_secs() < 20 {
            found.push("timeouts.ping_seconds: phones wake up for every PING".to_owned());
        }
        if self.throttle.ipv6_prefix > 64 {
            found.push(
                "throttle.ipv6_prefix: one person has a whole /64, and counts as many".to_owned(),
            );
        }
        found
    }

    fn encryption(&self) -> Vec<String> {
        let (mut found, tls) = (Vec::new(), &self.tls);
        let elsewhere = self.server.listen.iter().filter(|it| !it.address.ip().is_loopback());
        for listen in elsewhere.filter(|it| it.proxy == ProxyUse::Off) {
            let address = listen.address;
            let speaks_tls = listen.tls != TlsUse::Never && tls.certificate.is_some();
            if tls.plaintext == Plaintext::Everywhere && listen.tls != TlsUse::Only {
                found.push(format!(
                    "server.listen: on {address} everybody on the way can read along"
                ));
            } else if !speaks_tls {
                found.push(format!(
                    "server.listen: on {address} nobody gets in, since there is no certificate in [tls]"
                ));
            }
        }
        if self.server.listen.iter().any(|it| it.proxy != ProxyUse::Off)
            && self.server.proxies.is_empty()
        {
            found.push("server.proxies: is empty, so nobody may be a proxy".to_owned());
        }
        if tls.sts_seconds.is_some() && tls.certificate.is_none() {
            found.push(
                "tls.sts_seconds: clients are sent to TLS, which is not spoken here".to_owned(),
            );
        }
        if tls.key.is_some() && tls.certificate.is_none() {
            found.push("tls.key: there is no certificate for it".to_owned());
        }
        found
    }

    fn operators(&self) -> Vec<String> {
        let mut names = HashSet::new();
        let mut found = Vec::new();
        for oper in &self.opers {
            let name = &oper.name;
            if oper.masks.is_empty() {
                found.push(format!("opers: {name:?} has no masks: it may come from anywhere"));
            }
            if oper.password.contains("m=8,") {
                found.push(format!("opers: the hash of {name:?} is quickly guessed"));
            }
            if !names.insert(name) {
                found.push(format!("opers: there are several {name:?}, and the first one counts"));
            }
        }
        found
    }

    fn rooms(&self) -> Vec<String> {
        let chars_max = self.limits.channel_chars_max;
        let is_long = |name: &str| name.chars().count() > chars_max;
        let long = self.rooms.default.iter().filter(|name| is_long(name.as_str()));
        long.map(|name| {
            format!("rooms.default: {name} is longer than limits.channel_chars_max, so nobody can join it")
        })
        .collect()
    }

    fn history(&self) -> Vec<String> {
        let mut found = Vec::new();
        let bounds = self.history.keep_days > 0 || self.history.keep_entries > 0;
        if !self.history.enabled && bounds {
            found.push(
                "history.enabled: nothing is kept, so keep_days and keep_entries mean nothing"
                    .to_owned(),
            );
        }
        let accounts = &self.accounts;
        if accounts.required
            && accounts.registration != Registration::Off
            && !accounts.register_before_connect
        {
            found.push("accounts.required: who has no account can't connect to register one, since register_before_connect is off".to_owned());
        }
        if accounts.scram_iterations < 100_000 {
            found
                .push("accounts.scram_iterations: stolen passwords are quickly guessed".to_owned());
        }
        found
    }

    fn texts(&self) -> Vec<String> {
        let is_long = |line: &str| line.len() > MOTD_LINE_BYTES_MAX;
        let long = self.server.motd.lines().any(is_long);
        let why = format!("server.motd: lines of more than {MOTD_LINE_BYTES_MAX} bytes are cut");
        long.then_some(why).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_wise() {
        assert_eq!(Config::default().unwise(), Vec::<String>::new());
    }

    #[test]
    fn what_is_packaged_is_safe_before_it_is_configured() {
        let package = include_str!("../../packaging/chat-server.toml");
        let container = include_str!("../../packaging/container.toml");
        for (text, data, expected) in
            [(package, "/var/lib/chat-server", None), (container, "/data", Some("nobody gets in"))]
        {
            let config = Config::parse(text).unwrap();
            assert_eq!(config.server.data.to_str(), Some(data));
            assert_eq!(config.tls.plaintext, Plaintext::Loopback);
            let found = config.unwise();
            assert_eq!(found.len(), usize::from(expected.is_some()), "{found:?}");
            assert!(expected.is_none_or(|expected| found[0].contains(expected)), "{found:?}");
        }
    }

    #[test]
    fn what_is_unwise_is_named_with_its_key() {
        let hash = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$fIbdC2xakJ6cNlONBQKde0ZQtJof49m9l+7mj3O30mA";
        let oper = format!("[[opers]]\nname = \"a\"\npassword = \"{hash}\"\n");
        for (text, key) in [
            ("[server]\nlisten = [\"0.0.0.0:6667\"]\n", "server.listen"),
            (
                "[server]\nlisten = [\"0.0.0.0:6667\"]\n[tls]\nplaintext = \"everywhere\"\n",
                "read along",
            ),
            ("[server]\nlisten = [{ address = \"[::1]:1\", proxy = \"on\" }]\n", "server.proxies"),
            ("[throttle]\nipv6_prefix = 65\n", "throttle.ipv6_prefix"),
            ("[tls]\nsts_seconds = 1\n", "tls.sts_seconds"),
            ("[tls]\nkey = \"key.pem\"\n", "tls.key"),
            ("[server]\nlisten = []\n", "server.listen"),
            ("[limits]\nchannel_chars_max = 3\n", "rooms.default"),
            ("[history]\nenabled = false\nkeep_days = 3\n", "history.enabled"),
            ("[accounts]\nrequired = true\nregister_before_connect = false\n", "accounts.required"),
            (&oper, "no masks"),
            (&oper, "quickly guessed"),
            (&oper.repeat(2), "the first one counts"),
        ] {
            let found = Config::parse(text).unwrap().unwise();
            assert!(found.iter().any(|it| it.contains(key)), "{text}: {found:?}");
        }
    }
}
