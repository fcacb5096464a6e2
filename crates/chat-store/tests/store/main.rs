//! The default engine keeps what the trait promises.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod accounts;
mod audit;
mod backup;
mod bans;
mod history;
mod keep;
mod locked;
mod open;
mod search;
mod support;
