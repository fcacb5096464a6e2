//! The data directory: its store, and a secret of the server's own.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::time::SystemTime;

use anyhow::Context as _;
use chat_store::{Durability, SqliteStore, Store};

use crate::accounts::secret;

/// What the salts of accounts that are not there are made with.
const SECRET_FILE: &str = "login-secret";

/// A store that belongs to who has opened it.
pub(crate) type OpenStore = Box<dyn Store>;

/// Opens the store of a directory that a server may be using; makes both if they are not there.
pub(crate) fn open(directory: &Path) -> anyhow::Result<OpenStore> {
    DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    Ok(Box::new(SqliteStore::open(directory, Durability::default())?))
}

/// Microseconds since the Unix epoch.
pub(crate) fn now_micros() -> u64 {
    let elapsed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX)
}

/// The secret of a directory, made if it is not there. Only its owner can read it.
pub(crate) fn login_secret(directory: &Path) -> anyhow::Result<[u8; 32]> {
    let file = directory.join(SECRET_FILE);
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file) {
        Ok(mut new) => {
            let secret = secret::bytes();
            new.write_all(&secret).with_context(|| format!("can't write {}", file.display()))?;
            Ok(secret)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let bytes =
                std::fs::read(&file).with_context(|| format!("can't read {}", file.display()))?;
            let secret = bytes.try_into().ok();
            secret.with_context(|| {
                format!("{} is damaged: delete it, and a new one is made", file.display())
            })
        }
        Err(error) => Err(error).with_context(|| format!("can't write {}", file.display())),
    }
}
