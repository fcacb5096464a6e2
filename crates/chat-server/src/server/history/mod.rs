//! What happens in rooms with a history is stored, in one order, before anybody sees it.

mod archive;
mod outstanding;
mod sequencer;

use std::fmt;

use chat_store::StoreError;

pub(super) use archive::{entry, record};
pub(super) use outstanding::OnItsWay;
pub(crate) use outstanding::Outstanding;
pub(crate) use sequencer::Sequencer;
pub(super) use sequencer::{Audience, Numbering, Said};

/// Something could not be stored, so it did not happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unstored(String);

impl Unstored {
    /// Nobody stores anything any more.
    pub(super) fn stopped() -> Self {
        Self("the server is about to stop".to_owned())
    }

    /// The store takes its time.
    fn late() -> Self {
        Self("the store does not answer in time".to_owned())
    }

    /// The store has panicked; the log says where.
    fn failed() -> Self {
        Self("internal server error".to_owned())
    }
}

impl From<StoreError> for Unstored {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

/// Why, for the one who wanted it.
impl fmt::Display for Unstored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
