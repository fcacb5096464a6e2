//! Every member of a room sees the room's messages in one order, however they come in and however
//! slowly they are read.

use std::collections::HashMap;
use std::sync::Barrier;
use std::thread;

use chat_tests::{Client, Line, Server};
use rustix::net::sockopt::set_socket_recv_buffer_size;

const SENDERS: usize = 8;
const READERS: usize = 2;
/// Messages of each sender.
const MESSAGES: usize = 1500;
/// Makes all messages together too much for the system's buffers of one socket (Linux: 4 MiB to be
/// sent), so that the server has to keep some.
const PADDING_BYTES: usize = 400;
/// Sizes of the pieces in which a sender's bytes leave, again and again: lines are cut anywhere.
const PIECES: [usize; 9] = [1, 200, 3, 17, 64, 2, 511, 40, 7];

#[test]
fn all_members_see_one_order() {
    one_order(false);
}

#[test]
fn a_member_who_reads_late_sees_the_same_order() {
    one_order(true);
}

fn one_order(with_late_reader: bool) {
    let server = Server::start("[limits]\nsend_queue_bytes_max = 8388608\n");
    let mut readers: Vec<Client> =
        (0..READERS).map(|at| member(&server, &format!("reader{at}"))).collect();
    let mut late = with_late_reader.then(|| late_reader(&server));
    let senders: Vec<Client> =
        (0..SENDERS).map(|at| member(&server, &format!("sender{at}"))).collect();
    let start = Barrier::new(SENDERS);
    let orders: Vec<Vec<String>> = thread::scope(|scope| {
        for (at, mut sender) in senders.into_iter().enumerate() {
            let start = &start;
            scope.spawn(move || {
                start.wait();
                talk(&mut sender, at);
                sender.is_served();
            });
        }
        let reading: Vec<_> =
            readers.iter_mut().map(|reader| scope.spawn(|| order_seen_by(reader))).collect();
        reading.into_iter().map(|reading| reading.join().expect("it saw all")).collect()
    });
    for order in &orders {
        assert_eq!(order, &orders[0]);
    }
    each_sender_is_in_order(&orders[0]);
    if let Some(late) = &mut late {
        set_socket_recv_buffer_size(late.stream(), 1 << 20).expect("a socket can be widened");
        assert_eq!(order_seen_by(late), orders[0]);
    }
}

#[track_caller]
fn member(server: &Server, name: &str) -> Client {
    Client::member(server, name, "#order", &[])
}

/// A member whose socket takes next to nothing until it is read from: the server parks its queue.
fn late_reader(server: &Server) -> Client {
    let late = member(server, "late");
    set_socket_recv_buffer_size(late.stream(), 64 << 10).expect("a socket can be narrowed");
    late
}

fn talk(sender: &mut Client, at: usize) {
    let padding = "x".repeat(PADDING_BYTES);
    let line = |message| format!("PRIVMSG #order :{at} {message} {padding}\r\n");
    let lines = (0..MESSAGES).map(line);
    let bytes = lines.collect::<String>().into_bytes();
    let mut rest = bytes.as_slice();
    for size in PIECES.iter().cycle() {
        let (piece, others) = rest.split_at(rest.len().min(*size));
        sender.write(piece).expect("the server reads on");
        rest = others;
        if rest.is_empty() {
            return;
        }
    }
}

fn order_seen_by(reader: &mut Client) -> Vec<String> {
    let messages = (0..SENDERS * MESSAGES).map(|_| reader.awaits("PRIVMSG #order *"));
    messages.map(|line: Line| line.parts().params[1].to_owned()).collect()
}

fn each_sender_is_in_order(order: &[String]) {
    let mut next: HashMap<&str, usize> = HashMap::new();
    for text in order {
        let mut words = text.split(' ');
        let (sender, message) =
            (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let expected = next.entry(sender).or_default();
        assert_eq!(message.parse(), Ok(*expected), "sender {sender}");
        *expected += 1;
    }
    assert_eq!(next.len(), SENDERS);
}
