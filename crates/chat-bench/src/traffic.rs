//! Rooms, who is in them, who speaks in them, and what that amounts to.

use crate::swarm::{Connections, Names, Newcomer, Stamp};
use crate::verify::{Faults, Ledger};

/// What comes around a text on its way to a recipient: `:nick!~bench@127.0.0.1 PRIVMSG #room :` and
/// the line's ending. Servers differ by a few bytes.
pub(crate) const AROUND_TEXT_BYTES: usize = 45;

/// How many there are of what. Connections are numbered room by room; the first of each room speak.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) rooms: usize,
    pub(crate) members: usize,
    /// In each room.
    pub(crate) senders: usize,
    pub(crate) line_bytes: usize,
    /// Half of the members negotiate capabilities.
    pub(crate) caps_half: bool,
}

/// The messages of all senders and their deliveries.
pub(crate) struct Traffic {
    shape: Shape,
    ledger: Ledger,
    /// By sender: a line without its sequence number.
    lines: Vec<String>,
    /// By sender: messages sent.
    sent: Vec<u32>,
    pub(crate) deliveries: u64,
}

impl Shape {
    pub(crate) const fn connections(self) -> usize {
        self.rooms * self.members
    }

    pub(crate) const fn senders(self) -> usize {
        self.rooms * self.senders
    }

    pub(crate) fn newcomers(self, names: &Names) -> impl Iterator<Item = Newcomer> {
        (0..self.connections()).map(move |id| Newcomer {
            nickname: names.nickname(id),
            room: Some(names.room(id / self.members)),
            with_capabilities: self.has_capabilities(id),
        })
    }

    /// Who is next when all take turns, room by room.
    pub(crate) const fn sender_of(self, order: u64) -> usize {
        let turn = order as usize % self.senders();
        turn % self.rooms * self.senders + turn / self.rooms
    }

    /// The place of a message in that order.
    pub(crate) const fn order_of(self, stamp: Stamp) -> u64 {
        let sender = stamp.sender as usize;
        let turn = sender % self.senders * self.rooms + sender / self.senders;
        stamp.sequence as u64 * self.senders() as u64 + turn as u64
    }

    const fn connection_of(self, sender: usize) -> usize {
        sender / self.senders * self.members + sender % self.senders
    }

    const fn has_capabilities(self, id: usize) -> bool {
        self.caps_half && id % 2 == 1
    }

    /// Deliveries of one message: to all others, and an echo if that was negotiated.
    pub(crate) const fn recipients(self, sender: usize) -> usize {
        self.members - 1 + self.has_capabilities(self.connection_of(sender)) as usize
    }

    fn stream(self, recipient: usize, sender: usize) -> Option<usize> {
        let is_in_room =
            sender < self.senders() && recipient / self.members == sender / self.senders;
        is_in_room.then(|| recipient * self.senders + sender % self.senders)
    }

    fn ends_of(self, stream: usize) -> (usize, usize) {
        let recipient = stream / self.senders;
        (recipient, recipient / self.members * self.senders + stream % self.senders)
    }
}

impl Traffic {
    pub(crate) fn new(shape: Shape, names: &Names) -> Self {
        let text_bytes = shape.line_bytes.saturating_sub(AROUND_TEXT_BYTES);
        let line = |sender: usize| {
            let number = u32::try_from(sender).expect("there are not that many senders");
            let text = Stamp::prefix(number, text_bytes);
            format!("PRIVMSG {} :{text}", names.room(sender / shape.senders))
        };
        Self {
            shape,
            ledger: Ledger::new(shape.connections() * shape.senders),
            lines: (0..shape.senders()).map(line).collect(),
            sent: vec![0; shape.senders()],
            deliveries: 0,
        }
    }

    /// Sends messages in one write.
    pub(crate) fn send(&mut self, connections: &mut Connections, sender: usize, count: u32) {
        let id = self.shape.connection_of(sender);
        for _ in 0..count {
            connections.queue(id, self.lines[sender].as_bytes());
            connections.queue(id, &Stamp::suffix(self.sent[sender]));
            self.sent[sender] += 1;
        }
        connections.flush(id);
    }

    /// Notes a delivery; false if it should not have happened.
    pub(crate) fn receive(&mut self, recipient: usize, stamp: Stamp) -> bool {
        let sender = stamp.sender as usize;
        let stream = self.shape.stream(recipient, sender);
        let stream = stream.filter(|_| stamp.sequence < self.sent[sender]);
        let Some(stream) = stream else {
            self.ledger.stray(recipient, stamp.sender, stamp.sequence);
            return false;
        };
        let is_new = self.ledger.receive(stream, stamp.sequence);
        self.deliveries += u64::from(is_new);
        is_new
    }

    pub(crate) fn messages(&self) -> u64 {
        self.sent.iter().copied().map(u64::from).sum()
    }

    pub(crate) fn is_all_delivered(&self) -> bool {
        let sent = self.sent.iter().enumerate();
        let expected =
            sent.map(|(sender, &sent)| u64::from(sent) * self.shape.recipients(sender) as u64);
        self.deliveries == expected.sum::<u64>()
    }

    pub(crate) fn faults(&self) -> Faults {
        self.ledger.settle(|stream| {
            let (recipient, sender) = self.shape.ends_of(stream);
            let is_own = recipient == self.shape.connection_of(sender);
            let is_owed = !is_own || self.shape.has_capabilities(recipient);
            if is_owed { self.sent[sender] } else { 0 }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape =
        Shape { rooms: 3, members: 5, senders: 2, line_bytes: 100, caps_half: true };

    #[test]
    fn streams_are_within_a_room() {
        assert_eq!(SHAPE.connection_of(3), 6);
        assert_eq!(SHAPE.stream(9, 3), Some(19));
        assert_eq!(SHAPE.ends_of(19), (9, 3));
        assert_eq!(SHAPE.stream(4, 3), None);
        assert_eq!(SHAPE.stream(14, 6), None);
    }

    #[test]
    fn senders_take_turns() {
        let senders: Vec<_> = (0..7).map(|order| SHAPE.sender_of(order)).collect();
        assert_eq!(senders, [0, 2, 4, 1, 3, 5, 0]);
        assert_eq!(SHAPE.order_of(Stamp { sender: 3, sequence: 2 }), 16);
    }

    #[test]
    fn an_echo_is_owed_where_it_was_negotiated() {
        assert_eq!(SHAPE.recipients(0), 4);
        assert_eq!(SHAPE.recipients(1), 5);
    }

    #[test]
    fn what_nobody_sent_is_a_fault() {
        let mut traffic = Traffic::new(SHAPE, &Names::of_this_run());
        assert!(traffic.is_all_delivered());
        assert!(!traffic.receive(0, Stamp { sender: 1, sequence: 0 }));
        assert_eq!(traffic.faults().stray, 1);
    }
}
