//! One server for each data directory.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use crate::StoreError;

const FILE_NAME: &str = "lock";

/// Keeps a second server away from a data directory until it is dropped or the process ends.
///
/// Command line tools that work beside a running server don't take it.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
}

impl DataLock {
    /// Locks a directory, which is made if it is not there. [`StoreError::Unusable`] if another
    /// process has it.
    pub fn acquire(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join(FILE_NAME);
        let failed = |error: &dyn std::fmt::Display| {
            StoreError::Failed(format!("{} can't be locked: {error}", path.display()))
        };
        DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(|it| failed(&it))?;
        let file = OpenOptions::new().append(true).create(true).mode(0o600).open(&path);
        let file = file.map_err(|it| failed(&it))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Unusable(format!(
                "another server uses the data directory {}: stop it, or name another directory",
                dir.display()
            ))),
            Err(TryLockError::Error(error)) => Err(failed(&error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_has_one_server() {
        let dir = tempfile::tempdir().unwrap();
        let first = DataLock::acquire(dir.path()).unwrap();
        assert!(matches!(DataLock::acquire(dir.path()), Err(StoreError::Unusable(_))));
        drop(first);
        DataLock::acquire(dir.path()).unwrap();
    }
}
