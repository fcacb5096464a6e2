//! Numbers by a code that is known only when it happens.

use std::collections::BTreeMap;
use std::sync::Mutex;

use crate::lock::lock;

/// How often, for each code. For what is rare: it takes a lock.
#[derive(Debug, Default)]
pub(crate) struct ByCode(Mutex<BTreeMap<u16, u64>>);

impl ByCode {
    pub(crate) fn count(&self, code: u16) {
        *lock(&self.0).entry(code).or_default() += 1;
    }

    pub(crate) fn all(&self) -> Vec<(u16, u64)> {
        lock(&self.0).iter().map(|(code, count)| (*code, *count)).collect()
    }
}
