//! Messages that a connection has left behind when it ended, and those that wait for another one.

use chat_protocol::casemapping;
use jiff::{SignedDuration, Timestamp};

use super::{Author, Delivery, Sent, WINDOW, Way};
use crate::core::entry::Form;

/// Messages that may wait for a connection.
const UNSENT_MAX: usize = 50;

/// For how long a server is counted on to know a message by its id: somewhat less than the day that
/// it does.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(23);

impl Delivery {
    /// Notes a message that waits for a connection. It is given back if too many do.
    pub(crate) fn postponed(
        &mut self,
        target: &str,
        form: Form,
        text: &str,
        time: Timestamp,
    ) -> Option<Sent> {
        let message = self.new_message(target, form, text, time, Way::Unsent);
        if self.waiting.iter().filter(|sent| sent.waits_for_connection()).count() >= UNSENT_MAX {
            self.refused += 1;
            return Some(message);
        }
        self.waiting.push_back(message);
        None
    }

    /// The connection is gone, and another is hoped for. Who is the same author then can send again
    /// what has not been confirmed; without an author it is given back.
    pub(crate) fn interrupted(&mut self, author: Option<&str>) -> Vec<Sent> {
        self.barrier = None;
        if author.is_none() {
            let lost = self.take_out(|sent| sent.way == Way::Sent);
            return self.take_as_refused(lost);
        }
        for sent in self.waiting.iter_mut().filter(|sent| sent.way == Way::Sent) {
            sent.way = Way::Doubtful;
            let since = sent.author.as_ref().map_or(sent.time, |author| author.since);
            sent.author = author.map(|name| Author { name: name.to_owned(), since });
        }
        Vec::new()
    }

    /// How many there are of which nobody knows whether they are stored.
    pub(crate) fn doubtful(&self) -> usize {
        self.waiting.iter().filter(|sent| sent.way == Way::Doubtful).count()
    }

    /// Takes out those for a target of which nobody knows whether they are stored, and which the
    /// server would not know again: another author has sent them, or they are too old.
    pub(crate) fn take_doubtful(
        &mut self,
        target: &str,
        author: Option<&str>,
        now: Timestamp,
    ) -> Vec<Sent> {
        let is_known = |it: &Author| {
            author == Some(it.name.as_str()) && now.duration_since(it.since) < REMEMBERED
        };
        let taken = self.take_out(|sent| {
            let is_doubtful = sent.way == Way::Doubtful && sent.waits_for(target);
            is_doubtful && !sent.author.as_ref().is_some_and(is_known)
        });
        self.take_as_refused(taken)
    }

    /// Takes out those for a target that wait for a connection: it will not take any.
    pub(crate) fn take_unsent(&mut self, target: &str) -> Vec<Sent> {
        let taken = self.take_out(|sent| sent.waits_for(target));
        self.take_as_refused(taken)
    }

    fn take_out(&mut self, is_meant: impl FnMut(&Sent) -> bool) -> Vec<Sent> {
        let (taken, kept): (Vec<Sent>, Vec<Sent>) = self.waiting.drain(..).partition(is_meant);
        self.waiting = kept.into();
        taken
    }

    fn take_as_refused(&mut self, taken: Vec<Sent>) -> Vec<Sent> {
        self.refused += taken.len() as u64;
        taken
    }

    /// Whether one for this target waits for a connection.
    pub(crate) fn has_unsent(&self, target: &str) -> bool {
        self.waiting.iter().any(|sent| sent.waits_for(target))
    }

    /// The targets of those that wait for a connection.
    pub(crate) fn unsent_targets(&self) -> Vec<String> {
        let mut targets: Vec<String> = Vec::new();
        for sent in self.waiting.iter().filter(|sent| sent.waits_for_connection()) {
            if !targets.iter().any(|target| casemapping::eq(target, &sent.target)) {
                targets.push(sent.target.clone());
            }
        }
        targets
    }

    /// Those for a target that wait for a connection, which are sent now, with new labels. Others
    /// follow once these are confirmed.
    pub(crate) fn resent(&mut self, target: &str, now: Timestamp) -> Vec<Sent> {
        let under_way = self.waiting.iter().filter(|sent| sent.way == Way::Sent).count();
        let mut room = WINDOW.saturating_sub(under_way);
        let mut resent = Vec::new();
        for sent in self.take_out(|sent| sent.waits_for(target) && take_one(&mut room)) {
            self.last_number += 1;
            let number = self.last_number;
            resent.push(Sent { number, time: now, is_late: false, way: Way::Sent, ..sent });
        }
        self.waiting.extend(resent.iter().cloned());
        resent
    }
}

fn take_one(room: &mut usize) -> bool {
    let is_there = *room > 0;
    *room = room.saturating_sub(1);
    is_there
}

#[cfg(test)]
mod tests {
    use super::super::{LATE, Which};
    use super::*;

    #[test]
    fn what_a_connection_has_left_is_sent_again_in_its_order_and_with_its_id() {
        let mut delivery = Delivery::new("r".to_owned());
        let now = Timestamp::default();
        let first = delivery.sent("#a", Form::Message, "x", now).id;
        delivery.sent("#b", Form::Message, "x", now);
        delivery.barrier().unwrap();
        assert!(delivery.interrupted(Some("alice")).is_empty());
        assert!(delivery.interrupted(None).is_empty(), "nothing was sent on that connection");
        assert_eq!(delivery.doubtful(), 2);
        assert!(delivery.postponed("#A", Form::Action, "later", now).is_none());
        assert!(!delivery.confirm(Which::Id(&first)), "nothing is confirmed without a connection");
        assert!(delivery.barrier().is_none() && delivery.late(now + LATE).is_empty());
        assert_eq!(delivery.unsent_targets(), ["#a", "#b"]);
        let again = delivery.resent("#a", now);
        let parts: Vec<_> = again.iter().map(|it| (it.id.as_str(), it.label())).collect();
        assert_eq!(parts, [("r-1", "4".to_owned()), ("r-3", "5".to_owned())]);
        let token = delivery.last_barrier().unwrap();
        delivery.pong(&token);
        assert_eq!((delivery.waiting(), delivery.unsent_targets()), (1, vec!["#b".to_owned()]));
        assert!(delivery.take_doubtful("#b", Some("alice"), now).is_empty());
        assert_eq!(delivery.take_doubtful("#b", None, now).len(), 1);
        assert!(delivery.any_refused());
    }

    #[test]
    fn what_the_server_has_forgotten_by_now_is_not_sent_again() {
        let mut delivery = Delivery::default();
        let after = |hours| Timestamp::default() + SignedDuration::from_hours(hours);
        delivery.sent("#a", Form::Message, "x", after(0));
        delivery.interrupted(Some("alice"));
        assert_eq!(delivery.resent("#a", after(12)).len(), 1);
        delivery.interrupted(Some("alice"));
        assert!(delivery.take_doubtful("#a", Some("alice"), after(22)).is_empty());
        assert_eq!(delivery.take_doubtful("#a", Some("alice"), after(23)).len(), 1);
    }

    #[test]
    fn not_more_wait_for_a_connection_than_anybody_would_type() {
        let mut delivery = Delivery::default();
        let mut postpone =
            || delivery.postponed("#a", Form::Message, "x", Timestamp::default()).is_none();
        assert!((0..UNSENT_MAX).all(|_| postpone()));
        assert!(!postpone());
        assert!(delivery.any_refused());
    }
}
