//! The data directory: its store, and secrets of the server's own.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use anyhow::Context as _;
use chat_store::{Durability, SqliteStore, Store};

use crate::accounts::secret::bytes as random_bytes;

/// What the salts of accounts that are not there are made with.
const LOGIN_SECRET_FILE: &str = "login-secret";
/// What hosts are made with that others see in place of addresses.
const CLOAK_SECRET_FILE: &str = "cloak-secret";

/// Opens the store of a directory; makes both if they are not there.
pub(crate) fn open(directory: &Path, durability: Durability) -> anyhow::Result<Arc<dyn Store>> {
    let store = SqliteStore::open(directory, durability)?;
    Ok(Arc::new(store))
}

/// Whether a directory has a store.
pub(crate) fn is_there(directory: &Path) -> bool {
    SqliteStore::is_in(directory)
}

/// Microseconds since the Unix epoch.
pub(crate) fn now_micros() -> u64 {
    let elapsed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX)
}

/// The secret of a directory for accounts that are not there.
pub(crate) fn login_secret(directory: &Path) -> anyhow::Result<[u8; 32]> {
    secret(&directory.join(LOGIN_SECRET_FILE))
}

/// The secret of a directory for hosts.
pub(crate) fn cloak_secret(directory: &Path) -> anyhow::Result<[u8; 32]> {
    secret(&directory.join(CLOAK_SECRET_FILE))
}

/// The secret in a file, made if it is not there. Only its owner can read it.
fn secret(file: &Path) -> anyhow::Result<[u8; 32]> {
    let bytes = match std::fs::read(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        read => read.with_context(|| format!("can't read {}", file.display()))?,
    };
    // An empty one is what a full disk has left of the first attempt.
    if bytes.is_empty() {
        return make_secret(file).with_context(|| format!("can't write {}", file.display()));
    }
    let secret = bytes.try_into().ok();
    secret
        .with_context(|| format!("{} is damaged: delete it, and a new one is made", file.display()))
}

fn make_secret(file: &Path) -> io::Result<[u8; 32]> {
    let secret: [u8; 32] = random_bytes();
    let mut options = OpenOptions::new();
    let mut new = options.write(true).create(true).truncate(true).mode(0o600).open(file)?;
    new.write_all(&secret)?;
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_made_once_and_again_where_that_failed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(LOGIN_SECRET_FILE);
        let secret = login_secret(folder.path()).unwrap();
        assert_eq!(login_secret(folder.path()).unwrap(), secret);
        std::fs::write(&file, "").unwrap();
        let another = login_secret(folder.path()).unwrap();
        assert_ne!(another, secret);
        assert_eq!(login_secret(folder.path()).unwrap(), another);
        std::fs::write(&file, "half of it").unwrap();
        assert!(login_secret(folder.path()).unwrap_err().to_string().contains("is damaged"));
    }
}
