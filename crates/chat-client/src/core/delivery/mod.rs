//! Which messages the server has confirmed.
//!
//! With `echo-message` the echo confirms a message: a label, or the message's own id, says which
//! one. Without it, the answer to a PING confirms whatever was sent before: a server handles the
//! lines of one connection in their order.
//!
//! A message is shown when its echo comes, not when it is typed: so everybody sees a room in one
//! order, nothing is shown twice, and what is on the screen is what the server has. One whose echo
//! does not come is reported with its text.

mod interrupted;

use std::collections::VecDeque;

use chat_protocol::casemapping;
use jiff::{SignedDuration, Timestamp};

use super::entry::Form;

/// Messages that may wait for their confirmation before the next is sent from a pipe. Small enough
/// for servers that answer a burst by closing the connection.
pub(crate) const WINDOW: usize = 8;

/// After this long without a confirmation, the user is told.
const LATE: SignedDuration = SignedDuration::from_secs(10);

const BARRIER_PREFIX: &str = "sent-";

/// Messages on their way.
#[derive(Debug, Default)]
pub(crate) struct Delivery {
    waiting: VecDeque<Sent>,
    last_number: u64,
    barrier: Option<u64>,
    confirmed: u64,
    refused: u64,
    any_lost: bool,
    id_prefix: String,
}

/// A message on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sent {
    number: u64,
    time: Timestamp,
    is_late: bool,
    way: Way,
    /// As whom it was sent, on a connection that has ended.
    author: Option<Author>,
    /// The name by which it is stored once, however often it is sent.
    pub(crate) id: String,
    /// Whom it is for.
    pub(crate) target: String,
    /// How it is said.
    pub(crate) form: Form,
    /// What it says.
    pub(crate) text: String,
}

/// Who has sent a message, by which the server knows it again.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Author {
    name: String,
    /// When the message was sent for the first time.
    since: Timestamp,
}

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// It waits for a connection.
    Unsent,
    /// It was sent on a connection that has ended since, and waits for another.
    Doubtful,
    /// It was sent, on the connection that there is.
    Sent,
}

impl Sent {
    /// The label it is sent with.
    pub(crate) fn label(&self) -> String {
        self.number.to_string()
    }

    fn waits_for_connection(&self) -> bool {
        self.way != Way::Sent
    }

    fn waits_for(&self, target: &str) -> bool {
        self.waits_for_connection() && casemapping::eq(&self.target, target)
    }
}

/// Which message an answer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which<'a> {
    /// The one with this label.
    Label(&'a str),
    /// The one with this id.
    Id(&'a str),
    /// The oldest to this target.
    Oldest(&'a str),
}

impl Delivery {
    /// Nothing sent yet. Ids start with the prefix, which is random.
    pub(crate) fn new(id_prefix: String) -> Self {
        Self { id_prefix, ..Self::default() }
    }

    /// Notes a message that is sent now.
    pub(crate) fn sent(&mut self, target: &str, form: Form, text: &str, time: Timestamp) -> Sent {
        let sent = self.new_message(target, form, text, time, Way::Sent);
        self.waiting.push_back(sent.clone());
        sent
    }

    fn new_message(
        &mut self,
        target: &str,
        form: Form,
        text: &str,
        time: Timestamp,
        way: Way,
    ) -> Sent {
        self.last_number += 1;
        let number = self.last_number;
        let id = format!("{}-{number}", self.id_prefix);
        let (target, text) = (target.to_owned(), text.to_owned());
        Sent { number, time, is_late: false, way, author: None, id, target, form, text }
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// When the oldest that may be confirmed was sent.
    pub(crate) fn oldest(&self) -> Option<Timestamp> {
        self.waiting.iter().find(|sent| sent.way == Way::Sent).map(|sent| sent.time)
    }

    /// How many were confirmed or refused: it grows as long as the server answers.
    pub(crate) fn answered(&self) -> u64 {
        self.confirmed + self.refused
    }

    /// Whether one was refused or lost.
    pub(crate) fn any_refused(&self) -> bool {
        self.refused > 0
    }

    /// An echo, or an `ACK`.
    pub(crate) fn confirm(&mut self, which: Which<'_>) -> bool {
        let found = self.take(which).is_some();
        self.confirmed += u64::from(found);
        found
    }

    /// An error that answers a message, which is given back.
    pub(crate) fn refuse(&mut self, which: Which<'_>) -> Option<Sent> {
        let found = self.take(which);
        self.refused += u64::from(found.is_some());
        found
    }

    /// A message that could not even be sent.
    pub(crate) fn not_sent(&mut self) {
        self.refused += 1;
    }

    /// Whether one was lost.
    pub(crate) fn any_lost(&self) -> bool {
        self.any_lost
    }

    /// Everything that waits, once nothing will be confirmed any more.
    pub(crate) fn lost(&mut self) -> Vec<Sent> {
        self.refused += self.waiting.len() as u64;
        self.any_lost |= !self.waiting.is_empty();
        self.waiting.drain(..).collect()
    }

    /// Messages that have become late. Each is named once.
    pub(crate) fn late(&mut self, now: Timestamp) -> Vec<Sent> {
        let is_late = |sent: &&mut Sent| now.duration_since(sent.time) >= LATE;
        let sent = self.waiting.iter_mut().filter(|sent| sent.way == Way::Sent);
        let late = sent.take_while(is_late).filter(|sent| !sent.is_late);
        late.map(|sent| {
            sent.is_late = true;
            sent.clone()
        })
        .collect()
    }

    fn take(&mut self, which: Which<'_>) -> Option<Sent> {
        let is_meant = |sent: &Sent| match which {
            Which::Label(label) => sent.label() == label,
            Which::Id(id) => sent.id == id,
            Which::Oldest(target) => casemapping::eq(&sent.target, target),
        };
        let at = self.waiting.iter().position(|sent| sent.way == Way::Sent && is_meant(sent))?;
        self.waiting.remove(at)
    }

    /// What to send as PING so that its answer confirms all that waits, unless one is on its way.
    pub(crate) fn barrier(&mut self) -> Option<String> {
        if self.barrier.is_some() { None } else { self.last_barrier() }
    }

    /// The same, whatever is on its way: nothing more will be sent.
    pub(crate) fn last_barrier(&mut self) -> Option<String> {
        let last = self.waiting.iter().rfind(|sent| sent.way == Way::Sent)?.number;
        self.barrier = Some(last);
        Some(format!("{BARRIER_PREFIX}{last}"))
    }

    /// The answer to a PING, whose token may be one of [`Delivery::barrier`].
    pub(crate) fn pong(&mut self, token: &str) {
        let number = token.strip_prefix(BARRIER_PREFIX).and_then(|number| number.parse().ok());
        let Some(number) = number.filter(|number| self.barrier == Some(*number)) else { return };
        self.barrier = None;
        let before = self.waiting.len();
        self.waiting.retain(|sent| sent.way != Way::Sent || sent.number > number);
        self.confirmed += (before - self.waiting.len()) as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(delivery: &mut Delivery, target: &str) -> (String, String) {
        let sent = delivery.sent(target, Form::Message, "x", Timestamp::default());
        (sent.label(), sent.id)
    }

    #[test]
    fn echoes_confirm_by_label_by_id_or_in_order() {
        let mut delivery = Delivery::new("r".to_owned());
        sent(&mut delivery, "#a");
        let (label, _) = sent(&mut delivery, "#a");
        let (_, id) = sent(&mut delivery, "#a");
        assert_eq!(id, "r-3");
        assert!(delivery.confirm(Which::Label(&label)));
        assert!(delivery.confirm(Which::Id(&id)));
        assert!(!delivery.confirm(Which::Id("r-2")));
        assert!(delivery.confirm(Which::Oldest("#A")));
        assert!(!delivery.confirm(Which::Oldest("#a")));
        assert_eq!((delivery.waiting(), delivery.answered()), (0, 3));
        assert!(!delivery.any_refused());
    }

    #[test]
    fn a_pong_confirms_what_was_sent_before_its_ping() {
        let mut delivery = Delivery::default();
        assert_eq!(delivery.barrier(), None);
        sent(&mut delivery, "#a");
        sent(&mut delivery, "#b");
        let token = delivery.barrier().unwrap();
        assert_eq!(delivery.barrier(), None);
        sent(&mut delivery, "#c");
        delivery.pong("sent-999");
        assert_eq!(delivery.waiting(), 3);
        assert_eq!(delivery.refuse(Which::Oldest("#b")).unwrap().target, "#b");
        delivery.pong(&token);
        assert_eq!(delivery.waiting(), 1);
        assert!(delivery.any_refused());
        assert!(delivery.barrier().is_some());
    }

    #[test]
    fn what_is_late_is_named_once_and_may_be_lost() {
        let mut delivery = Delivery::default();
        let start = Timestamp::default();
        delivery.sent("#a", Form::Message, "one", start);
        delivery.sent("#a", Form::Message, "two", start + LATE);
        assert!(delivery.late(start).is_empty());
        let late = delivery.late(start + LATE);
        assert_eq!((late.len(), late[0].text.as_str()), (1, "one"));
        assert!(delivery.late(start + LATE).is_empty());
        assert_eq!(delivery.lost().len(), 2);
        assert!(delivery.any_refused() && delivery.lost().is_empty());
    }
}
