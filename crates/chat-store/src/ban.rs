//! Bans from the server: whom it does not let in.

/// What a ban goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum BanKind {
    /// An address or a network, such as `192.0.2.0/24`.
    Address = 0,
    /// A mask of `nickname!username@hostname`.
    Mask = 1,
    /// The name of an account, perhaps with wildcards.
    Account = 2,
}

/// Keeps somebody out of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ban {
    /// What it goes by.
    pub kind: BanKind,
    /// Whom it means, as it is shown. Two that differ in case only are one.
    pub mask: String,
    /// Who set it.
    pub by: String,
    /// What those it means are told.
    pub reason: String,
    /// Microseconds since the Unix epoch.
    pub created: u64,
    /// It ends then, in microseconds since the Unix epoch, if ever.
    pub until: Option<u64>,
}

/// All bans at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BanList {
    /// Grows with every change.
    pub rev: u64,
    /// In the order of their kinds and masks.
    pub bans: Vec<Ban>,
}
