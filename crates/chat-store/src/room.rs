//! Rooms that last.

/// A registered room as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomRecord {
    /// The folded name: the key.
    pub key: String,
    /// The name as it is shown.
    pub name: String,
    /// The folded name of the account that founded it; `None` if it is the server's own.
    pub founder: Option<String>,
    /// Everything else, as the server writes it: JSON.
    pub settings: String,
}
