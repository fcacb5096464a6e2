//! What SQLite says, as what a person can do about it.

use rusqlite::{Error, ErrorCode};

use crate::StoreError;

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        let Some(code) = error.sqlite_error_code() else {
            return Self::Failed(format!("the database: {error}"));
        };
        match code {
            ErrorCode::DiskFull => Self::Full,
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy,
            ErrorCode::DatabaseCorrupt => Self::Unusable(format!(
                "the database is damaged ({error}): stop the server and restore a backup"
            )),
            ErrorCode::NotADatabase => Self::Unusable(
                "the database file is not one: move it away, or name another data directory"
                    .to_owned(),
            ),
            ErrorCode::SystemIoFailure => {
                Self::Failed(format!("the disk with the database reports an error: {error}"))
            }
            ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen => {
                Self::Failed(format!(
                    "the database can't be written ({error}): check who owns its directory"
                ))
            }
            _ => Self::Failed(format!("the database: {error}")),
        }
    }
}
