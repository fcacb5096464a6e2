//! How fast a user does what others notice. `now` is passed in.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::limits::bucket::{Bucket, Rate};

use super::user::UserId;

/// Users that somebody has to do with and that are remembered.
const PARTNERS_MAX: usize = 50;

/// What a user does that has a pace of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// To take another nickname.
    ChangeNickname,
    Join,
    Invite,
    /// To write to a user it has not had to do with lately.
    Address,
}

impl Action {
    pub(crate) const COUNT: usize = 4;
}

/// The pace of one user, whichever of its devices it uses.
#[derive(Debug, Default)]
pub(crate) struct Paces {
    buckets: [Bucket; Action::COUNT],
    /// The last it has written to, and who have written to it.
    partners: VecDeque<UserId>,
}

impl Paces {
    /// Counts an action; the error says how long it takes until it may be done.
    pub(crate) fn take(
        &mut self,
        action: Action,
        rate: Rate,
        now: Instant,
    ) -> Result<(), Duration> {
        self.buckets[action as usize].take(rate, now)
    }

    /// Whether the two have written to each other lately.
    pub(crate) fn knows(&self, other: UserId) -> bool {
        self.partners.contains(&other)
    }

    /// One of the two has written to the other.
    pub(crate) fn meets(&mut self, other: UserId) {
        if self.knows(other) {
            return;
        }
        self.partners.truncate(PARTNERS_MAX - 1);
        self.partners.push_front(other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_action_has_a_pace_of_its_own() {
        let (mut paces, now) = (Paces::default(), Instant::now());
        let rate = Rate::new(1, Duration::from_secs(20), 2);
        for action in [Action::ChangeNickname, Action::Join, Action::Invite, Action::Address] {
            assert!((0..2).all(|_| paces.take(action, rate, now).is_ok()));
            assert_eq!(paces.take(action, rate, now), Err(Duration::from_secs(20)));
        }
    }

    #[test]
    fn the_last_partners_are_remembered() {
        let mut paces = Paces::default();
        let partners = 0..2 * PARTNERS_MAX as u64;
        for _ in 0..2 {
            partners.clone().for_each(|id| paces.meets(UserId(id)));
        }
        assert!(paces.knows(UserId(partners.end - 1)) && !paces.knows(UserId(0)));
        assert_eq!(paces.partners.len(), PARTNERS_MAX);
    }
}
