//! The certificates that the user has accepted: a line for each server, `host:port sha256:DIGITS`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::Fingerprint;
use crate::address::Address;
use crate::private_file;

const NAME: &str = "known_hosts";
const PREFIX: &str = "sha256:";

/// The file, if there is a place for it.
#[derive(Debug, Clone)]
pub(crate) struct KnownHosts(Option<PathBuf>);

impl KnownHosts {
    /// The user's.
    pub(crate) fn open() -> Self {
        Self(private_file::path(NAME))
    }

    /// The certificate that was accepted for this server. A line that can't be understood is an
    /// error: it may be the one that matters.
    pub(crate) fn find(&self, address: &Address) -> anyhow::Result<Option<Fingerprint>> {
        let Some(path) = &self.0 else { return Ok(None) };
        let text = private_file::read(path)
            .with_context(|| format!("cannot read the known servers in {}", path.display()))?;
        for (number, line) in (1..).zip(text.lines()) {
            let Some((host, fingerprint)) = parse(line).with_context(|| {
                format!("{}, line {number}, can't be understood", path.display())
            })?
            else {
                continue;
            };
            if host.eq_ignore_ascii_case(&key(address)) {
                return Ok(Some(fingerprint));
            }
        }
        Ok(None)
    }

    /// Notes that the user has accepted a certificate.
    pub(crate) fn add(&self, address: &Address, fingerprint: Fingerprint) -> anyhow::Result<()> {
        let path = self.0.as_deref().context("there is no home directory to note it in")?;
        let note = || -> std::io::Result<()> {
            let mut text = private_file::read(path)?;
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            text.push_str(&format!("{} {PREFIX}{fingerprint}\n", key(address)));
            // The file may be a link to where the user keeps such files.
            private_file::write(&fs::canonicalize(path).unwrap_or(path.to_owned()), &text)
        };
        note().with_context(|| format!("cannot note it in {}", path.display()))
    }

    /// Where it is, to be named to the user.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.0.as_deref()
    }
}

fn key(address: &Address) -> String {
    address.to_string().to_lowercase()
}

/// `None` for an empty line and for a comment.
fn parse(line: &str) -> anyhow::Result<Option<(&str, Fingerprint)>> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let (host, fingerprint) = line.split_once(char::is_whitespace).context("it is one word")?;
    let digits = fingerprint.trim().strip_prefix(PREFIX).context("there is no sha256:")?;
    Ok(Some((host, digits.parse().map_err(anyhow::Error::msg)?)))
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::CertificateDer;

    use super::*;

    #[test]
    fn what_was_accepted_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let known = KnownHosts(Some(folder.path().join("x").join(NAME)));
        let address = |host: &str, port| Address { host: host.to_owned(), port };
        let (one, two) = ([1], [2]);
        let one = Fingerprint::of(&CertificateDer::from_slice(&one));
        let two = Fingerprint::of(&CertificateDer::from_slice(&two));
        assert_eq!(known.find(&address("a", 1)).unwrap(), None);
        known.add(&address("Chat.example", 1), one).unwrap();
        known.add(&address("::1", 2), two).unwrap();
        assert_eq!(known.find(&address("chat.EXAMPLE", 1)).unwrap(), Some(one));
        assert_eq!(known.find(&address("chat.example", 2)).unwrap(), None);
        assert_eq!(known.find(&address("::1", 2)).unwrap(), Some(two));
        let text = fs::read_to_string(known.path().unwrap()).unwrap();
        assert_eq!(text.lines().next(), Some(format!("chat.example:1 sha256:{one}").as_str()));
        fs::write(known.path().unwrap(), "# mine\n\nchat.example:1 sha256:12\n").unwrap();
        let why = format!("{:#}", known.find(&address("b", 1)).unwrap_err());
        assert!(why.contains("line 3, can't be understood"), "{why}");
        assert!(KnownHosts(None).add(&address("b", 1), one).is_err());
    }
}
