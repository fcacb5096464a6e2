//! What keeps one client from using up what belongs to all. Time is passed in.

pub(crate) mod addresses;
pub(crate) mod bucket;
pub(crate) mod capacity;
pub(crate) mod hashing;
pub(crate) mod login_throttle;
pub(crate) mod password;
pub(crate) mod ping_clock;
pub(crate) mod prefixes;
pub(crate) mod refusal_log;
