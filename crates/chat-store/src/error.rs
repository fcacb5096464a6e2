//! Why the store did not do what it was asked to.

use std::fmt;

/// Every text is one that a person can act on.
#[derive(Debug)]
pub enum StoreError {
    /// There is one of this name already.
    Exists,
    /// There is none of this name.
    Missing,
    /// It has been changed by somebody else in the meantime: read it again.
    Conflict,
    /// No space is left on the disk.
    Full,
    /// Another process keeps the store locked.
    Busy,
    /// The file is no store, is damaged, or is of a newer version. The text says which.
    Unusable(String),
    /// Anything else, as the engine says it.
    Failed(String),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists => f.write_str("there is one of this name already"),
            Self::Missing => f.write_str("there is none of this name"),
            Self::Conflict => f.write_str("it was changed at the same moment, try again"),
            Self::Full => f.write_str("no space is left on the disk"),
            Self::Busy => f.write_str("the database is locked by another program"),
            Self::Unusable(why) | Self::Failed(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for StoreError {}
