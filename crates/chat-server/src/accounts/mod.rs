//! Proving who one is: passwords as verifiers, SASL, and names and texts of accounts. Values in,
//! values out; what lasts is behind the store.

pub(crate) mod decoy;
pub(crate) mod duration;
pub(crate) mod fingerprint;
pub(crate) mod moment;
pub(crate) mod name;
pub(crate) mod new_account;
pub(crate) mod sasl;
pub(crate) mod scram;
pub(crate) mod secret;
pub(crate) mod verifier;
