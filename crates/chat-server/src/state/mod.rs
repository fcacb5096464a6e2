//! What the server knows: plain data and rules. No sockets, no disk, no clock: time is passed in.

pub(crate) mod access;
pub(crate) mod ban_mask;
pub(crate) mod bans;
pub(crate) mod event;
pub(crate) mod hearers;
pub(crate) mod list_mask;
pub(crate) mod monitor;
pub(crate) mod paces;
pub(crate) mod privilege;
pub(crate) mod registration;
pub(crate) mod room;
pub(crate) mod room_flood;
pub(crate) mod room_modes;
pub(crate) mod session;
pub(crate) mod settings;
pub(crate) mod traffic;
pub(crate) mod user;
pub(crate) mod user_modes;
pub(crate) mod visible;
pub(crate) mod whowas;
