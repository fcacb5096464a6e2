//! What one end sends the other receives, however the bytes are cut.

use chat_http::websocket::{Close, Receiver, Sender, Subprotocol};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use tungstenite::protocol::frame::Frame;
use tungstenite::protocol::frame::coding::{Data, OpCode};
use tungstenite::protocol::{Message, Role, WebSocketContext};

const MESSAGE_BYTES_MAX: usize = 1024;

/// The pieces of one message.
fn message() -> impl Strategy<Value = Vec<String>> {
    vec("[^\r\n]{0,40}", 1..4)
}

fn opcode() -> impl Strategy<Value = Data> {
    prop_oneof![Just(Data::Text), Just(Data::Binary)]
}

/// A message as a client sends it, with a ping between any two pieces.
fn frames(pieces: &[String], opcode: Data, mask: [u8; 4]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (place, piece) in pieces.iter().enumerate() {
        if place > 0 {
            masked(Frame::ping(b"?".to_vec()), mask, &mut bytes);
        }
        let opcode = if place == 0 { opcode } else { Data::Continue };
        let frame = Frame::message(
            piece.clone().into_bytes(),
            OpCode::Data(opcode),
            place + 1 == pieces.len(),
        );
        masked(frame, mask, &mut bytes);
    }
    bytes
}

fn masked(mut frame: Frame, mask: [u8; 4], into: &mut Vec<u8>) {
    frame.header_mut().mask = Some(mask);
    frame.format(into).expect("a Vec takes what is written");
}

proptest! {
    #[test]
    fn every_line_arrives_and_every_ping_is_answered(
        messages in vec((message(), opcode()), 0..8),
        mask in any::<[u8; 4]>(),
        size in 1_usize..200,
    ) {
        let mut receiver = Receiver::new(MESSAGE_BYTES_MAX);
        let (mut lines, mut replies) = (Vec::new(), Vec::new());
        let bytes: Vec<u8> =
            messages.iter().flat_map(|(pieces, opcode)| frames(pieces, *opcode, mask)).collect();
        for chunk in bytes.chunks(size) {
            prop_assert_eq!(receiver.receive(chunk, &mut lines, &mut replies), Ok(()));
        }
        let expected: String =
            messages.iter().map(|(pieces, _)| pieces.concat() + "\r\n").collect();
        prop_assert_eq!(String::from_utf8(lines).unwrap(), expected);
        let pongs: usize = messages.iter().map(|(pieces, _)| pieces.len() - 1).sum();
        prop_assert_eq!(replies, b"\x8a\x01?".repeat(pongs));
    }

    #[test]
    fn what_is_sent_is_received(lines in vec("[^\r\n]{0,300}", 0..8), opcode in opcode()) {
        let subprotocol =
            if opcode == Data::Text { Subprotocol::Text } else { Subprotocol::Binary };
        let text: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
        let mut frames = Vec::new();
        Sender::new(subprotocol).push(text.as_bytes(), &mut frames);
        let mut stream = std::io::Cursor::new(frames);
        let mut client = WebSocketContext::new(Role::Client, None);
        for line in lines {
            let expected = match opcode {
                Data::Text => Message::text(line),
                _ => Message::binary(line.into_bytes()),
            };
            prop_assert_eq!(client.read(&mut stream).unwrap(), expected);
        }
    }

    #[test]
    fn any_bytes_end_somehow(bytes in vec(any::<u8>(), 0..400), size in 1_usize..50) {
        let ends = |size: usize| {
            let mut receiver = Receiver::new(MESSAGE_BYTES_MAX);
            let (mut lines, mut replies) = (Vec::new(), Vec::new());
            let mut chunks = bytes.chunks(size);
            let end = chunks.try_for_each(|it| receiver.receive(it, &mut lines, &mut replies));
            (end, lines, replies)
        };
        let whole = ends(usize::MAX);
        prop_assert!(whole.1.len() <= bytes.len() && whole.2.len() <= bytes.len() + 64);
        prop_assert!(!matches!(whole.0, Err(Close::Ended)));
        prop_assert_eq!(ends(size), whole);
    }
}
