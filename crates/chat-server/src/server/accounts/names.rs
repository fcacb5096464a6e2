//! What is known of all accounts without asking the store: their names, so that who takes a nickname of
//! nobody's does not wait for it, and how well their passwords are kept.

use std::collections::{BTreeMap, HashSet};
use std::sync::Mutex;

use chat_store::{AccountName, StoreError};

use crate::lock::lock;
use crate::server::Server;

#[derive(Debug, Default)]
pub(super) struct Names(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// Folded: of every account, and perhaps of some that are gone.
    names: HashSet<String>,
    /// How many accounts have verifiers of so many rounds, as of the last review.
    iterations: BTreeMap<u32, u64>,
}

impl Names {
    /// Whether there may be an account of this name.
    pub(super) fn may_have(&self, name: &AccountName) -> bool {
        lock(&self.0).names.contains(name.key())
    }

    pub(super) fn add(&self, name: &AccountName) {
        lock(&self.0).names.insert(name.key().to_owned());
    }

    /// The iterations of the account at this place, a fraction of 2³²; none if there is no account.
    pub(super) fn iterations_at(&self, place: u32) -> Option<u32> {
        at(&lock(&self.0).iterations, place)
    }
}

impl Server {
    /// Looks at all accounts again: another process may have made some.
    pub(crate) fn review_names(&self) -> Result<(), StoreError> {
        let mut known = Known::default();
        for account in self.store.accounts()? {
            known.names.insert(account.name.key().to_owned());
            if let Some(verifier) = account.verifier {
                *known.iterations.entry(verifier.iterations).or_default() += 1;
            }
        }
        *lock(&self.accounts.names.0) = known;
        Ok(())
    }

    /// An account has this name from now on.
    pub(crate) fn account_is_called(&self, name: &AccountName) {
        self.accounts.names.add(name);
    }
}

fn at(iterations: &BTreeMap<u32, u64>, place: u32) -> Option<u32> {
    let mut rest = (iterations.values().sum::<u64>() * u64::from(place)) >> 32;
    iterations.iter().find_map(|(iterations, count)| match rest.checked_sub(*count) {
        Some(left) => {
            rest = left;
            None
        }
        None => Some(*iterations),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_without_an_account_are_spread_as_accounts_are() {
        let iterations = BTreeMap::from([(4096, 1), (600_000, 3)]);
        let places = (0..8).map(|eighth: u32| eighth << 29);
        let found: Vec<_> = places.filter_map(|place| at(&iterations, place)).collect();
        assert_eq!(found, [4096, 4096, 600_000, 600_000, 600_000, 600_000, 600_000, 600_000]);
        assert_eq!(at(&iterations, u32::MAX), Some(600_000));
        assert_eq!(at(&BTreeMap::new(), u32::MAX), None);
    }

    #[test]
    fn with_more_accounts_of_more_iterations_a_place_moves_up_only() {
        for place in (0..64).map(|part: u32| part << 26) {
            let found: Vec<_> = (0..50)
                .map(|added| at(&BTreeMap::from([(4096, 10), (600_000, added)]), place))
                .collect();
            assert!(found.is_sorted(), "{place}: {found:?}");
        }
    }
}
