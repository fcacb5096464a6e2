//! The servers that are to be reached by TLS only, because they have said so: a line for each host,
//! `host port until`. IRCv3, "Strict Transport Security".

use std::path::PathBuf;

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};

use crate::address::Address;
use crate::private_file;

const NAME: &str = "sts";

/// The file, if there is a place for it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Policies(Option<PathBuf>);

/// What a server has said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Policy {
    host: String,
    /// Where it speaks TLS.
    pub(crate) port: u16,
    /// When it need not be by TLS any more.
    pub(crate) until: Timestamp,
}

impl Policies {
    /// The user's.
    pub(crate) fn open() -> Self {
        Self(private_file::path(NAME))
    }

    /// What a host of this name has said, if that still counts. A line that can't be understood is an error: it
    /// may be the one that matters.
    pub(crate) fn find(&self, host: &str, now: Timestamp) -> anyhow::Result<Option<Policy>> {
        let found = self.read()?.into_iter().find(|policy| policy.host == key(host));
        Ok(found.filter(|policy| now < policy.until))
    }

    /// Notes that a host is to be reached by TLS only, at this port, for so many seconds; with 0, that
    /// it need not be. What is over is left out.
    pub(crate) fn keep(
        &self,
        address: &Address,
        seconds: u64,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let before = self.read()?;
        let host = key(&address.host);
        let mut policies = before.clone();
        policies.retain(|policy| policy.host != host && now < policy.until);
        if seconds > 0 {
            policies.push(Policy { host, port: address.port, until: after(now, seconds) });
        }
        if policies == before {
            return Ok(());
        }
        let path = self.0.as_deref().context("there is no home directory to note it in")?;
        let lines = policies.iter().map(|it| format!("{} {} {}\n", it.host, it.port, it.until));
        private_file::write(path, &lines.collect::<String>())
            .with_context(|| format!("cannot note it in {}", path.display()))
    }

    fn read(&self) -> anyhow::Result<Vec<Policy>> {
        let Some(path) = &self.0 else { return Ok(Vec::new()) };
        let text = private_file::read(path)
            .with_context(|| format!("cannot read who wants TLS in {}", path.display()))?;
        let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
        let policies = lines.map(|(number, line)| {
            let wrong = || format!("{}, line {number}, can't be understood", path.display());
            parse(line).with_context(wrong)
        });
        policies.collect()
    }
}

fn key(host: &str) -> String {
    host.strip_suffix('.').unwrap_or(host).to_lowercase()
}

/// A time that is too far away is the last there is.
fn after(now: Timestamp, seconds: u64) -> Timestamp {
    let seconds = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
    now.checked_add(seconds).unwrap_or(Timestamp::MAX)
}

fn parse(line: &str) -> Option<Policy> {
    let mut words = line.split_whitespace();
    let host = words.next()?.to_owned();
    let (port, until) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    words.next().is_none().then_some(Policy { host, port, until })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_policy_counts_until_it_is_over_or_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x").join(NAME);
        let policies = Policies(Some(path.clone()));
        let address = |host: &str, port| Address { host: host.to_owned(), port };
        assert_eq!(policies.find("a.example", at(0)).unwrap(), None);
        policies.keep(&address("A.example.", 6697), 60, at(100)).unwrap();
        policies.keep(&address("b.example", 1), u64::MAX, at(100)).unwrap();
        let found = policies.find("a.EXAMPLE", at(159)).unwrap().unwrap();
        assert_eq!((found.port, found.until), (6697, at(160)));
        assert_eq!(policies.find("a.example", at(160)).unwrap(), None);
        policies.keep(&address("a.example", 7000), 60, at(150)).unwrap();
        assert_eq!(policies.find("a.example", at(209)).unwrap().unwrap().port, 7000);
        policies.keep(&address("a.example", 7000), 0, at(151)).unwrap();
        assert_eq!(policies.find("a.example", at(152)).unwrap(), None);
        assert!(policies.find("b.example", at(1_000_000)).unwrap().is_some());
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 1);
        fs::write(&path, "\nb.example soon\n").unwrap();
        let why = format!("{:#}", policies.find("c.example", at(0)).unwrap_err());
        assert!(why.contains("line 2, can't be understood"), "{why}");
        assert!(Policies(None).keep(&address("a", 1), 60, at(0)).is_err());
        assert!(Policies(None).keep(&address("a", 1), 0, at(0)).is_ok());
    }
}
