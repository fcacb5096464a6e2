//! However the bytes are cut, the lines, the replies and the end are the same, and all of them are
//! bounded. The first bytes choose the limit and the cuts.

#![no_main]

use chat_http::websocket::{Close, Receiver, Sender, Subprotocol};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((&[max, seed], bytes)) = input.split_first_chunk() else { return };
    let max = usize::from(max) * 8;

    let whole = receive(max, std::iter::once(bytes));
    let mut size = usize::from(seed);
    let mut rest = bytes;
    let cut = std::iter::from_fn(|| {
        size = (size * 7 + 3) % 61 + 1;
        let (chunk, after) = rest.split_at(size.min(rest.len()));
        rest = after;
        Some(chunk).filter(|chunk| !chunk.is_empty())
    });
    assert_eq!(receive(max, cut), whole);

    let (end, lines, replies) = whole;
    assert!(lines.len() <= bytes.len() && replies.len() <= bytes.len() + 64);
    end.err().map(Close::frame);
    let mut frames = Vec::new();
    Sender::new(Subprotocol::Binary).push(&lines, &mut frames);
});

fn receive<'b>(
    max: usize,
    mut chunks: impl Iterator<Item = &'b [u8]>,
) -> (Result<(), Close>, Vec<u8>, Vec<u8>) {
    let mut receiver = Receiver::new(max);
    let (mut lines, mut replies) = (Vec::new(), Vec::new());
    let end = chunks.try_for_each(|chunk| receiver.receive(chunk, &mut lines, &mut replies));
    (end, lines, replies)
}
