//! Which messages the server has confirmed.
//!
//! With `echo-message` the echo confirms a message, and `labeled-response` says which one. Without
//! it, the answer to a PING confirms whatever was sent before: a server handles the lines of one
//! connection in their order.

use std::collections::VecDeque;

use chat_protocol::casemapping;

/// Messages that may wait for their confirmation before the next is sent from a pipe. Small enough
/// for servers that answer a burst by closing the connection.
pub(crate) const WINDOW: usize = 8;

const BARRIER_PREFIX: &str = "sent-";

/// Messages on their way.
#[derive(Debug, Default)]
pub(crate) struct Delivery {
    waiting: VecDeque<Sent>,
    last_number: u64,
    barrier: Option<u64>,
    confirmed: u64,
    refused: u64,
}

#[derive(Debug)]
struct Sent {
    number: u64,
    target: String,
}

impl Delivery {
    /// Notes a message, and gives the label it may carry.
    pub(crate) fn sent(&mut self, target: &str) -> String {
        self.last_number += 1;
        self.waiting.push_back(Sent { number: self.last_number, target: target.to_owned() });
        self.last_number.to_string()
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// How many were confirmed or refused: it grows as long as the server answers.
    pub(crate) fn answered(&self) -> u64 {
        self.confirmed + self.refused
    }

    /// Whether one was refused.
    pub(crate) fn any_refused(&self) -> bool {
        self.refused > 0
    }

    /// An echo, or an `ACK`, of the message with this label, or else of the oldest to this target.
    pub(crate) fn confirm(&mut self, label: Option<&str>, target: &str) -> bool {
        let found = self.take(label, target);
        self.confirmed += u64::from(found);
        found
    }

    /// An error that answers the message with this label, or else the oldest to this target.
    pub(crate) fn refuse(&mut self, label: Option<&str>, target: &str) -> bool {
        let found = self.take(label, target);
        self.refused += u64::from(found);
        found
    }

    /// A message that could not even be sent.
    pub(crate) fn not_sent(&mut self) {
        self.refused += 1;
    }

    fn take(&mut self, label: Option<&str>, target: &str) -> bool {
        let found = self.waiting.iter().position(|sent| match label {
            Some(label) => sent.number.to_string() == label,
            None => casemapping::eq(&sent.target, target),
        });
        found.and_then(|at| self.waiting.remove(at)).is_some()
    }

    /// What to send as PING so that its answer confirms all that waits, unless one is on its way.
    pub(crate) fn barrier(&mut self) -> Option<String> {
        let last = self.waiting.back()?.number;
        if self.barrier.is_some() {
            return None;
        }
        self.barrier = Some(last);
        Some(format!("{BARRIER_PREFIX}{last}"))
    }

    /// The answer to a PING, whose token may be one of [`Delivery::barrier`].
    pub(crate) fn pong(&mut self, token: &str) {
        let number = token.strip_prefix(BARRIER_PREFIX).and_then(|number| number.parse().ok());
        let Some(number) = number.filter(|number| self.barrier == Some(*number)) else { return };
        self.barrier = None;
        while self.waiting.front().is_some_and(|sent| sent.number <= number) {
            self.waiting.pop_front();
            self.confirmed += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn echoes_confirm_by_label_or_in_order() {
        let mut delivery = Delivery::default();
        delivery.sent("#a");
        let second = delivery.sent("#a");
        assert!(delivery.confirm(Some(&second), "#elsewhere"));
        assert!(delivery.confirm(None, "#A"));
        assert!(!delivery.confirm(None, "#a"));
        assert_eq!((delivery.waiting(), delivery.answered()), (0, 2));
        assert!(!delivery.any_refused());
    }

    #[test]
    fn a_pong_confirms_what_was_sent_before_its_ping() {
        let mut delivery = Delivery::default();
        assert_eq!(delivery.barrier(), None);
        delivery.sent("#a");
        delivery.sent("#b");
        let token = delivery.barrier().unwrap();
        assert_eq!(delivery.barrier(), None);
        delivery.sent("#c");
        delivery.pong("sent-999");
        assert_eq!(delivery.waiting(), 3);
        assert!(delivery.refuse(None, "#b"));
        delivery.pong(&token);
        assert_eq!(delivery.waiting(), 1);
        assert!(delivery.any_refused());
        assert!(delivery.barrier().is_some());
    }
}
